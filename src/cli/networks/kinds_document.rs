//! The means of kinds of networks as a document beside the results, as a table, and on the page.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Measure;
use crate::inference::{KindMean, NoiseCeiling, Spread};
use crate::page::{Figure, Section};
use crate::report::heatmap::means::{Mean, Rows, means};
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
    ceiling_lower: Option<f64>,
    ceiling_upper: Option<f64>,
    ceiling_rule: Option<String>,
}

/// The noise ceiling of a kind by the mean of dissimilarities (Nili et al. 2014).
pub(super) struct Ceiling {
    lower: f64,
    upper: f64,
    is_bound: bool,
}

impl Ceiling {
    /// The mean over layers; none where there is no layer, or a kind has none.
    pub(super) fn of<'a>(layers: impl Iterator<Item = Option<&'a NoiseCeiling>>) -> Option<Self> {
        let layers: Vec<&NoiseCeiling> = layers.collect::<Option<_>>()?;
        let mean = |of: fn(&NoiseCeiling) -> f64| layers.iter().map(|layer| of(layer)).sum::<f64>() / layers.len() as f64;
        let is_bound = layers.iter().all(|layer| layer.is_bound);
        (!layers.is_empty()).then(|| Self { lower: mean(NoiseCeiling::lower), upper: mean(NoiseCeiling::upper), is_bound })
    }

    /// Whether the upper bound is one.
    fn rule(&self) -> &'static str {
        if self.is_bound { "bound" } else { HEURISTIC }
    }
}

/// The mean of ranks for a comparison that other dissimilarities may be better for.
const HEURISTIC: &str = "heuristic";

fn digits(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}

/// Four digits are what a person compares.
fn brief(value: f64) -> String {
    output::rounded(value)
}

