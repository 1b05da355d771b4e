//! Beyond the paper: the sanity check of Table 2 for every measure of the library, and the table
//! that a researcher chooses by.

use super::Experiment;
use super::context::{Context, Outcome, accuracies, all_pairs, mean, percent, rounded};
use super::trade_off::{PART, TAIL, TIMED, TOP, TradeOff, study};
use crate::analysis::{PairScores, Subject};
use crate::error::{Error, Result};
use crate::figures::number;
use crate::preset::{Part, Preset, Setting, Subspace};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};
use similitude::sweep::{Identification, identify};
use similitude::{Claim, Group, Measure, Side, registry};

pub(super) const EXPERIMENT: Experiment = Experiment {
    id: "sanity-all",
    title: "Every measure of the library: does it find the corresponding layer, what does it cost, and what does it miss?",
    claim: "Beyond the paper. Its argument should hold for measures that it did not try: those that are invariant to every invertible \
            linear map find fewer layers than those that are not",
    rule: "The mean accuracy of the conventions that are invariant to all invertible linear maps of both sides is below that of \
           the others, and the best of them is below the best of the others",
    setting,
    run,
    table,
};

/// Half as wide as the networks of Table 2: every measure is tried, the costly ones too.
fn setting(preset: Preset) -> Setting {
    let setting = Setting { seeds: (1..=3).collect(), ..Setting::of(preset) };
    match preset {
        Preset::Quick => setting,
        Preset::Standard | Preset::Full => Setting {
            width: setting.width / 2,
            examples: 2000,
            // More than twice the widest layer, 2048 neurons.
            subspace: Subspace { networks: 3, examples: 5000, part: Part::Test },
            ..setting
        },
    }
}

/// What came of one measure.
struct Found {
    measure: Measure,
    examples: usize,
    total: Identification,
    trade_off: TradeOff,
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
    let mut totals = Vec::new();
    for (place, measure) in with_kernel.iter().enumerate() {
        totals.extend(count(context, &format!("kernel{place}"), &kernel_subjects, std::slice::from_ref(measure))?);
    }
    let mut found = study_all(context, "kernels", &kernel_subjects, with_kernel, totals)?;
    let subjects = context.subspace_subjects(&networks)?;
    let totals = count(context, "others", &subjects, &without)?;
    found.extend(study_all(context, "others", &subjects, without, totals)?);
    found.sort_by(|one, other| other.total.accuracy().total_cmp(&one.total.accuracy()));
    write(context, &found)?;
    judge(&found, accuracies(&networks))
}

/// How often each measure finds the corresponding layer. Pairs are compared in both orders where
/// one measure is not symmetric.
fn count(context: &mut Context, name: &str, subjects: &[Subject], measures: &[Measure]) -> Result<Vec<Identification>> {
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
    let totals = measures.iter().enumerate().map(|(place, measure)| {
        let mut total = Identification::default();
        for (pair, forward) in there.iter().enumerate() {
            let values = forward.values(place);
            let backward = match asymmetric.iter().position(|&other| other == place) {
                Some(other) => back[pair].values(other),
                None => transposed(forward, &values),
            };
            total += identify(&values, &backward, forward.rows, measure.properties().direction);
        }
        total
    });
    Ok(totals.collect())
}

