//! The numbers of the report.

use serde::{Deserialize, Deserializer, Serialize};
use similitude::Measure;

use super::Trial;
use super::inputs::Input;
use super::judge::{Exact, Verdict, ratio, verdict};

/// A number; JSON has null for those that are infinite.
fn or_infinite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// Everything that accuracy.json holds.
#[derive(Serialize, Deserialize)]
pub struct Table {
    /// Version of the library.
    pub version: String,
    /// Pairs tried.
    pub pairs: usize,
    /// One row a convention and path.
    pub rows: Vec<Row>,
    /// Errors above what is granted.
    pub findings: Vec<Finding>,
    /// Answers of another kind than the exact one, counted.
    pub disagreements: Vec<Disagreement>,
    /// Distances of representations from their rotated images.
    pub rotations: Vec<Rotation>,
}

/// A convention on one path.
#[derive(Serialize, Deserialize)]
pub struct Row {
    /// The measure with every key.
    pub measure: String,
    /// `fast` or `reference`
    pub path: String,
    /// Pairs with a value on both sides.
    pub values: usize,
    /// Pairs on which the oracle and the path refuse alike.
    pub refused: usize,
    /// Pairs whose exact value no f64 holds, which the path says.
    pub unrepresentable: usize,
    /// Pairs whose exact value was not certified.
    pub undecidable: usize,
    /// Answers of another kind.
    pub disagreements: usize,
    /// Values whose stated bound exceeds their magnitude.
    pub vacuous: usize,
    /// |got - exact| / (c eps condition): the largest.
    #[serde(deserialize_with = "or_infinite")]
    pub largest_ratio: f64,
    /// The same: the median.
    #[serde(deserialize_with = "or_infinite")]
    pub median_ratio: f64,
    /// |got - exact| over what the path is granted; must not exceed 1. On the fast path that is the
    /// ratio itself.
    #[serde(deserialize_with = "or_infinite")]
    pub largest_share: f64,
    /// |got - exact| / |exact|: the largest.
    pub largest_relative_error: f64,
    /// The pair with the largest share.
    pub worst: String,
}

/// An error above what is granted.
#[derive(Serialize, Deserialize)]
pub struct Finding {
    pub measure: String,
    pub path: String,
    pub input: String,
    pub got: f64,
    pub exact: String,
    /// error / granted
    #[serde(deserialize_with = "or_infinite")]
    pub ratio: f64,
}

/// Answers of another kind than the exact one.
#[derive(Serialize, Deserialize)]
pub struct Disagreement {
    pub measure: String,
    pub path: String,
    /// `value`, `degenerate` or `undefined`
    pub exact: String,
    /// The same, of the path.
    pub got: String,
    /// How many pairs.
    pub count: usize,
    /// The pair with the fewest entries among them.
    pub smallest: String,
    /// The path's message there.
    pub message: String,
    #[serde(skip)]
    entries: usize,
}

/// Procrustes distance of X from X R.
#[derive(Serialize, Deserialize)]
pub struct Rotation {
    pub condition: u8,
    pub n: usize,
    pub p: usize,
    /// The largest exact distance: what rounding X R leaves.
    pub exact: f64,
    /// The largest error of either path.
    pub fast_error: f64,
    pub reference_error: f64,
    /// The inputs, for what is merged into the report.
    pub inputs: Vec<String>,
}

