//! Messages on standard error.

use std::io::Write;

use crate::report::visible_lines;

/// Writes a message on a line of its own. Where standard error is full or nobody reads it, the
/// message is lost, and nothing else: results do not depend on who listens.
pub fn tell(message: impl AsRef<str>) {
    // One call, so that messages of several processes do not mix.
    let line = format!("{}\n", visible_lines(message.as_ref()));
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}
