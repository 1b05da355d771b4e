//! The program `similitude`: arguments in, tables out. The mathematics is in the library.

mod allocator;
mod arguments;
mod cautions;
mod command;
mod compare;
mod conformance;
mod curves;
mod demo;
mod inference;
mod layer_options;
mod measures;
mod merge;
mod methods;
mod networks;
mod oracle;
mod output;
mod padding;
mod picture_options;
mod progress;
mod read_once;
mod reading;
mod report;
mod reproduce;
mod same_examples;
mod sizes;
mod stop;
mod sweep;
mod tables;
mod tell;
mod threads;
mod unsaid;
mod verify;

use std::ffi::OsString;

use arguments::{Arguments, Command};
use stop::{Status, Stop};

/// Runs the program on its arguments, the program's name first, and returns its exit status: 0, or
/// 1 where something that was judged is wrong, 2 where the input is unusable, 3 where a value is
/// undefined. Ends the process after `--help` and after arguments that cannot be read.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    command::keep(&arguments);
    match run(&Arguments::read(&arguments)) {
        Ok(status) => status as u8,
        // Whoever read the results has seen enough.
        Err(Stop::PipeClosed) => Status::Done as u8,
        Err(Stop::Unusable(message)) => {
            tell::tell(format!("error: {message}"));
            2
        }
    }
}

fn run(arguments: &Arguments) -> Result<Status, Stop> {
    let common = &arguments.common;
    if arguments.command.computes() {
        threads::start(common.threads)?;
    }
    if let Some((pictures, drawn)) = arguments.command.pictures() {
        pictures.check(drawn)?;
    }
    match &arguments.command {
        Command::Demo(options) => demo::run(options, common),
        Command::Compare(options) => compare::run(options, common),
        Command::Sweep(options) => sweep::run(options, common),
        Command::Merge(options) => merge::run(options),
        Command::Networks(options) => networks::run(options, common),
        Command::Report(options) => report::run(options),
        Command::Reproduce(options) => reproduce::run(options, common),
        Command::Measures(options) => measures::run(options),
        Command::Verify(options) => verify::run(options, common),
        Command::Methods(options) => methods::run(options, common),
        Command::Conformance(options) => conformance::run(options, common.seed),
        Command::Adapter => Ok(conformance::serve()?),
    }
}
