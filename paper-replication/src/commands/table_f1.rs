//! Table F.1: Transformer encoders at four places of every sublayer.

use crate::data;
use crate::error::Result;
use crate::transformer::Place;
use crate::transformer::table_f1::{INDEXES, PlaceResult, Preset, Setting, identify_at, networks, write_results};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

/// Train Transformer encoders on the embedded digits, rows as tokens, and ask which index finds the
/// corresponding sublayer.
#[derive(Debug, Args)]
pub struct TableF1 {
    /// The size of the experiment
    #[arg(long, value_enum, default_value = "quick")]
    preset: Preset,
    /// The folder for tables, pictures and result.json, in table-f1/PRESET
    #[arg(long, default_value = "paper-replication/results")]
    results: PathBuf,
    /// The folder for what the encoders answer, 15 MB each: those that are there are not trained
    /// again
    #[arg(long, default_value = "target/paper-replication")]
    work: PathBuf,
}

/// Runs [`TableF1`]; prints the table of accuracies beside the paper's, and what of the paper's
/// table is seen.
///
/// # Errors
/// When training fails, or a file cannot be read or written.
pub fn table_f1(arguments: &TableF1) -> Result<()> {
    let name = arguments.preset.name();
    let digits = data::digits()?;
    let setting = Setting::of(arguments.preset, &digits);
    let networks = networks(&setting, &digits, &arguments.work.join("table-f1").join(name))?;
    let shares: Vec<String> = networks.accuracies.iter().map(|share| format!("{:.1}", 100.0 * share)).collect();
    println!(
        "{} encoders, {} trained now in {:.0} s; test accuracies {} %",
        shares.len(),
        networks.trained,
        networks.training_seconds,
        shares.join(", ")
    );
    let start = Instant::now();
    let mut results = Vec::with_capacity(Place::ALL.len());
    for place in Place::ALL {
        results.push(identify_at(place, &setting.encoder, &networks.files)?);
    }
    let results: [PlaceResult; 4] = results.try_into().expect("a result for each place");
    let seconds = start.elapsed().as_secs_f64();
    let folder = arguments.results.join("table-f1").join(name);
    let command = format!("cargo run --release -p paper-replication -- table-f1 --preset {name}");
    let statements = write_results(&folder, &setting, &networks, &results, seconds, &command)?;
    print_table(&results);
    for statement in &statements {
        println!("{}: {} ({})", if statement.holds { "seen" } else { "not seen" }, statement.claim, statement.found);
    }
    println!("analysis {seconds:.0} s; results in {}", folder.display());
    Ok(())
}

fn print_table(results: &[PlaceResult; 4]) {
    let header: String = results.iter().map(|result| format!("  {:>24}", result.place.name())).collect();
    println!("{:<22}{header}", "found % (paper)");
    for (row, index) in INDEXES.iter().enumerate() {
        let cells = results.iter().enumerate().map(|(place, result)| {
            let found = &result.indexes[row].found;
            format!("  {:>24}", format!("{:.1} ({:.1})", 100.0 * found.accuracy(), index.paper[place]))
        });
        println!("{:<22}{}", index.name, cells.collect::<String>());
    }
}
