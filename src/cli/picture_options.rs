//! How pictures look: the arguments.

use clap::{Args, ValueEnum};

use crate::cli::stop::Stop;
use crate::report::heatmap::{Format, Palette};
use crate::report::picture::{Labels, Look};

/// How the heat maps of a sweep look.
#[derive(Debug, Args)]
#[command(next_help_heading = "How pictures look")]
pub struct PictureOptions {
    /// Title of each picture; the measure ("Linear CKA") unless given
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What the two networks are called; as their files unless given
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub names: Option<Vec<String>>,
    /// How layers are called: short (without what all names begin and end with, which the axis
    /// says), full, or index (numbers from 0)
    #[arg(long, value_enum, value_name = "short|full|index", default_value_t)]
    pub labels: LabelStyle,
    /// Values of the first and the last color
    #[arg(long, num_args = 2, value_names = ["LEAST", "LARGEST"], allow_negative_numbers = true)]
    pub range: Option<Vec<f64>>,
    /// Outline nothing: neither the largest value of a row nor the diagonal
    #[arg(long)]
    pub no_marks: bool,
    /// Colors, even to the eye: magma, viridis, cividis, or gray
    #[arg(long, value_name = "COLORS", default_value_t)]
    pub cmap: Palette,
    /// Width of each picture, with its unit: 3.25in, 8cm. A PNG has 300 pixels an inch then, else
    /// 288 (fewer where it would be huge), and says so in itself
    #[arg(long, value_name = "WIDTH", value_parser = inches)]
    pub width: Option<f64>,
    /// Size of the layers' names in points, the other texts to match: 9 unless given, or what the
    /// width makes of it
    #[arg(long, value_name = "POINTS", value_parser = points)]
    pub font_size: Option<f64>,
    /// Write each picture as PDF too, with its font inside
    #[arg(long)]
    pub pdf: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LabelStyle {
    #[default]
    Short,
    Full,
    Index,
}

/// A length in inches.
fn inches(text: &str) -> Result<f64, String> {
    let units = [("in", 1.0), ("cm", 2.54), ("mm", 25.4)];
    let length = units.iter().find_map(|(unit, an_inch)| Some(text.strip_suffix(unit)?.trim().parse::<f64>().ok()? / an_inch));
    match length {
        Some(length) if Format::WIDTHS.contains(&length) => Ok(length),
        Some(length) if length.is_finite() => Err(format!("{length:.4} inches; a width is 0.5 to 200 inches (1.27 to 508 cm)")),
        _ => Err("a width is a number with its unit: 3.25in, 8cm or 80mm".to_string()),
    }
}

/// A size of letters in points.
fn points(text: &str) -> Result<f64, String> {
    let size = text.strip_suffix("pt").unwrap_or(text).trim().parse::<f64>();
    size.ok().filter(|size| Format::LETTERS.contains(size)).ok_or_else(|| "letters are of 1 to 144 points".to_string())
}

impl PictureOptions {
    /// Asks, before anything is computed, that pictures can look so; and that there will be some,
    /// where options say how they look.
    pub fn check(&self, has_pictures: bool) -> Result<(), Stop> {
        if let Some([least, largest]) = self.range.as_deref()
            && (least >= largest || !(largest - least).is_finite())
        {
            let why = format!("--range {least} {largest}: the value of the first color must be below that of the last, and both finite");
            return Err(Stop::Unusable(why));
        }
        let given = [
            ("--title", self.title.is_some()),
            ("--names", self.names.is_some()),
            ("--labels", self.labels != LabelStyle::default()),
            ("--range", self.range.is_some()),
            ("--no-marks", self.no_marks),
            ("--cmap", self.cmap != Palette::default()),
            ("--width", self.width.is_some()),
            ("--font-size", self.font_size.is_some()),
            ("--pdf", self.pdf),
        ];
        match given.into_iter().find(|(_, given)| *given && !has_pictures) {
            Some((option, _)) => Err(Stop::Unusable(format!("{option} says how pictures look, and without -o DIR none is drawn"))),
            None => Ok(()),
        }
    }

    /// What they say.
    pub fn look(&self) -> Look {
        let labels = match self.labels {
            LabelStyle::Short => Labels::Short,
            LabelStyle::Full => Labels::Full,
            LabelStyle::Index => Labels::Index,
        };
        let names = self.names.as_ref().and_then(|names| Some((names.first()?.clone(), names.get(1)?.clone())));
        let range = self.range.as_ref().and_then(|range| Some((*range.first()?, *range.get(1)?)));
        let format = Format { palette: self.cmap, width: self.width, font_size: self.font_size };
        Look { title: self.title.clone(), names, labels, range, without_marks: self.no_marks, format, with_pdf: self.pdf }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_has_a_unit() {
        assert_eq!((inches("3.25in"), inches("8 cm"), inches("25.4mm")), (Ok(3.25), Ok(8.0 / 2.54), Ok(1.0)));
        for wrong in ["3.25", "in", "-1cm", "0in", "infcm", "nanin", "1cm", "201in"] {
            assert!(inches(wrong).is_err(), "{wrong}");
        }
    }
}
