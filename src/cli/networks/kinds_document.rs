//! The means of kinds of networks as a document beside the results, as a table, and on the page.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Measure;
use crate::inference::{KindMean, Spread};
use crate::page::{Figure, Section};
use crate::report::heatmap::means::{Mean, means};
use crate::report::heatmap::tree::Around;
use crate::report::picture::title;
use crate::report::{csv as table, files, visible};
use crate::sweep::Scores;

use crate::cli::output;
use crate::cli::stop::Stop;
use crate::cli::tell::tell;

const FILES: [&str; 2] = ["kinds.json", "kinds.csv"];

/// The means of kinds, as a document beside the results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    pub(super) similitude: String,
    pub(super) networks: Vec<String>,
    pub(super) kinds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interval: Option<Drawn>,
    pub(super) means: Vec<Row>,
    pub(super) left_out: Vec<(String, String)>,
}

/// How intervals were drawn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Drawn {
    pub(super) over: String,
    pub(super) resamples: usize,
    pub(super) seed: u64,
    pub(super) level: f64,
}

/// A kind with itself or with another, by one measure on one layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Row {
    measure: String,
    title: String,
    layer: String,
    /// Whether it is of the matrix of networks, and not of one of several layers.
    whole: bool,
    kind_a: String,
    kind_b: String,
    pairs: usize,
    mean: f64,
    se: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
    least_left_out: Option<f64>,
    largest_left_out: Option<f64>,
    below_ceiling: Option<f64>,
    below_se: Option<f64>,
    below_lo: Option<f64>,
    below_hi: Option<f64>,
}

fn digits(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}

/// Four digits are what a person compares.
fn brief(value: f64) -> String {
    format!("{value:.4}")
}

impl Document {
    /// Writes it beside the results.
    pub fn write(&self, directory: &Path) -> Result<(), Stop> {
        let document = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        let rows = self.csv().map_err(|error| Stop::Unusable(error.to_string()))?;
        for (name, bytes) in FILES.into_iter().zip([document, rows]) {
            output::put(&directory.join(name), &bytes)?;
        }
        Ok(())
    }

    fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record([
            "measure",
            "layer",
            "kind_a",
            "kind_b",
            "pairs",
            "mean",
            "se",
            "lo",
            "hi",
            "least_left_out",
            "largest_left_out",
            "below_ceiling",
            "below_se",
            "below_lo",
            "below_hi",
            "interval",
            "resamples",
            "level",
            "seed",
        ])?;
        let drawn = self.interval.as_ref().map_or_else(Default::default, |drawn| {
            [drawn.over.clone(), drawn.resamples.to_string(), drawn.level.to_string(), drawn.seed.to_string()]
        });
        for row in &self.means {
            let texts = [&row.layer, &row.kind_a, &row.kind_b].map(|text| table::plain(text).into_owned());
            let numbers = [
                row.se,
                row.lo,
                row.hi,
                row.least_left_out,
                row.largest_left_out,
                row.below_ceiling,
                row.below_se,
                row.below_lo,
                row.below_hi,
            ];
            let fields = [row.measure.clone()].into_iter().chain(texts).chain([row.pairs.to_string(), digits(Some(row.mean))]);
            out.write_record(fields.chain(numbers.map(digits)).chain(drawn.clone()))?;
        }
        out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }

    /// Whether it is of these networks and measures.
    fn is_of(&self, scores: &Scores) -> bool {
        let measures: Vec<String> = scores.measures().iter().map(ToString::to_string).collect();
        self.networks.iter().eq(scores.a().layers.iter().map(|layer| &layer.name))
            && self.means.iter().all(|row| measures.contains(&row.measure))
    }

    /// The means as they are printed: of the matrix of networks, not of its layers.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut titles: Vec<&str> = self.means.iter().map(|row| row.measure.as_str()).collect();
        titles.dedup();
        for measure in titles {
            let rows = self.means.iter().filter(|row| row.measure == measure && row.whole);
            let rows: Vec<Vec<String>> = rows.map(|row| row.shown().to_vec()).collect();
            text += &format!("\nkinds of networks, {measure}\n{}", output::table(&HEADER, rows, 2));
        }
        text
    }

    fn section(&self) -> Option<Section> {
        let mut measures: Vec<(&str, &str)> = self.means.iter().map(|row| (row.measure.as_str(), row.title.as_str())).collect();
        measures.dedup();
        let over = self.interval.as_ref().map_or_else(String::new, |Drawn { over, resamples, seed, level }| {
            let drawn = format!("{resamples} resamples, seed {seed}");
            let over = match over.as_str() {
                "networks" => "other networks (each left out in its turn)".to_string(),
                "bootstrap" => format!("other networks ({drawn})"),
                "both" => format!("other networks and other examples ({drawn})"),
                _ => format!("other examples ({drawn})"),
            };
            format!(" Intervals at {} % are over {over}.", 100.0 * level)
        });
        let figures = measures.into_iter().map(|(measure, title)| {
            let rows = || self.means.iter().filter(|row| row.measure == measure);
            let shown = |row: &Row| [vec![visible(&row.layer).into_owned()], row.shown().map(|cell| visible(&cell).into_owned()).to_vec()].concat();
            Figure {
                title: format!("Kinds by {title}"),
                caption: format!(
                    "Mean over the pairs of networks. Of a kind with itself it is the noise ceiling: as alike as networks are that differ in their seed alone; \
                     dashed in the picture, and in the table with the least and the largest mean of one network with the others.{over}"
                ),
                svg: picture(&rows().filter(|row| row.whole).collect::<Vec<_>>()),
                header: ["layer"].into_iter().chain(HEADER).map(String::from).collect(),
                rows: rows().map(shown).collect(),
            }
        });
        let mut figures: Vec<Figure> = figures.collect();
        if !self.left_out.is_empty() {
            figures.push(Figure {
                title: "Without means".to_string(),
                caption: "Measures that have no value for a pair of networks, or on some resample.".to_string(),
                svg: None,
                header: ["measure", "cause"].map(String::from).to_vec(),
                rows: self.left_out.iter().map(|(measure, why)| vec![measure.clone(), visible(why).into_owned()]).collect(),
            });
        }
        (!figures.is_empty()).then_some(Section { id: "kinds", heading: "Kinds of networks", figures })
    }
}

