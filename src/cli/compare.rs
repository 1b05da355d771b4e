//! `similitude compare`: two representations.

use crate::report::{csv, visible};
use crate::sweep::{LayerFacts, Outcome, Scores, Sweep};
use serde::Serialize;

use crate::cli::arguments::{Common, Compare, TableFormat};
use crate::cli::inference;
use crate::cli::oracle::{self, Certified, WithOracle};
use crate::cli::output;
use crate::cli::progress::Watch;
use crate::cli::reading::{Pair, open_pair};
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;

pub fn run(options: &Compare, common: &Common) -> Result<Status, Stop> {
    if options.oracle && options.format.format == TableFormat::Csv {
        return Err(Stop::Unusable("--oracle is printed as a table or as json, not as csv".to_string()));
    }
    crate::cli::allocator::give_memory_back();
    let memory = common.memory();
    let Pair { layers: [layer_x, layer_y], conventions } = open_pair(&options.x, &options.y, &options.reading, common.seed, memory)?;
    let measures = options.measures.measures();
    let sweep = Sweep::new(&*layer_x, Some(&*layer_y), measures.clone())
        .with_memory(memory)
        .with_precision(common.precision)
        .stopping_on_error(true);
    if options.plan.plan {
        output::print(&format!("{}\n", sweep.outlook()?))?;
        return Ok(Status::Done);
    }
    let mut scores = sweep.resume(Vec::new(), &Watch::new(None))?;
    if options.null.null.is_some() || options.interval.interval.is_some() {
        let (x, y) = (layer_x.load(0)?, layer_y.load(0)?);
        inference::beside_pair(&mut scores, &x, &y, options.null.null, &options.interval, common.seed)?;
    }
    let [x, y] = conventions;
    let reading = Reading { x, y };
    if options.oracle {
        let (x, y) = (layer_x.load(0)?, layer_y.load(0)?);
        let certified: Vec<Certified> =
            measures.iter().zip(scores.records()).map(|(measure, record)| oracle::certify(measure, &record, &x, &y)).collect();
        print_certified(&scores, certified, reading, options.format.format)?;
    } else if options.format.format == TableFormat::Json && !reading.is_empty() {
        let lines: Vec<_> = scores.records().map(|record| WithReading { record, reading: reading.clone() }).collect();
        output::write_json_lines(&lines)?;
    } else {
        output::write(options.format.format, &scores, || table(&scores, &reading))?;
    }
    for record in scores.records() {
        for (name, side) in [("warning_x", "X"), ("warning_y", "Y")] {
            if let Some(warning) = record.outcome.text(name) {
                tell(format!("warning: {}: of {side}, {warning}", record.measure));
            }
        }
    }
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// A comparison with how its sides were read, where that was decided.
#[derive(Serialize)]
struct WithReading<R> {
    #[serde(flatten)]
    record: R,
    #[serde(skip_serializing_if = "Reading::is_empty")]
    reading: Reading,
}

/// What decided how two representations were read, in words.
#[derive(Clone, Serialize)]
struct Reading {
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl Reading {
    fn is_empty(&self) -> bool {
        self.x.is_none() && self.y.is_none()
    }
}

fn print_certified(scores: &Scores, certified: Vec<Certified>, reading: Reading, format: TableFormat) -> Result<(), Stop> {
    if format == TableFormat::Json {
        let certified = scores.records().zip(certified).map(|(record, oracle)| WithOracle { record, oracle });
        let lines: Vec<_> = certified.map(|record| WithReading { record, reading: reading.clone() }).collect();
        return Ok(output::write_json_lines(&lines)?);
    }
    let described = scores
        .records()
        .zip(&certified)
        .map(|(record, certified)| format!("\noracle, {}\n{}", record.measure, oracle::describe(certified)));
    Ok(output::print(&(table(scores, &reading) + &described.collect::<String>()))?)
}

fn table(scores: &Scores, reading: &Reading) -> String {
    let (x, y) = (&scores.a().layers[0], &scores.b().layers[0]);
    let said = |words: &Option<String>| words.as_ref().map_or(String::new(), |words| format!("  ({words})"));
    let side =
        |name, layer: &LayerFacts, words| format!("{name}  {}  {} x {}{}\n", visible(&layer.source), scores.n(), layer.p, said(words));
    let mut text = side("X", x, &reading.x) + &side("Y", y, &reading.y) + "\n";
    let mut explanations = String::new();
    // Those that were asked for; the seed stands in the command.
    let facts: Vec<&str> = csv::INFERENCE.into_iter().filter(|name| *name != "seed" && scores.has_any(&[name])).collect();
    let rows = scores.records().map(|record| {
        let bound = record.outcome.diagnostic("error_bound").map_or(String::new(), |bound| format!("{bound:.0e}"));
        let value = match record.outcome {
            Outcome::Value { value, .. } => format!("{value:?}"),
            Outcome::Failure { error } => {
                explanations += &format!("\n{}\n", error.message);
                error.kind.clone()
            }
        };
        let more = facts.iter().map(|name| record.outcome.diagnostic(name).map_or(String::new(), |value| format!("{value:.4}")));
        [record.measure.to_string(), value, bound].into_iter().chain(more).collect()
    });
    let header: Vec<&str> = ["measure", "value", "error at most"].into_iter().chain(facts.iter().copied()).collect();
    text += &output::table(&header, rows.collect::<Vec<_>>(), 2);
    text + &explanations
}
