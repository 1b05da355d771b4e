//! Line charts and scatter plots, several beside each other.

use kuva::backend::svg::SvgBackend;
use kuva::prelude::*;

/// Colors that remain apart for color-blind eyes (Okabe and Ito's).
pub const COLORS: [&str; 13] = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6E4B9E", "#999999", "#333333", "#7A4A1E", "#A6D854", "#B00020",
    "#00CED1",
];

/// Letters on an axis above which the words below it stand aslant.
const CROWDED: usize = 30;

/// What is drawn in a chart.
#[derive(Debug, Clone)]
pub enum Series {
    /// Points joined by a line.
    Line(Points),
    /// Points alone.
    Dots(Points),
}

/// Points with what is known of them.
#[derive(Debug, Clone, Default)]
pub struct Points {
    /// Its name in the legend; empty: none.
    pub name: String,
    /// Places.
    pub places: Vec<(f64, f64)>,
    /// Half the width of a band around each, such as a standard error; empty: none.
    pub error: Vec<f64>,
    /// The same as bars, for series whose bands would hide each other; empty: none.
    pub bars: Vec<f64>,
    /// Bars to the left and right of points alone; empty: none.
    pub x_bars: Vec<f64>,
    /// The color of the series, by number: series of different numbers have different colors, up to
    /// thirteen.
    pub color: usize,
    /// The place of the series among so many that follow each other, such as layers: from dark to
    /// bright in their order, in place of `color`.
    pub shade: Option<(usize, usize)>,
    /// The color of each point, where they differ; empty: all alike.
    pub colors: Vec<String>,
}

impl Points {
    /// Points at x = 1, 2, ... for the values there are.
    pub fn by_place(name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>, color: usize) -> Self {
        let places = values.into_iter().enumerate().filter_map(|(place, value)| Some((place as f64 + 1.0, value?))).collect();
        Self { name: name.into(), places, color, ..Self::default() }
    }
}

/// One chart.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Written above.
    pub title: String,
    /// What x is.
    pub x: String,
    /// What y is.
    pub y: String,
    /// The ends of the y axis, where the data shall not decide.
    pub y_range: Option<(f64, f64)>,
    /// What stands at x = 1, 2, ... on the axis; empty: numbers.
    pub ticks: Vec<String>,
    /// What is drawn.
    pub series: Vec<Series>,
}

impl Chart {
    /// Draws charts beside each other, `columns` in a row, as SVG.
    pub fn draw(charts: &[Chart], columns: usize) -> String {
        let columns = columns.clamp(1, charts.len().max(1));
        let plots: Vec<Vec<Plot>> = charts.iter().map(Chart::plots).collect();
        let layouts = charts.iter().zip(&plots).map(|(chart, plots)| chart.layout(plots)).collect();
        let scene = Figure::new(charts.len().div_ceil(columns), columns)
            .with_cell_size(470.0, 330.0)
            .with_plots(plots)
            .with_layouts(layouts)
            .render();
        SvgBackend::new().render_scene(&scene)
    }

    fn plots(&self) -> Vec<Plot> {
        self.series.iter().map(Series::plot).collect()
    }

    fn layout(&self, plots: &[Plot]) -> Layout {
        let mut layout = Layout::auto_from_plots(plots)
            .with_title(&self.title)
            .with_x_label(&self.x)
            .with_y_label(&self.y)
            .with_title_size(14)
            .with_label_size(12)
            .with_tick_size(10)
            .with_body_size(10)
            .with_legend_position(LegendPosition::OutsideRightTop);
        if let Some((lower, upper)) = self.y_range {
            layout = layout.with_y_axis_min(lower).with_y_axis_max(upper);
        }
        if !self.ticks.is_empty() {
            layout = layout.with_x_categories(self.ticks.clone()).with_x_axis_min(0.5).with_x_axis_max(self.ticks.len() as f64 + 0.5);
            if self.ticks.iter().map(String::len).sum::<usize>() > CROWDED {
                layout = layout.with_x_tick_rotate(-45.0);
            }
        }
        layout
    }
}

