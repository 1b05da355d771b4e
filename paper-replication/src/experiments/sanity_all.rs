//! Beyond the paper: the sanity check of Table 2 for every measure of the library, and what each costs.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, mean, percent, rounded};
use crate::analysis::{PairScores, Subject};
use crate::error::{Error, Result};
use crate::figures::number;
use crate::networks::Architecture;
use crate::preset::{Preset, Setting, Subspace};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use similitude::sweep::{Identification, identify};
use similitude::{Claim, Group, Measure, Side, registry};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "sanity-all",
    title: "Every measure of the library: does it find the corresponding layer, and what does it cost?",
    claim: "Beyond the paper. Its argument should hold for measures that it did not try: those that are invariant to every invertible \
            linear map find fewer layers than those that are not",
    rule: "The mean accuracy of the conventions that are invariant to all invertible linear maps of both sides is below that of \
           the others, and the best of them is below the best of the others",
    setting,
    run,
    table,
};

/// Narrow networks: every measure is tried, the costly ones too.
fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: (1..=3).collect(), ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        Preset::Standard | Preset::Full => Setting {
            architecture: Architecture::Width,
            width: 8,
            examples: 2000,
            // More than twice the widest layer, 2048 neurons.
            subspace: Subspace { networks: 3, examples: 5000 },
            ..setting
        }
        .with_epochs(6),
    }
}

/// What came of one measure.
struct Found {
    measure: Measure,
    examples: usize,
    total: Identification,
}

impl Found {
    /// Whether the measure claims to see nothing of any invertible linear map on either side.
    fn sees_no_linear_map(&self) -> bool {
        let claims = self.measure.properties().claims;
        Side::ALL.into_iter().all(|side| claims.get(Group::InvertibleLinear, side) == Claim::Holds)
    }
}

fn run(context: &mut Context) -> Result<Outcome> {
    context.seeds(2)?;
    let networks = context.networks()?;
    let (with_kernel, without): (Vec<Measure>, Vec<Measure>) =
        registry::conventions().into_iter().partition(|measure| measure.convention().iter().any(|(key, _)| *key == "kernel"));
    // Kernel matrices are n x n each: one measure at a time. The others share bases.
    let kernel_subjects = context.subjects(&networks, context.setting.examples)?;
    let mut found = Vec::new();
    for (place, measure) in with_kernel.iter().enumerate() {
        found.extend(count(context, &format!("kernel{place}"), &kernel_subjects, std::slice::from_ref(measure))?);
    }
    let subjects = context.subjects(&networks, context.setting.subspace.examples)?;
    found.extend(count(context, "others", &subjects, &without)?);
    found.sort_by(|one, other| other.total.accuracy().total_cmp(&one.total.accuracy()));
    write(context, &found)?;
    judge(&found, accuracies(&networks))
}

/// How often each measure finds the corresponding layer. Pairs are compared in both orders where one measure is not symmetric.
fn count(context: &mut Context, name: &str, subjects: &[Subject], measures: &[Measure]) -> Result<Vec<Found>> {
    let texts: Vec<String> = measures.iter().map(Measure::to_string).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let pairs = all_pairs(subjects.len());
    let there = context.compare(name, subjects, &pairs, &texts)?;
    let asymmetric: Vec<usize> = (0..measures.len()).filter(|&place| measures[place].properties().symmetry != Claim::Holds).collect();
    let back = match asymmetric.is_empty() {
        true => Vec::new(),
        false => {
            let texts: Vec<&str> = asymmetric.iter().map(|&place| texts[place]).collect();
            let backwards: Vec<(usize, usize)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
            context.compare(&format!("{name}-back"), subjects, &backwards, &texts)?
        }
    };
    let examples = subjects[0].pictures.count();
    let found = measures.iter().enumerate().map(|(place, measure)| {
        let mut total = Identification::default();
        for (pair, forward) in there.iter().enumerate() {
            let values = forward.values(place);
            let backward = match asymmetric.iter().position(|&other| other == place) {
                Some(other) => back[pair].values(other),
                None => transposed(forward, &values),
            };
            total += identify(&values, &backward, forward.rows, measure.properties().direction);
        }
        Found { measure: measure.clone(), examples, total }
    });
    Ok(found.collect())
}

