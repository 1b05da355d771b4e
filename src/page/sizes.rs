//! Sample-size curves: as a document beside the results, as a table, and on the page.

use serde::{Deserialize, Serialize};

use super::{Figure, Section};
use crate::report::heatmap::curve::{Point, SampleSizes, sample_sizes};
use crate::report::heatmap::tree::Around;
use crate::report::{csv as table, visible};
use crate::results::Scores;

/// The curves of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// The version of this library.
    pub similitude: String,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Measures and pairs without a curve, and why.
    pub left_out: Vec<(String, String)>,
}

/// A pair of layers by one measure, at several numbers of examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The measure with its full convention.
    pub measure: String,
    /// The measure as a title says it.
    pub title: String,
    /// Its name along an axis.
    pub short: String,
    /// The layer of the first network.
    pub layer_a: String,
    /// The layer of the second network.
    pub layer_b: String,
    /// Why this pair: it is the most similar one, or was asked for.
    pub chosen: String,
    /// All examples.
    pub n: usize,
    /// The value of all examples, as it stands in the table of scores.
    pub value: f64,
    /// Random subsets of each size.
    pub subsets: usize,
    /// The seed that they are drawn from.
    pub seed: u64,
    /// The share of the values between the ends of an interval.
    pub level: f64,
    /// The sizes, rising.
    pub sizes: Vec<Size>,
    /// a of the curve a + b/n.
    pub limit: f64,
    /// b
    pub slope: f64,
    /// How far the curve is from the means at the most, beyond two standard errors.
    pub misfit: f64,
    /// How near to its limit a value is to be.
    pub tolerance: f64,
    /// The examples that this needs, at the level.
    pub needed: Option<f64>,
    /// Why that is not known.
    pub unknown: Option<String>,
}

/// Subsets of one size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// Examples of a subset.
    pub n: usize,
    /// The mean of the values.
    pub mean: f64,
    /// The standard error of one value of so many examples.
    pub standard_error: f64,
    /// The lower end of the middle of the values.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

impl Curves {
    /// Whether they are of these scores: each curve's value stands at its pair of layers.
    pub fn is_of(&self, scores: &Scores) -> bool {
        self.curves.iter().all(|curve| {
            scores.records().any(|record| {
                record.measure == curve.measure
                    && record.layer_a.name == curve.layer_a
                    && record.layer_b.name == curve.layer_b
                    && record.n == curve.n
                    && record.outcome.value() == Some(curve.value)
            })
        })
    }

    /// The curves as a long table, a size a row; the last row of a curve is of all examples.
    ///
    /// # Errors
    /// Those of the table's writer.
    pub fn table(&self) -> Result<Vec<u8>, csv::Error> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record([
            "measure",
            "layer_a",
            "layer_b",
            "n",
            "mean",
            "bias",
            "se",
            "lo",
            "hi",
            "limit",
            "misfit",
            "tolerance",
            "needed",
            "subsets",
            "level",
            "seed",
        ])?;
        let digits = |value: f64| format!("{value:?}");
        for curve in &self.curves {
            let sizes = curve.sizes.iter().map(|size| (size.n, size.mean, Some([size.standard_error, size.lo, size.hi])));
            for (n, mean, spread) in sizes.chain([(curve.n, curve.value, None)]) {
                let [se, lo, hi] = spread.map_or_else(Default::default, |spread| spread.map(digits));
                out.write_record([
                    &curve.measure,
                    &*table::plain(&curve.layer_a),
                    &*table::plain(&curve.layer_b),
                    &n.to_string(),
                    &digits(mean),
                    &digits(curve.bias(n)),
                    &se,
                    &lo,
                    &hi,
                    &digits(curve.limit),
                    &digits(curve.misfit),
                    &digits(curve.tolerance),
                    &curve.needed.map_or_else(String::new, |needed| format!("{needed}")),
                    &curve.subsets.to_string(),
                    &digits(curve.level),
                    &curve.seed.to_string(),
                ])?;
            }
        }
        out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }

    /// The section of the page; none where there is nothing to say.
    pub fn section(&self) -> Option<Section> {
        let mut figures: Vec<Figure> = self.curves.iter().map(Curve::figure).collect();
        if !self.left_out.is_empty() {
            figures.push(Figure {
                title: "Without a curve".to_string(),
                caption: "Measures that have no value on some subset, or too few examples for two sizes.".to_string(),
                svg: None,
                header: ["measure", "cause"].map(String::from).to_vec(),
                rows: self.left_out.iter().map(|(measure, why)| vec![visible(measure).into_owned(), visible(why).into_owned()]).collect(),
            });
        }
        (!figures.is_empty()).then_some(Section { id: "sizes", heading: "How many examples?", figures })
    }
}

impl Curve {
    /// How far the fitted curve is from its limit at n examples.
    pub fn bias(&self, n: usize) -> f64 {
        self.slope / n as f64
    }

    /// What the curve says, in a sentence or two.
    pub fn says(&self) -> String {
        let tolerance = brief(self.tolerance);
        let bias = format!("at {} examples the curve is {} from its limit {}", self.n, signed(self.bias(self.n)), brief(self.limit));
        match (self.needed, &self.unknown) {
            (Some(needed), _) => format!("You need about {needed} examples for ± {tolerance} (at {} %); {bias}.", 100.0 * self.level),
            (None, Some(unknown)) => format!("How many examples ± {tolerance} needs is not known: {unknown}."),
            (None, None) => format!("{bias}."),
        }
    }

    fn figure(&self) -> Figure {
        let points: Vec<Point> =
            self.sizes.iter().map(|size| Point { n: size.n as f64, mean: size.mean, ends: [size.lo, size.hi] }).collect();
        let pair = format!("{} × {}", visible(&self.layer_a), visible(&self.layer_b));
        let curve = SampleSizes { points: &points, whole: (self.n as f64, self.value), fit: (self.limit, self.slope) };
        let svg = sample_sizes(&curve, &Around { title: &pair, subtitle: &self.title, axis: &self.short });
        let digits = |value: f64| format!("{value:?}");
        let sizes = self.sizes.iter().map(|size| {
            let Size { n, mean, standard_error, lo, hi } = *size;
            vec![n.to_string(), digits(mean), digits(self.bias(n)), digits(standard_error), format!("{lo:?} to {hi:?}")]
        });
        let whole = vec![self.n.to_string(), digits(self.value), digits(self.bias(self.n)), "-".to_string(), "-".to_string()];
        Figure {
            title: format!("{} by {}", pair, self.title),
            caption: format!(
                "{} {}: {} random subsets of each size (seed {}); dots are means, bars the middle {} % of the values, the diamond the value of all \
                 {} examples. Dashed: a + b/n through them; dotted: its limit a.",
                self.says(),
                self.chosen,
                self.subsets,
                self.seed,
                100.0 * self.level,
                self.n
            ),
            svg: Some(svg),
            header: ["examples", "mean value", "bias of the curve", "standard error", "middle of the values"].map(String::from).to_vec(),
            rows: sizes.chain([whole]).collect(),
        }
    }
}

/// Four digits: what a person compares.
fn brief(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e4).contains(&size) { format!("{}", (value * 1e4).round() / 1e4) } else { format!("{value:.2e}") }
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", brief(value)) } else { brief(value) }
}