impl Series {
    /// Whether nothing of it would be seen.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Line(points) | Self::Dots(points) => points.places.is_empty(),
        }
    }

    fn plot(&self) -> Plot {
        match self {
            Self::Line(points) => line(points).into(),
            Self::Dots(points) => {
                let mut dots = ScatterPlot::new()
                    .with_data(points.places.clone())
                    .with_color(color(points))
                    .with_size(if points.places.len() > 300 { 1.6 } else { 3.0 });
                if !points.colors.is_empty() {
                    dots = dots.with_colors(points.colors.clone());
                }
                let every = |bars: &[f64]| bars.len() == points.places.len() && bars.iter().any(|bar| *bar > 0.0);
                if every(&points.bars) {
                    dots = dots.with_y_err(points.bars.iter().copied());
                }
                if every(&points.x_bars) {
                    dots = dots.with_x_err(points.x_bars.iter().copied());
                }
                if !points.name.is_empty() {
                    dots = dots.with_legend(&points.name);
                }
                dots.into()
            }
        }
    }
}

fn line(points: &Points) -> LinePlot {
    let mut line = LinePlot::new().with_data(points.places.clone()).with_color(color(points)).with_stroke_width(1.8);
    if !points.name.is_empty() {
        line = line.with_legend(&points.name);
    }
    if points.error.len() == points.places.len() && !points.error.is_empty() {
        let edge = |sign: f64| points.places.iter().zip(&points.error).map(move |((_, y), error)| y + sign * error).collect::<Vec<f64>>();
        line = line.with_band(edge(-1.0), edge(1.0));
    }
    if points.bars.len() == points.places.len() && !points.bars.is_empty() {
        line = line.with_y_err(points.bars.iter().copied());
    }
    line
}

fn color(points: &Points) -> String {
    match points.shade {
        Some((place, count)) => shade(place as f64 / (count.max(2) - 1) as f64),
        None => COLORS[points.color % COLORS.len()].to_owned(),
    }
}

/// From dark violet by green to a yellow that is seen on white.
fn shade(share: f64) -> String {
    const STOPS: [[f64; 3]; 3] = [[68.0, 1.0, 84.0], [33.0, 145.0, 140.0], [216.0, 180.0, 0.0]];
    let place = 2.0 * share.clamp(0.0, 1.0);
    let first = (place as usize).min(1);
    let channel = |of: usize| (STOPS[first][of] + (place - first as f64) * (STOPS[first + 1][of] - STOPS[first][of])).round() as u8;
    format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_stand_beside_each_other_with_their_words() {
        let chart = |title: &str| Chart {
            title: title.to_owned(),
            x: "width".to_owned(),
            y: "likeness".to_owned(),
            ticks: ["four", "eight", "sixteen"].map(str::to_owned).to_vec(),
            series: vec![
                Series::Line(Points { error: vec![0.1, 0.1], ..Points::by_place("conv1", [Some(0.2), None, Some(0.4)], 0) }),
                Series::Dots(Points { colors: vec!["#123456".to_owned()], ..Points::by_place("", [Some(0.3)], 1) }),
            ],
            ..Chart::default()
        };
        let svg = Chart::draw(&[chart("left"), chart("right")], 2);
        for text in ["left", "right", "width", "likeness", "conv1", "#123456", "eight"] {
            assert!(svg.contains(text), "{text}");
        }
        let attribute =
            |name: &str| svg.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
        let size = |name: &str| attribute(name).and_then(|value| value.parse::<f64>().ok()).unwrap();
        assert!(size(" width") > size(" height"), "two charts in one row are wider than high");
    }

    #[test]
    fn series_that_follow_each_other_go_from_dark_to_bright() {
        let of = |place| color(&Points { shade: Some((place, 3)), ..Points::default() });
        assert_eq!([of(0), of(1), of(2)], ["#440154", "#21918c", "#d8b400"]);
        assert!(Series::Dots(Points::default()).is_empty() && !Series::Line(Points::by_place("", [Some(1.0)], 0)).is_empty());
    }

    /// A bar is drawn with the ink of its point: two more paths than without.
    #[test]
    fn points_have_bars() {
        let lines = |bars: Vec<f64>| {
            let points = Points { x_bars: bars.clone(), bars, ..Points::by_place("", [Some(0.2), Some(0.4)], 0) };
            let svg = Chart::draw(&[Chart { series: vec![Series::Dots(points)], ..Chart::default() }], 1);
            svg.matches("<line").count() + svg.matches("<path").count()
        };
        assert!(lines(vec![0.1, 0.1]) > lines(Vec::new()));
        assert_eq!(lines(vec![0.0, 0.0]), lines(Vec::new()));
    }

    /// Where a value is missing, the others keep their places.
    #[test]
    fn values_stand_at_their_places() {
        assert_eq!(Points::by_place("", [Some(0.2), None, Some(0.4)], 0).places, [(1.0, 0.2), (3.0, 0.4)]);
    }
}
