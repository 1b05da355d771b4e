//! The table that a researcher chooses by, from `measures.csv`.

use super::super::context::mean;
use super::super::report::{Judged, Report};
use super::super::trade_off::{PART, TAIL, TIMED, TOP};
use super::{color_of, missing_words};
use crate::error::{Error, Result};
use crate::figures::{Chart, Points, Series};
use crate::results::{Row, Verdict};
use serde_json::{Map, Value, json};

/// One index: a convention, and the spellings that order all pairs of layers alike.
struct Index {
    spellings: Vec<String>,
    /// Numbers by column; `None` where the cell is empty.
    numbers: Vec<(&'static str, Option<f64>)>,
    invariant: bool,
}

/// The columns with numbers.
const NUMBERS: [&str; 16] = [
    "percent",
    "standard_error",
    "within_one_percent",
    "undefined",
    "examples",
    "networks",
    "trials",
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

impl Index {
    fn number(&self, name: &str) -> Option<f64> {
        self.numbers.iter().find(|(column, _)| *column == name).and_then(|(_, value)| *value)
    }

    /// Layers found, in %; `None` where it is undefined in every trial: that is not 0.
    fn accuracy(&self) -> Option<f64> {
        let is_undefined = self.number("trials").is_some_and(|trials| self.number("undefined") == Some(trials));
        self.number("percent").filter(|_| !is_undefined)
    }

    /// Milliseconds for a pair of layers of which nothing is prepared.
    fn unprepared(&self) -> Option<f64> {
        let (layer, pair) = (self.number("milliseconds_of_a_layer")?, self.number("milliseconds_of_a_pair")?);
        Some(2.0 * layer + pair)
    }

    /// The id of the measure.
    fn id(&self) -> &str {
        self.spellings[0].split(':').next().unwrap_or_default()
    }

    /// What a row made before spellings were told apart is merged by: the same measure, the same
    /// counts and the same deletions noticed, and equal values on all examples or a `form` alone
    /// between them. Values on fewer examples are not asked: there two spellings may differ where
    /// one of them is undefined, and they order the same layers alike all the same.
    fn merges(&self, other: &Self) -> bool {
        let same = |name: &str| self.number(name) == other.number(name);
        let value = match (self.number("value"), other.number("value")) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-9,
            (one, other) => one == other,
        };
        let counts =
            ["percent", "within_one_percent", "undefined", "examples", "tail_deleted_unnoticed_share", "top_deleted_noticed_components"];
        let form = self.spellings[0].contains(":form=") && other.spellings[0].contains(":form=");
        self.id() == other.id() && counts.iter().all(|name| same(name)) && (form || value)
    }
}

fn read(report: &Report<'_>) -> Result<Vec<Index>> {
    let table = report.table("measures.csv")?;
    let (measures, invariant) = (table.column("measure")?, table.column("invariant_to_invertible_linear_maps")?);
    let has = |name: &str| table.header().iter().any(|column| column == name);
    let same = if has("same_index_as") { Some(table.column("same_index_as")?) } else { None };
    let numbers = NUMBERS.map(|name| (name, if has(name) { table.numbers(name) } else { Ok(vec![None; table.len()]) }));
    let mut columns = Vec::new();
    for (name, column) in numbers {
        columns.push((name, column?));
    }
    let mut indexes: Vec<Index> = Vec::new();
    for row in 0..table.len() {
        let index = Index {
            spellings: vec![measures[row].to_owned()],
            numbers: columns.iter().map(|(name, column)| (*name, column[row])).collect(),
            invariant: invariant[row] == "true",
        };
        let known = match &same {
            Some(same) => indexes.iter_mut().find(|known| known.spellings.iter().any(|one| one == same[row])),
            None => indexes.iter_mut().find(|known| known.merges(&index)),
        };
        match known {
            Some(known) => {
                known.spellings.extend(index.spellings);
                // One index is invariant when any of its spellings claims so: the others may state
                // a condition that these layers meet.
                known.invariant |= index.invariant;
            }
            None => indexes.push(index),
        }
    }
    if indexes.is_empty() {
        return Err(table.damaged("it has no row".to_owned()));
    }
    Ok(indexes)
}

pub(super) fn report(report: &mut Report<'_>) -> Result<Judged> {
    let indexes = read(report)?;
    draw(report, &indexes)?;
    judge(&indexes)
}

/// What is found against what a pair costs, a color for each measure.
fn draw(report: &mut Report<'_>, indexes: &[Index]) -> Result<()> {
    let mut ids: Vec<&str> = Vec::new();
    for index in indexes {
        if !ids.contains(&index.id()) {
            ids.push(index.id());
        }
    }
    let series = ids.iter().map(|id| {
        let of = indexes.iter().filter(|index| index.id() == *id);
        let place = |index: &Index| {
            let error = index.number("standard_error").unwrap_or(0.0);
            Some(((index.accuracy()?, index.unprepared()?.log10()), error))
        };
        let (places, x_bars) = of.filter_map(place).unzip();
        Series::Dots(Points { name: (*id).to_owned(), places, x_bars, color: color_of(id), ..Points::default() })
    });
    // A name in the legend without a mark would be looked for in vain.
    let series = series.filter(|series| !series.is_empty());
    let (n, p) = TIMED;
    let chart = Chart {
        title: "what is found, and what it costs".to_owned(),
        x: "layers found, %".to_owned(),
        y: format!("log10 of milliseconds a pair from scratch, n = {n}, p = {p}"),
        series: series.collect(),
        ..Chart::default()
    };
    report.charts("trade-off", &[chart], 1)
}

/// The verdict, by the rule that the experiment states.
fn judge(indexes: &[Index]) -> Result<Judged> {
    let of =
        |invariant: bool| -> Vec<f64> { indexes.iter().filter(|index| index.invariant == invariant).filter_map(Index::accuracy).collect() };
    let undefined: Vec<String> =
        indexes.iter().filter(|index| index.accuracy().is_none()).map(|index| format!("`{}`", index.spellings[0])).collect();
    let (linear, others) = (of(true), of(false));
    let average = |values: &[f64]| {
        mean(values).ok_or_else(|| Error::Undefined {
            what: "the mean accuracy of a kind of measures".to_owned(),
            reason: "the library has no measure of it".to_owned(),
        })
    };
    let best = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let (linear_mean, others_mean) = (average(&linear)?, average(&others)?);
    let spellings: usize = indexes.iter().map(|index| index.spellings.len()).sum();
    let measures = indexes.iter().map(|index| {
        let mut numbers: Map<String, Value> = index
            .numbers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value.map(|value| if value.is_finite() { value } else { f64::MAX }))))
            .collect();
        numbers.insert("spellings".to_owned(), json!(index.spellings));
        numbers.insert("invariant".to_owned(), json!(index.invariant));
        Value::Object(numbers)
    });
    Ok(Judged {
        found: Map::from_iter([
            ("measures".to_owned(), measures.collect::<Vec<_>>().into()),
            ("missing".to_owned(), missing_words(indexes.iter().flat_map(|index| &index.spellings).map(String::as_str)).into()),
            ("mean_accuracy_invariant".to_owned(), json!(linear_mean)),
            ("mean_accuracy_others".to_owned(), json!(others_mean)),
        ]),
        verdict: Verdict::of(&[linear_mean < others_mean, best(&linear) < best(&others)]),
        explanation: format!(
            "{spellings} conventions are {} different indexes. The {} that are invariant to invertible linear maps find {linear_mean:.1} \
             % of the \
             layers on average, at best {:.1} %; the {} others {others_mean:.1} % and {:.1} %. The best of the first kind is `{}`.{}{}",
            indexes.len(),
            linear.len(),
            best(&linear),
            others.len(),
            best(&others),
            indexes
                .iter()
                .filter(|index| index.invariant && index.accuracy().is_some())
                .max_by(|one, other| one.accuracy().unwrap_or(0.0).total_cmp(&other.accuracy().unwrap_or(0.0)))
                .map_or("none", |index| index.spellings[0].as_str()),
            match undefined.is_empty() {
                true => String::new(),
                false => format!(" Undefined in every trial, and in no mean: {}.", undefined.join(", ")),
            },
            match indexes.iter().all(|index| index.number("standard_error").is_none()) {
                true => " The row has no standard errors: the values of its pairs were not kept.",
                false => "",
            },
        ),
    })
}

