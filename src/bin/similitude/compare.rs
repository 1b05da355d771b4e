//! `similitude compare`: two representations.

use similitude::io::{self, Source};
use similitude::sweep::{LayersInMemory, Outcome, Scores, Silent, Sweep};

use crate::arguments::{Common, Compare};
use crate::output;
use crate::stop::{Status, Stop};

pub fn run(options: &Compare, common: &Common) -> Result<Status, Stop> {
    let read = |source: &Source| -> Result<LayersInMemory<'static>, Stop> {
        let representation = io::read_representation(source, options.spatial.spatial)?;
        let layer = source.tensor().unwrap_or_default().to_string();
        Ok(LayersInMemory::new(source.path().display().to_string(), vec![representation]).with_layer_names(vec![layer]))
    };
    let (x, y) = (read(&options.x)?, read(&options.y)?);
    let sweep = Sweep::new(&x, Some(&y), options.measures.measures()).with_memory(common.memory());
    let scores = sweep.resume(Vec::new(), &Silent)?;
    output::write(options.format.format, scores.records(), || table(&scores))?;
    Ok(if scores.failures() == 0 { Status::Done } else { Status::Undefined })
}

fn table(scores: &Scores) -> String {
    let (x, y) = (&scores.a().layers[0], &scores.b().layers[0]);
    let mut text = format!("X  {}  {} x {}\nY  {}  {} x {}\n\n", x.source, scores.n(), x.p, y.source, scores.n(), y.p);
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
