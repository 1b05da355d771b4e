//! `similitude compare`: two representations.

use std::fs::File;
use std::io::BufRead;
use std::path::Path;

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
    let memory = common.memory();
    let (layer_x, layer_y) = (layer(&options.x, spatial, memory)?, layer(&options.y, spatial, memory)?);
    let measures = options.measures.measures();
    let sweep = Sweep::new(&*layer_x, Some(&*layer_y), measures.clone())
        .with_memory(memory)
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
fn layer(source: &Source, spatial: Option<Spatial>, memory: Option<u64>) -> Result<Box<dyn Layers>, Stop> {
    match StoredLayers::of_source(source, spatial) {
        Ok(stored) => Ok(Box::new(stored)),
        Err(io::Error::NotANetwork { .. }) => {
            require_room(source.path(), memory)?;
            let (name, representation) = (source.path().display().to_string(), io::read_representation(source, spatial)?);
            Ok(Box::new(LayersInMemory::new(name, vec![representation]).with_layer_names(vec![String::new()])))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks that a file of text, which is read as a whole, fits into the memory: its numbers twice, as
/// they are read and as they are kept.
fn require_room(file: &Path, memory: Option<u64>) -> Result<(), Stop> {
    let Some(memory) = memory else { return Ok(()) };
    let unusable = |error: std::io::Error| Stop::Unusable(format!("{}: {error}", file.display()));
    let mut reader = std::io::BufReader::with_capacity(1 << 20, File::open(file).map_err(unusable)?);
    let mut numbers: u64 = 0;
    loop {
        let part = reader.fill_buf().map_err(unusable)?;
        if part.is_empty() {
            break;
        }
        let length = part.len();
        numbers += part.iter().filter(|byte| matches!(byte, b',' | b'\n')).count() as u64;
        reader.consume(length);
    }
    let needed = numbers.saturating_mul(2 * size_of::<f64>() as u64);
    if needed <= memory {
        return Ok(());
    }
    let file = file.display();
    Err(Stop::Unusable(format!(
        "{file}: about {numbers} numbers, which take {needed} bytes of memory, and may take {memory}. Store them as .npy or .safetensors, \
         which are read a part at a time, or allow more with --memory"
    )))
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