/// More rows than this are no picture.
const MOST_ROWS: usize = 64;

/// The means of the matrix of networks, kind after kind, beside the ceiling of each.
fn picture(rows: &[&Row]) -> Option<String> {
    let first = rows.first().filter(|_| rows.len() <= MOST_ROWS)?;
    let mut groups: Vec<(Option<f64>, Vec<Mean>)> = Vec::new();
    let mut kind = None;
    for row in rows {
        if kind != Some(&row.kind_a) {
            kind = Some(&row.kind_a);
            groups.push((None, Vec::new()));
        }
        let (ceiling, means) = groups.last_mut().expect("one was begun");
        let name = |with: &str| format!("{} with {with}", visible(&row.kind_a));
        let mean = |name| Mean { name, mean: row.mean, ends: row.lo.zip(row.hi).map(|(lo, hi)| [lo, hi]) };
        if row.kind_a == row.kind_b {
            *ceiling = Some(row.mean);
            means.insert(0, mean(name("itself")));
        } else {
            means.push(mean(name(&visible(&row.kind_b))));
        }
    }
    let axis = Measure::parse(&first.measure).map_or_else(|_| first.title.clone(), |measure| measure.spec().short.to_string());
    Some(means(&groups, &Around { title: &first.title, subtitle: "dashed: the noise ceiling of the kind", axis: &axis }))
}

const HEADER: [&str; 7] = ["kind", "with", "pairs", "mean", "interval", "one with the others", "below the ceiling"];

impl Row {
    /// A mean of two kinds of these names.
    pub(super) fn of(measure: &Measure, layer: &str, whole: bool, [kind_a, kind_b]: [String; 2], mean: &KindMean) -> Self {
        let part = |spread: Option<Spread>, of: fn(Spread) -> f64| spread.map(of);
        Self {
            measure: measure.to_string(),
            title: title(measure),
            layer: layer.to_string(),
            whole,
            kind_a,
            kind_b,
            pairs: mean.pairs,
            mean: mean.mean,
            se: part(mean.spread, |spread| spread.se),
            lo: part(mean.spread, |spread| spread.lo),
            hi: part(mean.spread, |spread| spread.hi),
            least_left_out: mean.left_out.map(|[least, _]| least),
            largest_left_out: mean.left_out.map(|[_, largest]| largest),
            below_ceiling: mean.below_ceiling,
            below_se: part(mean.below_spread, |spread| spread.se),
            below_lo: part(mean.below_spread, |spread| spread.lo),
            below_hi: part(mean.below_spread, |spread| spread.hi),
        }
    }

    fn shown(&self) -> [String; 7] {
        let ends = |lo: Option<f64>, hi: Option<f64>| match (lo, hi) {
            (Some(lo), Some(hi)) => format!("{} to {}", brief(lo), brief(hi)),
            _ => "-".to_string(),
        };
        let below = match (self.below_ceiling, self.below_lo, self.below_hi) {
            (Some(below), Some(_), Some(_)) => format!("{} ({})", brief(below), ends(self.below_lo, self.below_hi)),
            (Some(below), ..) => brief(below),
            _ => "-".to_string(),
        };
        let other = if self.kind_a == self.kind_b { "itself".to_string() } else { self.kind_b.clone() };
        let left_out = ends(self.least_left_out, self.largest_left_out);
        [self.kind_a.clone(), other, self.pairs.to_string(), brief(self.mean), ends(self.lo, self.hi), left_out, below]
    }
}

/// Removes those of an earlier run, which would read as those of this one.
pub fn remove(directory: &Path) -> Result<(), Stop> {
    Ok(FILES.iter().try_for_each(|name| files::remove_file(&directory.join(name)))?)
}

/// The section of the kinds that lie beside results, where they are of these.
pub fn section(scores: &Scores, directory: &Path) -> Result<Option<Section>, Stop> {
    let file = directory.join(FILES[0]);
    if scores.provenance().networks.is_none() {
        return Ok(None);
    }
    let Some(document) = output::document::<Document>(&file, "compare the networks again")? else { return Ok(None) };
    if !document.is_of(scores) {
        tell(format!("warning: {} is not of these networks, and is left out of the report", file.display()));
        return Ok(None);
    }
    Ok(document.section())
}
