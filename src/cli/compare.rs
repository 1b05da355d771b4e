//! `similitude compare`: two representations.

use crate::report::{csv, visible};
use crate::sweep::{LayerFacts, Outcome, Scores, Sweep};

use crate::cli::arguments::{Common, Compare, TableFormat};
use crate::cli::cautions;
use crate::cli::inference;
use crate::cli::oracle::{self, Certified, WithOracle};
use crate::cli::output;
use crate::cli::progress::Watch;
use crate::cli::reading::{means, open_pair};
use crate::cli::stop::{Status, Stop};
use crate::cli::tell::tell;

pub fn run(options: &Compare, common: &Common) -> Result<Status, Stop> {
    if options.oracle && options.format.format == TableFormat::Csv {
        return Err(Stop::Unusable("--oracle is printed as a table or as json, not as csv".to_string()));
    }
    if options.oracle && options.reading.group.is_some() {
        return Err(Stop::Unusable("--oracle certifies one value, and not the mean over groups (--group)".to_string()));
    }
    let between = [("--gram", options.reading.gram), ("--rdm", options.reading.rdm), ("--rdm-b", options.reading.rdm_b)];
    if let Some((option, _)) = between.into_iter().find(|(_, given)| options.oracle && *given) {
        return Err(Stop::Unusable(format!("--oracle certifies the value of examples, and {option} gives a matrix between them")));
    }
    let has_inference = options.null.null.is_some() || options.interval.interval.is_some();
    if has_inference && options.reading.group.is_some() {
        return Err(Stop::Unusable(
            "--null and --interval are of one choice of examples, and not of the mean over groups (--group): take the examples of one group at a \
             time (--rows)"
                .to_string(),
        ));
    }
    let measures = options.reading.measures(&options.measures);
    inference::check_some_measure(&measures, options.null.null)?;
    inference::check_interval(&measures, &options.interval)?;
    cautions::of_null(options.null.null, None);
    cautions::of_interval(&options.interval);
    crate::cli::allocator::give_memory_back();
    let memory = common.memory();
    let (mut groups, mut complete) = (Vec::new(), true);
    for rows in options.reading.groups(common.seed)? {
        let name = rows.as_ref().map_or_else(String::new, |rows| rows.text().to_string());
        let [layer_x, layer_y] = open_pair(&options.x, &options.y, &options.reading, rows, memory)?;
        let sweep = Sweep::new(&*layer_x, Some(&*layer_y), measures.clone())
            .with_memory(memory)
            .with_precision(common.precision)
            .stopping_on_error(true);
        if options.plan.plan {
            output::print(&format!("{}\n", sweep.outlook()?))?;
            return Ok(Status::Done);
        }
        let mut scores = sweep.resume(Vec::new(), &Watch::new(None))?;
        if has_inference {
            let (x, y) = (layer_x.load(0)?, layer_y.load(0)?);
            complete &= inference::beside_pair(&mut scores, &x, &y, options.null.null, &options.interval, common.seed)?;
        }
        if options.oracle {
            let (x, y) = (layer_x.load(0)?, layer_y.load(0)?);
            let certified: Vec<Certified> =
                measures.iter().zip(scores.records()).map(|(measure, record)| oracle::certify(measure, &record, &x, &y)).collect();
            print_certified(&scores, certified, options.format.format)?;
        }
        groups.push((name, scores));
    }
    let scores = means(groups, options.reading.group.as_deref());
    if !options.oracle {
        output::write(options.format.format, &scores, || table(&scores))?;
    }
    for record in scores.records() {
        for (name, side) in [("warning_x", "X"), ("warning_y", "Y")] {
            if let Some(warning) = record.outcome.text(name) {
                tell(format!("warning: {}: of {side}, {warning}", record.measure));
            }
        }
    }
    Ok(if scores.failures() == 0 && complete { Status::Done } else { Status::Undefined })
}

fn print_certified(scores: &Scores, certified: Vec<Certified>, format: TableFormat) -> Result<(), Stop> {
    if format == TableFormat::Json {
        let lines: Vec<_> = scores.records().zip(certified).map(|(record, oracle)| WithOracle { record, oracle }).collect();
        return Ok(output::write_json_lines(&lines)?);
    }
    let described = scores
        .records()
        .zip(&certified)
        .map(|(record, certified)| format!("\noracle, {}\n{}", record.measure, oracle::describe(certified)));
    Ok(output::print(&(table(scores) + &described.collect::<String>()))?)
}

fn table(scores: &Scores) -> String {
    let (x, y) = (&scores.a().layers[0], &scores.b().layers[0]);
    let said = |words: &Option<String>| words.as_ref().map_or(String::new(), |words| format!("  ({words})"));
    let side =
        |name, layer: &LayerFacts| format!("{name}  {}  {} x {}{}\n", visible(&layer.source), scores.n(), layer.p, said(&layer.reading));
    let mut text = side("X", x) + &side("Y", y) + "\n";
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
        let more = facts.iter().map(|name| record.outcome.diagnostic(name).map_or(String::new(), output::rounded));
        [record.measure.to_string(), value, bound].into_iter().chain(more).collect()
    });
    let header: Vec<&str> = ["measure", "value", "error at most"].into_iter().chain(facts.iter().copied()).collect();
    text += &output::table(&header, rows.collect::<Vec<_>>(), 2);
    text + &explanations
}
