//! The program: it parses arguments and prints, and leaves the work to the library.

use clap::{Parser, Subcommand};
use paper_replication::commands::{Capture, DemoNetworks, MiniLm, TableF1, Train, capture, demo_networks, minilm, table_f1, train};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    DemoNetworks(DemoNetworks),
    Train(Train),
    Capture(Capture),
    #[command(name = "table-f1")]
    TableF1(TableF1),
    #[command(name = "minilm")]
    MiniLm(MiniLm),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::DemoNetworks(arguments) => demo_networks(&arguments),
        Command::Train(arguments) => train(&arguments),
        Command::Capture(arguments) => capture(&arguments),
        Command::TableF1(arguments) => table_f1(&arguments),
        Command::MiniLm(arguments) => minilm(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