/// The two paths of a trial: the answer, the bound of the fast path, and what is granted.
fn paths(trial: &Trial) -> [(&'static str, Result<f64, &similitude::laws::Refusal>, f64, f64); 2] {
    let answers = &trial.answers;
    let bound = answers.fast.as_ref().map_or(f64::NAN, |answer| answer.bound);
    let granted = answers.plain_bound.unwrap_or(f64::NAN);
    let fast = answers.fast.as_ref().map(|answer| answer.value);
    [("fast", fast, bound, bound), ("reference", answers.reference.as_ref().copied(), bound, granted)]
}

/// The share of what is granted that a path's error takes; none where it has no error or nothing is
/// granted.
pub(super) fn share(trial: &Trial, path: &str) -> Option<f64> {
    let (_, answer, _, granted) = paths(trial).into_iter().find(|(name, ..)| *name == path)?;
    match verdict(&trial.exact, answer) {
        Verdict::Off(error) if !granted.is_nan() => Some(ratio(error, granted)),
        _ => None,
    }
}

impl Table {
    /// Sums the trials up.
    pub fn of(measures: &[Measure], inputs: &[Input], trials: &[Trial]) -> Self {
        let mut table = Table {
            version: env!("CARGO_PKG_VERSION").to_string(),
            pairs: inputs.len(),
            rows: vec![],
            findings: vec![],
            disagreements: vec![],
            rotations: vec![],
        };
        for (index, measure) in measures.iter().enumerate() {
            let own: Vec<&Trial> = trials.iter().filter(|trial| trial.measure == index).collect();
            for path in 0..2 {
                table.add(&measure.to_string(), inputs, &own, path);
            }
            if measure.to_string() == "procrustes:form=distance" {
                table.rotations = rotations(inputs, &own);
            }
        }
        table
    }

    fn add(&mut self, measure: &str, inputs: &[Input], trials: &[&Trial], path: usize) {
        let mut row = Row {
            measure: measure.to_string(),
            path: ["fast", "reference"][path].to_string(),
            values: 0,
            refused: 0,
            unrepresentable: 0,
            undecidable: 0,
            disagreements: 0,
            vacuous: 0,
            largest_ratio: 0.0,
            median_ratio: 0.0,
            largest_share: 0.0,
            largest_relative_error: 0.0,
            worst: String::new(),
        };
        let mut ratios = Vec::new();
        for trial in trials {
            let (name, answer, bound, granted) = paths(trial)[path];
            let input = &inputs[trial.input];
            let error = match verdict(&trial.exact, answer) {
                Verdict::Off(error) => error,
                Verdict::BothRefuse => {
                    row.refused += 1;
                    continue;
                }
                Verdict::Unrepresentable => {
                    row.unrepresentable += 1;
                    continue;
                }
                Verdict::Undecidable => {
                    row.undecidable += 1;
                    continue;
                }
                Verdict::Disagree => {
                    row.disagreements += 1;
                    self.disagree(measure, name, trial, answer, input);
                    continue;
                }
            };
            row.values += 1;
            let Exact::Value(enclosure) = &trial.exact else { continue };
            let exact = enclosure.midpoint_f64().abs();
            if exact > 0.0 {
                row.largest_relative_error = row.largest_relative_error.max(error / exact);
            }
            if bound.is_nan() {
                continue; // The fast path has no value, so that nothing is known of the condition: counted among its disagreements.
            }
            row.vacuous += usize::from(bound > exact);
            let share = ratio(error, granted);
            ratios.push(ratio(error, bound));
            if share >= row.largest_share {
                row.largest_share = share;
                row.worst = input.description.clone();
            }
            if share > 1.0 {
                let got = answer.unwrap_or(f64::NAN);
                let (input, exact) = (input.description.clone(), enclosure.to_string());
                self.findings.push(Finding { measure: measure.to_string(), path: name.to_string(), input, got, exact, ratio: share });
            }
        }
        ratios.sort_by(f64::total_cmp);
        row.largest_ratio = ratios.last().copied().unwrap_or(0.0);
        row.median_ratio = ratios.get(ratios.len() / 2).copied().unwrap_or(0.0);
        self.rows.push(row);
    }

    fn disagree(
        &mut self,
        measure: &str,
        path: &'static str,
        trial: &Trial,
        answer: Result<f64, &similitude::laws::Refusal>,
        input: &Input,
    ) {
        let exact = match &trial.exact {
            Exact::Refused(kind) => kind.as_str(),
            _ => "value",
        };
        let (got, message) =
            answer.map_or_else(|refusal| (refusal.kind.clone(), refusal.message.clone()), |value| ("value".into(), format!("{value:e}")));
        let entries = input.x.values.len() + input.y.values.len();
        let known = self
            .disagreements
            .iter_mut()
            .find(|known| known.measure == measure && known.path == path && known.exact == exact && known.got == got);
        match known {
            Some(known) => {
                known.count += 1;
                if entries < known.entries {
                    (known.entries, known.smallest, known.message) = (entries, input.description.clone(), message);
                }
            }
            None => self.disagreements.push(Disagreement {
                measure: measure.to_string(),
                path: path.to_string(),
                exact: exact.to_string(),
                got,
                count: 1,
                smallest: input.description.clone(),
                message,
                entries,
            }),
        }
    }
}

fn rotations(inputs: &[Input], trials: &[&Trial]) -> Vec<Rotation> {
    let mut rows: Vec<Rotation> = Vec::new();
    for trial in trials {
        let input = &inputs[trial.input];
        let (Some(condition), Exact::Value(enclosure)) = (input.rotated, &trial.exact) else { continue };
        let (n, p) = (input.x.n, input.x.p);
        let place = rows.iter().position(|row| (row.condition, row.n, row.p) == (condition, n, p)).unwrap_or_else(|| {
            rows.push(Rotation { condition, n, p, exact: 0.0, fast_error: 0.0, reference_error: 0.0, inputs: vec![] });
            rows.len() - 1
        });
        let row = &mut rows[place];
        let error = |answer: Result<f64, &similitude::laws::Refusal>| answer.map_or(f64::INFINITY, |value| enclosure.absolute_error(value));
        let [(_, fast, ..), (_, reference, ..)] = paths(trial);
        row.exact = row.exact.max(enclosure.midpoint_f64());
        row.fast_error = row.fast_error.max(error(fast));
        row.reference_error = row.reference_error.max(error(reference));
        row.inputs.push(input.description.clone());
    }
    rows
}
