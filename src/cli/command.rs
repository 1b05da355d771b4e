//! What the program was called with.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::cli::arguments::Arguments;

static COMMAND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the arguments, the program's name first: a program that embeds this one has others.
pub fn keep(arguments: &[OsString]) {
    let words = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    *COMMAND.lock().unwrap_or_else(PoisonError::into_inner) = words;
}

/// The command line.
pub fn line() -> Vec<String> {
    COMMAND.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The directory that its paths start from.
pub fn directory() -> String {
    std::env::current_dir().map_or_else(|_| String::new(), |directory| directory.display().to_string())
}

impl Arguments {
    /// Reads the arguments, the program's name first. Ends the process after `--help` and after
    /// arguments that cannot be read.
    pub fn read(arguments: &[OsString]) -> Self {
        let matches = Self::command().get_matches_from(arguments);
        let given = |id: &str| {
            let of = |matches: &ArgMatches| matches.value_source(id) == Some(ValueSource::CommandLine);
            of(&matches) || matches.subcommand().is_some_and(|(_, matches)| of(matches))
        };
        let given = [("precision", "--precision"), ("seed", "--seed")].into_iter().filter(|(id, _)| given(id)).map(|(_, option)| option);
        let mut read = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        read.common.given = given.collect();
        read
    }
}
