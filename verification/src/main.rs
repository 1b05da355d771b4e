//! Judges implementations of similarity measures and writes down what it found.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod accuracy;
mod calibration;
mod vectors;

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures the errors of both paths against exact values: writes REPORT.md, accuracy.json and
    /// regressions.json.
    Accuracy(accuracy::Arguments),
    /// Writes or checks the golden vectors, exact values that an implementation in any language can
    /// be tested against.
    Vectors(vectors::Arguments),
    /// Tries whether p-values are uniform, intervals hold what they say and a dependence is found:
    /// writes CALIBRATION.md.
    Calibration(calibration::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Accuracy(arguments) => accuracy::run(&arguments).map_err(|error| error.to_string()),
        Command::Vectors(arguments) => vectors::run(&arguments).map_err(|error| error.to_string()),
        Command::Calibration(arguments) => calibration::run(&arguments).map_err(|error| error.to_string()),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(2)
    })
}
