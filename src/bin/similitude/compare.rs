//! `similitude compare`: two representations.

use similitude::io::{self, Source, Spatial};
use similitude::report::visible;
use similitude::sweep::{Layers, LayersInMemory, Outcome, Scores, StoredLayers, Sweep};

use crate::arguments::{Common, Compare, TableFormat};
use crate::oracle::{self, Certified, WithOracle};
use crate::output;
use crate::progress::Watch;
use crate::stop::{Status, Stop};

pub fn run(options: &Compare, common: &Common) -> Result<Status, Stop> {
    if options.oracle && options.format.format == TableFormat::Csv {
        return Err(Stop::Unusable("--oracle is printed as a table or as json, not as csv".to_string()));
    }
    crate::allocator::give_memory_back();
    let spatial = options.spatial.spatial;
    let (layer_x, layer_y) = (layer(&options.x, spatial)?, layer(&options.y, spatial)?);
    let measures = options.measures.measures();
    let sweep = Sweep::new(&*layer_x, Some(&*layer_y), measures.clone())
        .with_memory(common.memory())
        .with_precision(common.precision)
        .stopping_on_error(true);
    if options.plan.plan {
        output::print(&format!("{}\n", sweep.outlook()?))?;
        return Ok(Status::Done);
    }
    let scores = sweep.resume(Vec::new(), &Watch::new(None))?;
    if options.oracle {
        let (x, y) = (layer_x.load(0)?, layer_y.load(0)?);
        let certified: Vec<Certified> =
            measures.iter().zip(scores.records()).map(|(measure, record)| oracle::certify(measure, &record, &x, &y)).collect();
        print_certified(&scores, certified, options.format.format)?;
    } else {
        output::write(options.format.format, scores.records(), || table(&scores))?;
    }
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

/// The only layer of a network. Its numbers are read when they are needed, but for a `.csv` file's.
fn layer(source: &Source, spatial: Option<Spatial>) -> Result<Box<dyn Layers>, Stop> {
    match StoredLayers::of_source(source, spatial) {
        Ok(stored) => Ok(Box::new(stored)),
        Err(io::Error::NotANetwork { .. }) => {
            let (name, representation) = (source.path().display().to_string(), io::read_representation(source, spatial)?);
            Ok(Box::new(LayersInMemory::new(name, vec![representation]).with_layer_names(vec![String::new()])))
        }
        Err(error) => Err(error.into()),
    }
}

fn print_certified(scores: &Scores, certified: Vec<Certified>, format: TableFormat) -> Result<(), Stop> {
    if format == TableFormat::Json {
        let lines: Vec<WithOracle<'_>> = scores.records().zip(certified).map(|(record, oracle)| WithOracle { record, oracle }).collect();
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
    let (x_source, y_source) = (visible(&x.source), visible(&y.source));
    let mut text = format!("X  {x_source}  {} x {}\nY  {y_source}  {} x {}\n\n", scores.n(), x.p, scores.n(), y.p);
    let mut explanations = String::new();
    let rows = scores.records().map(|record| {
        let bound = record.outcome.diagnostic("error_bound").map_or(String::new(), |bound| format!("{bound:.0e}"));
        let value = match record.outcome {
            Outcome::Value { value, .. } => format!("{value:?}"),
            Outcome::Failure { error } => {
                explanations += &format!("\n{}\n", error.message);
                error.kind.clone()
            }
        };
        vec![record.measure.to_string(), value, bound]
    });
    text += &output::table(&["measure", "value", "error at most"], rows.collect::<Vec<_>>(), 2);
    text + &explanations
}
