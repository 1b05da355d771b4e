//! What the program was called with.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

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
