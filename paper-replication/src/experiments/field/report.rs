//! The table to choose by: what each measure finds, costs, needs and misses, from the tables of
//! this row and of `sanity-all`.

use super::super::context::mean;
use super::super::report::{Judged, Report};
use super::super::sanity_all::color_of;
use super::noise::{RATIOS, independent_name};
use super::optimised::{COMPONENTS, SCORES, TARGETS};
use super::table::{guess, tells};
use crate::error::Result;
use crate::figures::{Chart, Points, Series, number};
use crate::results::Verdict;
use serde_json::{Map, json};

/// The columns of the trade-off table that are tests: the test, what the table calls it, and the
/// question that it answers. Those whose values are ranks or counts come first: spellings of one
/// index agree there.
pub(super) const TESTS: [(&str, &str, &str); 10] = [
    ("layer monotonicity, conformity", "layer order", "Are near layers of one network more alike than far ones?"),
    ("accuracy correlation", "accuracy", "Do networks differ in accuracy as their last layers differ?"),
    ("output correlation", "outputs", "Do networks differ in what they say as their last layers differ?"),
    ("random labels, AUPRC", "labels", "Which networks learned from labels of the same quality?"),
    ("shortcut, AUPRC", "shortcut", "Which networks rely on the same shortcut?"),
    ("augmentation, AUPRC", "augmentation", "Which networks saw the same augmentation?"),
    ("probing over seeds and layers, Spearman", "probe: layers", "Does dissimilarity follow what a probe reads, over seeds and layers?"),
    (
        "probing over deleted components, Spearman",
        "probe: deleted",
        "Does dissimilarity follow what a probe loses with deleted components?",
    ),
    ("one example moved by 100 sd", "one moved", ""),
    ("independent data, p/n = 1", "independent", ""),
];

/// Tests whose values depend on the order of similarities alone.
const ORDER_ALONE: usize = 8;

/// What a test says: a value and its standard error.
type Tested = (Option<f64>, Option<f64>);

/// One index with its spellings.
struct Index {
    spellings: Vec<String>,
    /// By [`TESTS`]: value and standard error.
    tests: Vec<Tested>,
    /// Layers found in %, its standard error, milliseconds a pair: from `sanity-all`.
    found: [Option<f64>; 3],
}

fn id(spelling: &str) -> &str {
    spelling.split(':').next().unwrap_or_default()
}

fn read(report: &Report<'_>) -> Result<Vec<Index>> {
    let table = report.table("tests.csv")?;
    let (measures, tests) = (table.column("measure")?, table.column("test")?);
    let (values, errors) = (table.numbers("value")?, table.numbers("standard_error")?);
    let sanity = report.folder.sibling("sanity-all").read("measures.csv")?;
    let costs: Vec<(String, [Option<f64>; 3])> = match &sanity {
        Some(table) => {
            let names = table.column("measure")?;
            let columns = ["percent", "standard_error", "milliseconds_of_a_pair"].map(|name| {
                if table.header().iter().any(|column| column == name) { table.numbers(name) } else { Ok(vec![None; table.len()]) }
            });
            let [percent, error, milliseconds] = columns;
            let (percent, error, milliseconds) = (percent?, error?, milliseconds?);
            (0..names.len()).map(|row| (names[row].to_owned(), [percent[row], error[row], milliseconds[row]])).collect()
        }
        None => Vec::new(),
    };
    let mut spellings: Vec<&str> = Vec::new();
    for measure in &measures {
        if !spellings.contains(measure) {
            spellings.push(measure);
        }
    }
    let mut indexes: Vec<Index> = Vec::new();
    for spelling in spellings {
        let of = |test: &str| {
            let row = (0..values.len()).find(|&row| measures[row] == spelling && tests[row] == test);
            row.map_or((None, None), |row| (values[row], errors[row]))
        };
        let answers: Vec<_> = TESTS.iter().map(|(test, _, _)| of(test)).collect();
        let same = |known: &Index| {
            let agree = |(one, other): (&Tested, &Tested)| match (one.0, other.0) {
                (Some(one), Some(other)) => (one - other).abs() <= 1e-9,
                (one, other) => one == other,
            };
            id(&known.spellings[0]) == id(spelling) && known.tests.iter().zip(&answers).take(ORDER_ALONE).all(agree)
        };
        match indexes.iter_mut().find(|known| same(known)) {
            Some(known) => known.spellings.push(spelling.to_owned()),
            None => {
                let found = costs.iter().find(|(name, _)| name == spelling).map_or([None; 3], |(_, found)| *found);
                indexes.push(Index { spellings: vec![spelling.to_owned()], tests: answers, found });
            }
        }
    }
    if indexes.is_empty() {
        return Err(table.damaged("it has no row".to_owned()));
    }
    Ok(indexes)
}