pub(super) fn table(row: &Row) -> String {
    let mut table = format!(
        "| index | other spellings | found, % | s.e. | within one, % | undefined | n | sees invertible linear maps | ms a layer | ms a \
         prepared pair | ms a pair from scratch | value | \
         bias at n/{PART} | unrelated at n/{PART} | tail unnoticed, % | top noticed \
         |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let missing = row.found.get("missing").and_then(Value::as_str).unwrap_or_default();
    if !missing.is_empty() {
        table = format!("{missing}\n\n{table}");
    }
    for measure in row.found.get("measures").and_then(Value::as_array).into_iter().flatten() {
        let number = |name: &str| measure.get(name).and_then(Value::as_f64);
        let shown = |name: &str, digits: usize| number(name).map_or("-".to_owned(), |value| format!("{value:.digits$}"));
        let spellings: Vec<&str> =
            measure.get("spellings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let fewer = match (number("layers_defined"), number("layers_defined_with_fewer_examples")) {
            (Some(all), Some(fewer)) if fewer < all && fewer > 0.0 => format!(" ({fewer} of {all} layers)"),
            _ => String::new(),
        };
        let tail = match number("tail_deleted_unnoticed_share") {
            Some(share) if share >= TAIL[TAIL.len() - 1] => format!("{:.0} and more", 100.0 * share),
            Some(share) => format!("{:.0}", 100.0 * share),
            None => "-".to_owned(),
        };
        let top = match number("top_deleted_noticed_components") {
            Some(top) if top > TOP[TOP.len() - 1] as f64 => format!("more than {}", TOP[TOP.len() - 1]),
            Some(top) => format!("{top:.0}"),
            None => "-".to_owned(),
        };
        let is_undefined = number("trials").is_some_and(|trials| number("undefined") == Some(trials));
        let found = |name: &str| if is_undefined { "undefined".to_owned() } else { shown(name, 1) };
        let scratch = number("milliseconds_of_a_layer").zip(number("milliseconds_of_a_pair"));
        let cells = [
            format!("`{}`", spellings.first().unwrap_or(&"")),
            (spellings.len().saturating_sub(1)).to_string(),
            found("percent"),
            found("standard_error"),
            found("within_one_percent"),
            shown("undefined", 0),
            shown("examples", 0),
            measure.get("invariant").and_then(Value::as_bool).map_or("-", |invariant| if invariant { "no" } else { "yes" }).to_owned(),
            shown("milliseconds_of_a_layer", 2),
            shown("milliseconds_of_a_pair", 2),
            scratch.map_or("-".to_owned(), |(layer, pair)| format!("{:.2}", 2.0 * layer + pair)),
            shown("value", 3),
            format!("{}{fewer}", shown("bias_with_fewer_examples", 3)),
            shown("value_of_unrelated_with_fewer_examples", 3),
            tail,
            top,
        ];
        table += &format!("| {} |\n", cells.join(" | "));
    }
    table + &notes()
}

/// What the columns are.
fn notes() -> String {
    let (n, p) = TIMED;
    format!(
        "\nHow to read it. *Other spellings*: conventions that order all pairs of layers alike, such as a distance \
         and its \
         square, in rows made lately of whatever measure; `measures.csv` names them, and where it does not, those with equal counts \
         and an equal *value* are taken for one. \
         *s.e.*: jackknife over networks. A tie is a miss, and so is a measure that is undefined on a layer (*undefined* counts these \
         trials); one that is undefined in all trials has no share. \
         **ms**: milliseconds for a layer, for a pair of prepared layers, and for a pair of which nothing is prepared, at n = {n}, p = \
         q = {p}, \
         by this measure alone; measures that stand together share much of it. \
         **Sample-size bias**: *value* is the mean value of corresponding layers of different networks on n pictures, *bias* how much \
         more it is on n/{PART}, and \
         *unrelated* what it is when the two networks see *different* n/{PART} pictures, in a drawn order: a similarity without bias has \
         a bias of 0, and says 0 of what is unrelated. Where a \
         measure is undefined on some layers with so few pictures, the number of the layers averaged over stands there. \
         **Principal components**, after Ding, Denain and Steinhardt (2021): a layer is compared with itself after some of its \
         components \
         were deleted. The deletion is \
         noticed when the layer is then less like itself than like the same layer of other networks. *Tail unnoticed*: the largest share \
         of the components that can be \
         deleted, the weakest first, without being noticed; less is more sensitive. *Top noticed*: how many must be deleted, the \
         strongest first, to be noticed; 1 is the most \
         sensitive. Both are medians over layers, of {} and {}.\n",
        list(&TAIL.map(|share| format!("{:.0} %", 100.0 * share))),
        list(&TOP.map(|count| count.to_string())),
    )
}

fn list(items: &[String]) -> String {
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is undefined in every trial has no share of layers found, and is in no mean.
    #[test]
    fn undefined_is_not_zero() {
        let index = |spelling: &str, percent: f64, undefined: f64, invariant: bool| Index {
            spellings: vec![spelling.to_owned()],
            numbers: vec![("percent", Some(percent)), ("undefined", Some(undefined)), ("trials", Some(42.0))],
            invariant,
        };
        let indexes = [index("cca", 20.0, 0.0, true), index("cka", 90.0, 0.0, false), index("soft-matching", 0.0, 42.0, false)];
        let judged = judge(&indexes).unwrap();
        assert_eq!(judged.found["mean_accuracy_others"], 90.0);
        assert!(judged.explanation.contains("in no mean: `soft-matching`"), "{}", judged.explanation);
        let row = Row {
            setting: Map::new(),
            found: judged.found,
            verdict: judged.verdict,
            explanation: String::new(),
            command: String::new(),
            seconds: crate::results::Seconds::default(),
            machine: None,
            files: Vec::new(),
        };
        let line = table(&row).lines().find(|line| line.contains("`soft-matching`")).map(str::to_owned).unwrap();
        assert!(line.contains("undefined") && !line.contains("0.0"), "{line}");
    }

    /// Two spellings that are one index on these layers, of which one is undefined with few
    /// examples.
    #[test]
    fn an_index_is_counted_once_though_a_spelling_is_undefined_with_few_examples() {
        let index = |spelling: &str, value: f64, fewer: Option<f64>| Index {
            spellings: vec![spelling.to_owned()],
            numbers: vec![
                ("percent", Some(5.6)),
                ("value", Some(value)),
                ("bias_with_fewer_examples", fewer),
                ("value_of_unrelated_with_fewer_examples", fewer),
            ],
            invariant: true,
        };
        let one = index("cca:summary=rho,divisor=min-rank,center=yes,degenerate=error", 0.61, Some(0.2));
        assert!(one.merges(&index("cca:summary=rho,divisor=min-rank,center=yes,degenerate=allow", 0.61, Some(0.3))));
        assert!(one.merges(&index("cca:summary=rho,divisor=min-width,center=yes,degenerate=allow", 0.61, None)));
        assert!(!one.merges(&index("cca:summary=r2,divisor=min-rank,center=yes,degenerate=allow", 0.51, Some(0.2))));
        assert!(!one.merges(&index("svcca:summary=rho", 0.61, Some(0.2))));
    }
}