/// What else there is to say of these measures, beside how many layers they find.
fn study_all(
    context: &mut Context,
    name: &str,
    subjects: &[Subject],
    measures: Vec<Measure>,
    totals: Vec<Identification>,
) -> Result<Vec<Found>> {
    let examples = subjects[0].pictures.count();
    let folder = context.cells(context.id, &format!("{name}-parts"), examples);
    let trade_offs = study(subjects, &measures, &folder)?;
    let found = measures.into_iter().zip(totals).zip(trade_offs);
    Ok(found.map(|((measure, total), trade_off)| Found { measure, examples, total, trade_off }).collect())
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
        "milliseconds_of_a_layer",
        "milliseconds_of_a_pair",
        "layers_defined",
        "layers_defined_with_fewer_examples",
        "value",
        "bias_with_fewer_examples",
        "value_of_unrelated_with_fewer_examples",
        "tail_deleted_unnoticed_share",
        "top_deleted_noticed_components",
    ];
    let rows = found.iter().map(|found| {
        let trade_off = &found.trade_off;
        let sample = |kind: usize| number(trade_off.sample.map(|sample| sample[kind]));
        let milliseconds = |kind: usize| number(trade_off.milliseconds.map(|milliseconds| milliseconds[kind]));
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
            milliseconds(0),
            milliseconds(1),
            trade_off.layers.0.to_string(),
            trade_off.layers.1.to_string(),
            number(trade_off.value),
            sample(0),
            sample(1),
            number(trade_off.tail),
            number(trade_off.top),
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
            "milliseconds": found.trade_off.milliseconds.map(|both| both.map(rounded)),
            "layers_defined": [found.trade_off.layers.0, found.trade_off.layers.1],
            "value": found.trade_off.value.map(rounded),
            "sample": found.trade_off.sample.map(|values| values.map(rounded)),
            "tail": found.trade_off.tail,
            // JSON has no infinity: more than all that were deleted.
            "top": found.trade_off.top.map(|top| if top.is_finite() { json!(top) } else { json!("more") }),
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
    let mut table = format!(
        "| measure | found, % | within one, % | undefined | n | sees invertible linear maps | ms a layer | ms a pair | value | bias at n/{PART} | \
         unrelated at n/{PART} | tail unnoticed, % | top noticed |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for measure in row.found.get("measures").and_then(Value::as_array).into_iter().flatten() {
        let of = |name: &str| measure.get(name).unwrap_or(&Value::Null);
        let at = |name: &str, place: usize| of(name).get(place).unwrap_or(&Value::Null);
        let fewer = match (at("layers_defined", 0).as_u64(), at("layers_defined", 1).as_u64()) {
            (Some(all), Some(fewer)) if fewer < all && fewer > 0 => format!(" ({fewer} of {all} layers)"),
            _ => String::new(),
        };
        let tail = match of("tail").as_f64() {
            Some(share) if share >= TAIL[TAIL.len() - 1] => format!("{:.0} and more", 100.0 * share),
            Some(share) => format!("{:.0}", 100.0 * share),
            None => "-".to_owned(),
        };
        let cells = [
            format!("`{}`", plain(of("measure"))),
            plain(of("accuracy")),
            plain(of("within_one")),
            plain(of("undefined")),
            plain(of("examples")),
            of("invariant").as_bool().map_or("-", |invariant| if invariant { "no" } else { "yes" }).to_owned(),
            plain(at("milliseconds", 0)),
            plain(at("milliseconds", 1)),
            plain(of("value")),
            format!("{}{fewer}", plain(at("sample", 0))),
            plain(at("sample", 1)),
            tail,
            match of("top") {
                Value::String(_) => format!("more than {}", TOP[TOP.len() - 1]),
                top => top.as_f64().map_or("-".to_owned(), |top| format!("{top:.0}")),
            },
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table + &notes()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What the columns are.
fn notes() -> String {
    let (n, p) = TIMED;
    format!(
        "\nHow to read it. A tie is a miss, and so is a measure that is undefined on a layer (\"undefined\" counts these trials). \
         **ms**: milliseconds for a layer and for a pair of layers at n = {n}, p = q = {p}, by this measure alone; measures that stand together share much of it. \
         **Sample-size bias**: *value* is the mean value of corresponding layers of different networks on n pictures, *bias* how much more it is on n/{PART}, and \
         *unrelated* what it is when the two networks see *different* n/{PART} pictures, in a drawn order: a similarity without bias has a bias of 0, and says 0 of what is unrelated. Where a \
         measure is undefined on some layers with so few pictures, the number of the layers averaged over stands there. \
         **Principal components**, after Ding, Denain and Steinhardt (2021): a layer is compared with itself after some of its components were deleted. The deletion is \
         noticed when the layer is then less like itself than like the same layer of other networks. *Tail unnoticed*: the largest share of the components that can be \
         deleted, the weakest first, without being noticed; less is more sensitive. *Top noticed*: how many must be deleted, the strongest first, to be noticed; 1 is the most \
         sensitive. Both are medians over layers, of {} and {}.\n",
        list(&TAIL.map(|share| format!("{:.0} %", 100.0 * share))),
        list(&TOP.map(|count| count.to_string())),
    )
}

fn list(items: &[String]) -> String {
    items.join(", ")
}