pub(super) fn report(report: &mut Report<'_>) -> Result<Judged> {
    let mut indexes = read(report)?;
    indexes.sort_by(|one, other| other.found[0].unwrap_or(-1.0).total_cmp(&one.found[0].unwrap_or(-1.0)));
    write(report, &indexes)?;
    let shares = draw(report, &indexes)?;
    judge(report, &indexes, &shares)
}

fn write(report: &mut Report<'_>, indexes: &[Index]) -> Result<()> {
    let mut header: Vec<String> =
        ["index", "spellings", "layers found percent", "its standard error", "milliseconds a pair"].map(str::to_owned).to_vec();
    TESTS.iter().for_each(|(test, _, _)| header.extend([(*test).to_owned(), format!("{test}, standard error")]));
    let rows = indexes.iter().map(|index| {
        let mut row = vec![index.spellings[0].clone(), index.spellings.join(" ")];
        row.extend(index.found.map(number));
        row.extend(index.tests.iter().flat_map(|(value, error)| [number(*value), number(*error)]));
        row
    });
    let rows = rows.collect();
    report.folder.rows("trade-off.csv", &header, rows)
}

/// The mean share of a component at a target, by score, target, component.
type Shares = Vec<(String, f64, usize, Option<f64>)>;

fn draw(report: &mut Report<'_>, indexes: &[Index]) -> Result<Shares> {
    let mut ids: Vec<&str> = Vec::new();
    for index in indexes {
        if !ids.contains(&id(&index.spellings[0])) {
            ids.push(id(&index.spellings[0]));
        }
    }
    let groups = |index: &Index| {
        let of: Option<Vec<f64>> = index.tests[3..6].iter().map(|test| test.0).collect();
        of.and_then(|of| mean(&of))
    };
    let chart = |x: &str, y: &str, place: &dyn Fn(&Index) -> Option<(f64, f64)>| Chart {
        title: String::new(),
        x: x.to_owned(),
        y: y.to_owned(),
        series: ids
            .iter()
            .map(|name| {
                let color = color_of(name);
                let of = indexes.iter().filter(|index| id(&index.spellings[0]) == *name);
                Series::Dots(Points { name: (*name).to_owned(), places: of.filter_map(place).collect(), color, ..Points::default() })
            })
            // A name in the legend without a mark would be looked for in vain.
            .filter(|series| !series.is_empty())
            .collect(),
        ..Chart::default()
    };
    // Values that are not between -1 and 1 have no place beside those that are.
    let bounded = |index: &Index, place: usize| index.tests[place].0.filter(|value| value.abs() <= 1.0);
    let charts = [
        chart("layers found, %", "groups, mean AUPRC", &|index| Some((index.found[0]?, groups(index)?))),
        chart("layers found, %", "log10 of ms a pair", &|index| Some((index.found[0]?, index.found[2]?.log10()))),
        chart("outputs", "deleted components", &|index| Some((index.tests[2].0?, index.tests[7].0?))),
        chart("one moved", "independent", &|index| Some((bounded(index, 8)?, bounded(index, 9)?))),
    ];
    report.charts("trade-off", &charts, 2)?;
    let table = report.table("optimised.csv")?;
    let (scores, targets, components) = (table.column("score")?, table.full("target")?, table.full("component")?);
    let values = table.numbers("share")?;
    let share = |score: &str, target: f64, component: usize| -> Option<f64> {
        let rows = (0..table.len()).filter(|&row| scores[row] == score && targets[row] == target && components[row] as usize == component);
        mean(&rows.map(|row| values[row]).collect::<Option<Vec<f64>>>()?)
    };
    let all: Shares = SCORES
        .iter()
        .flat_map(|score| TARGETS.iter().flat_map(move |target| COMPONENTS.map(|component| (*score, *target, component))))
        .map(|(score, target, component)| (score.to_owned(), target, component, share(score, target, component)))
        .collect();
    let charts: Vec<Chart> = SCORES
        .iter()
        .map(|score| Chart {
            title: (*score).to_owned(),
            x: "score reached".to_owned(),
            y: "share of the component".to_owned(),
            y_range: Some((0.0, 1.0)),
            ticks: TARGETS.map(|target| target.to_string()).to_vec(),
            series: COMPONENTS
                .iter()
                .enumerate()
                .map(|(color, component)| {
                    let shares = TARGETS.map(|target| share(score, target, *component));
                    Series::Line(Points::by_place(format!("component {component}"), shares, color))
                })
                .collect(),
        })
        .collect();
    report.charts("optimised", &charts, 2)?;
    Ok(all)
}

