//! How pictures look: the arguments.

use clap::{Args, ValueEnum};

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
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LabelStyle {
    #[default]
    Short,
    Full,
    Index,
}

impl PictureOptions {
    /// What they say.
    pub fn look(&self) -> Look {
        let labels = match self.labels {
            LabelStyle::Short => Labels::Short,
            LabelStyle::Full => Labels::Full,
            LabelStyle::Index => Labels::Index,
        };
        let names = self.names.as_ref().and_then(|names| Some((names.first()?.clone(), names.get(1)?.clone())));
        let range = self.range.as_ref().and_then(|range| Some((*range.first()?, *range.get(1)?)));
        Look { title: self.title.clone(), names, labels, range, without_marks: self.no_marks }
    }
}
