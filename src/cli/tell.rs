//! Messages on standard error.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::report::visible_lines;

/// Writes a message on a line of its own. Where standard error is full or nobody reads it, the
/// message is lost, and nothing else: results do not depend on who listens.
pub fn tell(message: impl AsRef<str>) {
    // One call, so that messages of several processes do not mix.
    let line = format!("{}\n", visible_lines(message.as_ref()));
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Writes a message on how files are read, unless it has been written: files are read once for
/// each group of examples.
pub fn tell_once(message: String) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(message.clone()) {
        tell(message);
    }
}