/// The value of a test by the convention that this text parses to.
fn of_convention(report: &Report<'_>, spelling: &str, test: &str) -> Result<Option<f64>> {
    let full = similitude::Measure::parse(spelling)?.to_string();
    let table = report.table("tests.csv")?;
    let (measures, tests, values) = (table.column("measure")?, table.column("test")?, table.numbers("value")?);
    Ok((0..values.len()).find(|&row| measures[row] == full && tests[row] == test).and_then(|row| values[row]))
}

/// The verdict, by the rule that the experiment states.
fn judge(report: &Report<'_>, indexes: &[Index], shares: &Shares) -> Result<Judged> {
    let best_tenth = indexes.len().div_ceil(10);
    let ranks_first = |place: usize, index: &Index| {
        let Some(own) = index.tests[place].0 else { return false };
        indexes.iter().filter(|other| other.tests[place].0.is_some_and(|value| value > own)).count() < best_tenth
    };
    let guess = guess();
    let telling: Vec<usize> =
        (0..ORDER_ALONE).filter(|&place| tells(place, guess, indexes.iter().map(|index| index.tests[place].0))).collect();
    let everywhere: Vec<&str> = indexes
        .iter()
        .filter(|index| telling.iter().all(|&place| ranks_first(place, index)))
        .map(|index| index.spellings[0].as_str())
        .collect();
    let left_out: Vec<&str> = (0..ORDER_ALONE).filter(|place| !telling.contains(place)).map(|place| TESTS[place].1).collect();
    let value = |spelling: &str, test: &str| of_convention(report, spelling, test);
    let moved = (value("cka", "one example moved by 100 sd")?, value("procrustes:form=similarity", "one example moved by 100 sd")?);
    let even = independent_name(RATIOS[2]);
    let bias = (value("cka", &even)?, value("cka:estimator=debiased", &even)?);
    let parts = [
        everywhere.is_empty(),
        moved.0.zip(moved.1).is_some_and(|(cka, procrustes)| cka < procrustes),
        bias.0.zip(bias.1).is_some_and(|(biased, debiased)| biased > 0.3 && debiased.abs() < 0.05),
    ];
    let words = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let rows = indexes.iter().map(|index| {
        json!({
            "spellings": index.spellings,
            "found": index.found,
            "tests": index.tests.iter().map(|(value, error)| json!([value, error])).collect::<Vec<_>>(),
        })
    });
    let first =
        |score: &str| shares.iter().find(|share| share.0 == score && share.1 == 0.7 && share.2 == COMPONENTS[0]).and_then(|share| share.3);
    let late = |score: &str| shares.iter().find(|share| share.0 == score && share.1 == 0.7 && share.2 == 8).and_then(|share| share.3);
    Ok(Judged {
        found: Map::from_iter([
            ("indexes".to_owned(), rows.collect::<Vec<_>>().into()),
            ("guessed_auprc".to_owned(), json!([guess.0, guess.1])),
        ]),
        verdict: Verdict::of(&parts),
        explanation: format!(
            "{} conventions are {} different indexes; among the best tenth in all {} tests of order that tell something: {} ({}). One \
             example of 516 moved by 100 sd leaves linear CKA at {} and \
             Procrustes at {}. Of independent data with p = n biased linear CKA says {}, debiased {}. When linear CKA is optimised to \
             0.7, the first principal component \
             has a share of {} and the eighth of {}; by regression {} and {}.",
            indexes.iter().map(|index| index.spellings.len()).sum::<usize>(),
            indexes.len(),
            telling.len(),
            if everywhere.is_empty() { "none".to_owned() } else { everywhere.join(", ") },
            match left_out.is_empty() {
                true => "all do".to_owned(),
                false => format!("left out, as no index is told apart from a guess: {}", left_out.join(", ")),
            },
            words(moved.0),
            words(moved.1),
            words(bias.0),
            words(bias.1),
            words(first(SCORES[0])),
            words(late(SCORES[0])),
            words(first(SCORES[2])),
            words(late(SCORES[2])),
        ),
    })
}
