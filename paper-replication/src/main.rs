//! The program: it parses arguments and prints, and leaves the work to the library.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use paper_replication::commands::{
    Capture, Cost, DemoNetworks, ExperimentArguments, MiniLm, ResultsArguments, TableF1, Train, Weights, WideNetworks, all, capture, cost,
    demo_networks, experiment, list, minilm, results, table_f1, train, weights, wide_networks,
};
use paper_replication::error::Result;
use paper_replication::experiments::{EXPERIMENTS, find};
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
    WideNetworks(WideNetworks),
    Train(Train),
    Weights(Weights),
    Capture(Capture),
    Cost(Cost),
    #[command(name = "table-f1")]
    TableF1(TableF1),
    #[command(name = "minilm")]
    MiniLm(MiniLm),
    /// List the experiments
    List,
    /// Run all experiments, one after the other
    All(ExperimentArguments),
    /// Make RESULTS.md from results.json
    Results(ResultsArguments),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    // Each experiment is a command too: the list of experiments is the only place that names it.
    let experiments = EXPERIMENTS.iter().map(|one| ExperimentArguments::augment_args(clap::Command::new(one.id).about(one.title)));
    let matches = Program::command().subcommands(experiments).get_matches();
    if let Some((name, arguments)) = matches.subcommand()
        && let Some(chosen) = find(name)
    {
        let arguments = ExperimentArguments::from_arg_matches(arguments).unwrap_or_else(|error| error.exit());
        return experiment(chosen, &arguments);
    }
    match Program::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).command {
        Command::DemoNetworks(arguments) => demo_networks(&arguments),
        Command::WideNetworks(arguments) => wide_networks(&arguments),
        Command::Train(arguments) => train(&arguments),
        Command::Weights(arguments) => weights(&arguments),
        Command::Capture(arguments) => capture(&arguments),
        Command::Cost(arguments) => cost(&arguments),
        Command::TableF1(arguments) => table_f1(&arguments),
        Command::MiniLm(arguments) => minilm(&arguments),
        Command::List => {
            list();
            Ok(())
        }
        Command::All(arguments) => all(&arguments),
        Command::Results(arguments) => results(&arguments),
    }
}
