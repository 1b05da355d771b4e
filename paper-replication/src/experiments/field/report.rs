//! From the tables of this row, and of `sanity-all`, to the numbers of the page and the verdict.

use super::super::report::{Judged, Report};
use super::super::sanity_all::missing_words;
use super::draw::{self, Share};
use super::indexes::{self, Index, collect, id, mean_of};
use super::judge::{LEVEL, Move, QUESTIONS, Question, best_everywhere, is_apart, moves, questions};
use super::noise::{MOVES, RATIOS, independent_name};
use super::optimised::{COMPONENTS, SCORES};
use super::trials::{Found, Trial, Values, found, trials};
use super::values::CONTROLS;
use crate::analysis::jackknife;
use crate::error::Result;
use crate::figures::number;
use crate::results::Verdict;
use serde_json::{Map, Value, json};

/// The tests without an order that the table of all indexes shows.
pub(super) const MEANS: [(&str, &str); 2] = [("one example moved by 100 sd", "one moved"), ("independent data, p/n = 1", "independent")];

/// The score that components are told of in the verdict.
const REACHED: f64 = 0.7;

/// Everything that is computed from the tables.
struct All {
    values: Values,
    trials: Vec<Trial>,
    found: Vec<Vec<Option<Found>>>,
    indexes: Vec<Index>,
    questions: Vec<Question>,
    moves: Vec<Move>,
    shares: Vec<Share>,
}

pub(super) fn report(report: &mut Report<'_>) -> Result<Judged> {
    let values = Values::read(report)?;
    let trials = trials(&values);
    let found: Vec<Vec<Option<Found>>> = trials.iter().map(|trial| found(trial, &values)).collect();
    let indexes = collect(report, &values, &found, &MEANS.map(|mean| mean.0))?;
    let questions = questions(&trials, &indexes);
    let (moves, shares) = (moves(&values), draw::shares(report)?);
    let all = All { values, trials, found, indexes, questions, moves, shares };
    let means: Vec<String> = MOVES.iter().map(|one| one.0.to_owned()).chain(RATIOS.map(independent_name)).collect();
    indexes::write(report, &all.values, &all.trials, &all.found, &means)?;
    write(report, &all)?;
    draw::trade_off(report, &all.trials, &all.indexes)?;
    draw::optimised(report, &all.shares)?;
    Ok(judge(&all))
}

/// Writes `trade-off.csv`: the table of all indexes.
fn write(report: &mut Report<'_>, all: &All) -> Result<()> {
    let columns = [
        "index",
        "spellings",
        "layers found percent",
        "its standard error",
        "share undefined",
        "milliseconds a pair from scratch",
        "milliseconds a prepared pair",
    ];
    let mut header: Vec<String> = columns.map(str::to_owned).to_vec();
    for (test, _, _) in QUESTIONS {
        header.extend([test.to_owned(), format!("{test}, standard error"), format!("{test}, p")]);
    }
    MEANS.iter().for_each(|(test, _)| header.extend([(*test).to_owned(), format!("{test}, standard error")]));
    let rows = all.indexes.iter().map(|index| {
        let mut row = vec![index.name().to_owned(), index.spellings.join(" ")];
        row.extend([index.layers.percent, index.layers.error, index.layers.undefined].map(number));
        row.extend([index.unprepared(), index.milliseconds.map(|both| both[1])].map(number));
        for question in &all.questions {
            let found = index.tests[question.trial].as_ref();
            row.extend([found.map(|found| found.value), found.and_then(|found| found.error), found.map(Found::p)].map(number));
        }
        row.extend(index.means.iter().flat_map(|(value, error)| [number(*value), number(*error)]));
        row
    });
    let rows = rows.collect();
    report.folder.rows("trade-off.csv", &header, rows)
}

fn tested(found: Option<&Found>) -> Value {
    found.map_or(Value::Null, |found| json!([found.value, found.error, found.p()]))
}