impl Document {
    /// Writes it beside the results, each file by `put`.
    pub fn write(&self, directory: &Path, put: output::Put<'_>) -> Result<(), Stop> {
        let document = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        let rows = self.csv().map_err(|error| Stop::Unusable(error.to_string()))?;
        for (name, bytes) in FILES.into_iter().zip([document, rows]) {
            put(&directory.join(name), &bytes)?;
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
            "ceiling_lower",
            "ceiling_upper",
            "ceiling_rule",
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
                row.ceiling_lower,
                row.ceiling_upper,
            ];
            let fields = [row.measure.clone()].into_iter().chain(texts).chain([row.pairs.to_string(), digits(Some(row.mean))]);
            let rule = row.ceiling_rule.clone().unwrap_or_default();
            out.write_record(fields.chain(numbers.map(digits)).chain([rule]).chain(drawn.clone()))?;
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
            let rows: Vec<&Row> = self.means.iter().filter(|row| row.measure == measure && row.whole).collect();
            let columns = Columns::of(&rows);
            let shown: Vec<Vec<String>> = rows.iter().map(|row| columns.shown(row)).collect();
            text += &format!("\nkinds of networks, {measure}\n{}", output::table(&columns.header(), shown, 2));
            if columns.is_heuristic {
                text += &format!("{HEURISTIC_SAID}\n");
            }
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
            let rows: Vec<&Row> = self.means.iter().filter(|row| row.measure == measure).collect();
            let columns = Columns::of(&rows);
            let shown = |row: &&Row| {
                let cells = columns.shown(row).into_iter().map(|cell| visible(&cell).into_owned());
                std::iter::once(visible(&row.layer).into_owned()).chain(cells).collect()
            };
            Figure {
                title: format!("Kinds by {title}"),
                caption: format!(
                    "Mean over the pairs of networks. Of a kind with itself it is the noise ceiling: as alike as networks are that differ in their seed alone; \
                     dashed in the picture, and in the table with the least and the largest mean of one network with the others.{}{over}",
                    columns.said()
                ),
                svg: picture(&rows.iter().copied().filter(|row| row.whole).collect::<Vec<_>>()),
                header: ["layer"].into_iter().chain(columns.header()).map(String::from).collect(),
                rows: rows.iter().map(shown).collect(),
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
    let mut groups: Vec<Rows> = Vec::new();
    let mut kind = None;
    for row in rows {
        if kind != Some(&row.kind_a) {
            kind = Some(&row.kind_a);
            groups.push(Rows::default());
        }
        let Rows { level, band, rows: means } = groups.last_mut().expect("one was begun");
        let name = |with: &str| format!("{} with {with}", visible(&row.kind_a));
        let mean = |name| Mean { name, mean: row.mean, ends: row.lo.zip(row.hi).map(|(lo, hi)| [lo, hi]) };
        if row.kind_a == row.kind_b {
            *level = Some(row.mean);
            *band = row.ceiling_lower.zip(row.ceiling_upper).map(|(lower, upper)| [lower, upper]);
            means.insert(0, mean(name("itself")));
        } else {
            means.push(mean(name(&visible(&row.kind_b))));
        }
    }
    let axis = Measure::parse(&first.measure).map_or_else(|_| first.title.clone(), |measure| measure.spec().short.to_string());
    let has_band = groups.iter().any(|group| group.band.is_some());
    let subtitle =
        if has_band { "dashed: the kind with itself; shaded: RDM noise ceiling" } else { "dashed: the noise ceiling of the kind" };
    Some(means(&groups, &Around { title: &first.title, subtitle, axis: &axis }))
}

const HEADER: [&str; 7] = ["kind", "with", "pairs", "mean", "interval", "one with the others", "below the ceiling"];
const CEILING: &str = "RDM noise ceiling";
const HEURISTIC_SAID: &str =
    "The mean of ranks is a heuristic for Kendall's tau: other dissimilarities may be above the upper end of the RDM noise ceiling.";

/// The columns that some rows have.
struct Columns {
    has_ceiling: bool,
    is_heuristic: bool,
}

impl Columns {
    fn of(rows: &[&Row]) -> Self {
        let is_heuristic = rows.iter().any(|row| row.ceiling_rule.as_deref() == Some(HEURISTIC));
        Self { has_ceiling: rows.iter().any(|row| row.ceiling_lower.is_some()), is_heuristic }
    }

    fn header(&self) -> Vec<&'static str> {
        HEADER.into_iter().chain(self.has_ceiling.then_some(CEILING)).collect()
    }

    fn shown(&self, row: &Row) -> Vec<String> {
        row.shown().into_iter().chain(self.has_ceiling.then(|| ends(row.ceiling_lower, row.ceiling_upper))).collect()
    }

    /// What there is to say of the noise ceiling.
    fn said(&self) -> String {
        if !self.has_ceiling {
            return String::new();
        }
        let heuristic = if self.is_heuristic { format!(" {HEURISTIC_SAID}") } else { String::new() };
        format!(
            " Shaded, and the last column: the mean similarity of a network with the mean dissimilarities of the others, and with those of all (Nili et al. \
             2014): what the best model of these networks reaches.{heuristic}"
        )
    }
}

fn ends(lo: Option<f64>, hi: Option<f64>) -> String {
    match (lo, hi) {
        (Some(lo), Some(hi)) => format!("{} to {}", brief(lo), brief(hi)),
        _ => "-".to_string(),
    }
}

impl Row {
    /// A mean of two kinds of these names.
    pub(super) fn of(
        measure: &Measure,
        layer: &str,
        whole: bool,
        [kind_a, kind_b]: [String; 2],
        mean: &KindMean,
        ceiling: Option<Ceiling>,
    ) -> Self {
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
            ceiling_lower: ceiling.as_ref().map(|ceiling| ceiling.lower),
            ceiling_upper: ceiling.as_ref().map(|ceiling| ceiling.upper),
            ceiling_rule: ceiling.map(|ceiling| ceiling.rule().to_string()),
        }
    }

    fn shown(&self) -> [String; 7] {
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
