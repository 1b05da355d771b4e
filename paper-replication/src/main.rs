//! The program: it parses arguments and prints, and leaves the work to the library.

use clap::{Parser, Subcommand};
use paper_replication::commands::{DemoNetworks, demo_networks};
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
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::DemoNetworks(arguments) => demo_networks(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