fn transposed(pair: &PairScores, values: &[Option<f64>]) -> Vec<Option<f64>> {
    (0..values.len()).map(|cell| values[cell % pair.rows * pair.columns + cell / pair.rows]).collect()
}

fn write(context: &mut Context, found: &[Found]) -> Result<()> {
    let header = [
        "measure",
        "percent",
        "within_one_percent",
        "ties",
        "undefined",
        "trials",
        "examples",
        "invariant_to_invertible_linear_maps",
        "cost_of_a_layer",
        "cost_of_a_pair",
    ];
    let rows = found.iter().map(|found| {
        [
            found.measure.to_string(),
            number(Some(100.0 * found.total.accuracy())),
            number(Some(100.0 * found.total.accuracy_within_one())),
            found.total.ties.to_string(),
            found.total.undefined.to_string(),
            found.total.trials.to_string(),
            found.examples.to_string(),
            found.sees_no_linear_map().to_string(),
            found.measure.spec().prepare_cost.to_owned(),
            found.measure.spec().compare_cost.to_owned(),
        ]
    });
    context.folder.table("measures.csv", header, rows)
}

/// The verdict, by the rule that the experiment states.
fn judge(found: &[Found], test_accuracy: Value) -> Result<Outcome> {
    let of = |linear: bool| -> Vec<f64> {
        found.iter().filter(|found| found.sees_no_linear_map() == linear).map(|found| found.total.accuracy()).collect()
    };
    let (linear, others) = (of(true), of(false));
    let average = |values: &[f64]| {
        mean(values).ok_or_else(|| Error::Undefined {
            what: "the mean accuracy of a kind of measures".to_owned(),
            reason: "the library has no measure of it".to_owned(),
        })
    };
    let best = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (linear_mean, others_mean) = (average(&linear)?, average(&others)?);
    let measures = found.iter().map(|found| {
        json!({
            "measure": found.measure.to_string(),
            "accuracy": percent(found.total.accuracy()),
            "within_one": percent(found.total.accuracy_within_one()),
            "ties": found.total.ties,
            "undefined": found.total.undefined,
            "examples": found.examples,
            "invariant": found.sees_no_linear_map(),
            "layer": found.measure.spec().prepare_cost,
            "pair": found.measure.spec().compare_cost,
        })
    });
    Ok(Outcome {
        setting: Map::from_iter([("test_accuracy".to_owned(), test_accuracy)]),
        found: Map::from_iter([
            ("measures".to_owned(), measures.collect::<Vec<_>>().into()),
            ("mean_accuracy_invariant".to_owned(), json!(rounded(linear_mean))),
            ("mean_accuracy_others".to_owned(), json!(rounded(others_mean))),
            ("chance".to_owned(), json!(percent(found[0].total.chance()))),
        ]),
        verdict: Verdict::of(&[linear_mean < others_mean, best(&linear) < best(&others)]),
        explanation: format!(
            "The {} conventions that are invariant to invertible linear maps find {:.1} % of the layers on average, at best {:.1} %; the {} \
             others {:.1} % and {:.1} %; chance is {:.1} %.",
            linear.len(),
            100.0 * linear_mean,
            100.0 * best(&linear),
            others.len(),
            100.0 * others_mean,
            100.0 * best(&others),
            100.0 * found[0].total.chance(),
        ),
    })
}

fn table(row: &Row) -> String {
    let mut table = String::from(
        "| measure | found, % | within one, % | ties | undefined | n | invariant to invertible linear maps | cost of a layer | cost of a pair |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for measure in row.found.get("measures").and_then(Value::as_array).into_iter().flatten() {
        let of = |name: &str| match measure.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
            Some(other) => other.to_string(),
            None => "-".to_owned(),
        };
        table += &format!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            of("measure"),
            of("accuracy"),
            of("within_one"),
            of("ties"),
            of("undefined"),
            of("examples"),
            of("invariant"),
            of("layer"),
            of("pair"),
        );
    }
    table + "\nn examples, p and q neurons. A tie is a miss, and so is a measure that is undefined on a layer.\n"
}