/// How many indexes find as many layers as the best, by the jackknife of the difference where
/// `sanity-all` has the shares without each network, and by both errors where it has not.
fn layers_found(indexes: &[Index]) -> Value {
    let defined: Vec<&Index> = indexes.iter().filter(|index| index.layers.percent.is_some()).collect();
    let percent = |index: &Index| index.layers.percent.unwrap_or(f64::NAN);
    let Some(best) = defined.iter().copied().max_by(|one, other| percent(one).total_cmp(&percent(other))) else { return Value::Null };
    let jackknifed = defined.iter().all(|index| index.layers.without.len() > 2);
    // The row has three networks where it does not say how many were left out.
    let networks = if jackknifed { best.layers.without.len() } else { 3 };
    let is_near = |index: &&&Index| {
        let difference = percent(best) - percent(index);
        let error = match jackknifed {
            true => {
                jackknife(networks, |out| out.map_or(difference, |out| best.layers.without[out] - index.layers.without[out])).standard_error
            }
            false => best.layers.error.zip(index.layers.error).map(|(one, other)| one.hypot(other)),
        };
        !is_apart(difference, error, networks, LEVEL)
    };
    json!({
        "near": defined.iter().filter(is_near).count(),
        "defined": defined.len(),
        "undefined": indexes.iter().filter(|index| index.layers.undefined == Some(1.0)).map(Index::name).collect::<Vec<_>>(),
        "not_there": indexes.iter().filter(|index| index.layers.undefined.is_none()).map(Index::name).collect::<Vec<_>>(),
        "jackknifed": jackknifed,
    })
}

/// Conventions that differ in their divisor alone: the same correlations. By what they have in
/// common.
fn by_divisor(all: &All) -> Vec<(String, Vec<(String, usize)>)> {
    let mut families: Vec<(String, Vec<(String, usize)>)> = Vec::new();
    for (place, spelling) in all.values.indexes.iter().enumerate() {
        let Some((name, options)) = spelling.split_once(':') else { continue };
        let Some(divisor) = options.split(',').find_map(|option| option.strip_prefix("divisor=")) else { continue };
        let rest: Vec<&str> =
            options.split(',').filter(|option| !option.starts_with("divisor=") && !option.starts_with("degenerate=")).collect();
        let family = format!("{name}:{}", rest.join(","));
        let at = families.iter().position(|known| known.0 == family).unwrap_or_else(|| {
            families.push((family, Vec::new()));
            families.len() - 1
        });
        if families[at].1.iter().all(|known| known.0 != divisor) {
            families[at].1.push((divisor.to_owned(), place));
        }
    }
    families.retain(|family| family.1.len() > 1);
    families
}

/// The verdict, by the rule that the experiment states.
fn judge(all: &All) -> Judged {
    let everywhere = best_everywhere(&all.questions, &all.indexes);
    let even = independent_name(RATIOS[2]);
    let mean = |spelling: &str| all.values.place(spelling).and_then(|place| mean_of(&all.values, &even, place).0);
    let bias = (mean("cka"), mean("cka:estimator=debiased"));
    let parts = [
        everywhere.is_empty() && all.questions.iter().any(|question| question.tells),
        !all.moves.is_empty() && all.moves.iter().all(|one| one.apart.0),
        bias.0.zip(bias.1).is_some_and(|(biased, debiased)| biased > 0.3 && debiased.abs() < 0.05),
    ];
    Judged { found: numbers(all, &everywhere), verdict: Verdict::of(&parts), explanation: explanation(all, &everywhere, bias) }
}

fn explanation(all: &All, everywhere: &[usize], bias: (Option<f64>, Option<f64>)) -> String {
    let words = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let names: Vec<String> = everywhere.iter().map(|&place| format!("`{}`", all.indexes[place].name())).collect();
    let (telling, silent): (Vec<&Question>, Vec<&Question>) = all.questions.iter().partition(|question| question.tells);
    let list = |questions: &[&Question]| -> String {
        let names: Vec<&str> = questions.iter().map(|question| QUESTIONS[place_of(all, question)].1).collect();
        if names.is_empty() { "none".to_owned() } else { names.join("; ") }
    };
    let share = |score: &str, component: usize| {
        let found = all.shares.iter().find(|share| share.0 == score && share.1 == REACHED && share.2 == component);
        found.map_or("-".to_owned(), |share| match (share.3, share.4) {
            (Some(mean), Some(error)) => format!("{mean:.2} ± {error:.2}"),
            (mean, _) => words(mean),
        })
    };
    let optimised: Vec<String> =
        SCORES.iter().map(|score| format!("by {} {} and {}", id(score), share(score, COMPONENTS[0]), share(score, 8))).collect();
    let moves: Vec<String> =
        all.moves.iter().map(|one| format!("{} {} and {}", one.name, words(Some(one.cka.0)), words(Some(one.procrustes.0)))).collect();
    format!(
        "{} conventions are {} different indexes. Tests that tell something: {}; that do not: {}. Not told apart from the best in any \
         that does: {}. Linear CKA, and the square of Procrustes's similarity, of a layer with itself after a move: {}; CKA is told \
         apart as \
         the lower in {} of {} moves, as the higher in {}. Of independent data with p = n biased linear CKA says {}, debiased {}. When \
         a score \
         is optimised to {REACHED}, the first principal component and the eighth have these shares: {}.",
        all.indexes.iter().map(|index| index.spellings.len()).sum::<usize>(),
        all.indexes.len(),
        list(&telling),
        list(&silent),
        if names.is_empty() { "none".to_owned() } else { names.join(", ") },
        moves.join("; "),
        all.moves.iter().filter(|one| one.apart.0).count(),
        all.moves.len(),
        all.moves.iter().filter(|one| one.apart.1).count(),
        words(bias.0),
        words(bias.1),
        optimised.join("; "),
    )
}

