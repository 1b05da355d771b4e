//! Judges implementations of similarity measures and writes down what it found.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod accuracy;
mod conformance;
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
    /// Judges other programs: published tables, golden vectors, laws, conventions, edges and speed
    /// of everything they compute.
    Conformance(conformance::Arguments),
    /// Answers for this library, by the protocol of verification/ADAPTERS.md.
    Adapter,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Accuracy(arguments) => accuracy::run(&arguments).map_err(|error| error.to_string()),
        Command::Vectors(arguments) => vectors::run(&arguments).map_err(|error| error.to_string()),
        Command::Conformance(arguments) => conformance::run(&arguments).map_err(|error| error.to_string()),
        Command::Adapter => conformance::serve().map_err(|error| error.to_string()),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(2)
    })
}