/// The place of a question in [`QUESTIONS`].
fn place_of(all: &All, question: &Question) -> usize {
    QUESTIONS.iter().position(|(name, _, _)| *name == all.trials[question.trial].name).unwrap_or(0)
}

fn numbers(all: &All, everywhere: &[usize]) -> Map<String, Value> {
    let of_questions = |tests: &dyn Fn(usize) -> Value| all.questions.iter().map(|question| tests(question.trial)).collect::<Vec<_>>();
    let indexes = all.indexes.iter().map(|index| {
        json!({
            "spellings": index.spellings,
            "layers": [index.layers.percent, index.layers.error, index.layers.undefined],
            "milliseconds": [index.unprepared(), index.milliseconds.map(|both| both[1])],
            "tests": of_questions(&|trial| tested(index.tests[trial].as_ref())),
            "means": index.means.iter().map(|(value, error)| json!([value, error])).collect::<Vec<_>>(),
        })
    });
    let questions = all.questions.iter().map(|question| {
        json!({
            "test": all.trials[question.trial].name,
            "networks": all.trials[question.trial].networks(),
            "tells": question.tells,
            "p": question.p,
            "guess": [question.guess.0, question.guess.1],
            "defined": question.defined,
            "beyond": question.beyond,
            "near": question.near,
        })
    });
    let column = |place: usize| of_questions(&|trial| tested(all.found[trial][place].as_ref()));
    let controls = CONTROLS.iter().filter_map(|control| {
        let place = all.values.indexes.iter().position(|name| name == control)?;
        Some(json!({"name": control, "tests": column(place)}))
    });
    let divisors = by_divisor(all).into_iter().map(|(family, members)| {
        let members: Vec<Value> = members.iter().map(|(divisor, place)| json!({"divisor": divisor, "tests": column(*place)})).collect();
        json!({"family": family, "members": members})
    });
    let moves = all.moves.iter().map(|one| {
        json!({
            "name": one.name,
            "cka": [one.cka.0, one.cka.1],
            "procrustes": [one.procrustes.0, one.procrustes.1],
            "lower": [one.lower.0, one.lower.1],
            "apart": [one.apart.0, one.apart.1],
        })
    });
    let several: Vec<&Vec<String>> = all.indexes.iter().filter(|index| index.ids().len() > 1).map(|index| &index.spellings).collect();
    Map::from_iter([
        ("indexes".to_owned(), indexes.collect::<Vec<_>>().into()),
        ("questions".to_owned(), questions.collect::<Vec<_>>().into()),
        ("layers_found".to_owned(), layers_found(&all.indexes)),
        ("controls".to_owned(), controls.collect::<Vec<_>>().into()),
        ("divisors".to_owned(), divisors.collect::<Vec<_>>().into()),
        ("moves".to_owned(), moves.collect::<Vec<_>>().into()),
        ("one_index_of_several_measures".to_owned(), json!(several)),
        ("near_the_best_everywhere".to_owned(), json!(everywhere.iter().map(|&place| all.indexes[place].name()).collect::<Vec<_>>())),
        ("missing".to_owned(), missing_words(all.values.indexes.iter().map(String::as_str)).into()),
    ])
}
