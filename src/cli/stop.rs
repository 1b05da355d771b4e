//! How the program ends.

use std::io;

/// The exit status of a run that did what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything has a value, every law holds.
    Done = 0,
    /// A law does not hold.
    LawFailed = 1,
    /// A measure is undefined or degenerate on these data; the others were answered.
    Undefined = 3,
}

/// Why a run ended before it did what it was asked to.
#[derive(Debug)]
pub enum Stop {
    /// Arguments or input cannot be used, or output cannot be written: exit status 2.
    Unusable(String),
    /// Nobody reads standard output any more.
    PipeClosed,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::PipeClosed,
            _ => Stop::Unusable(format!("standard output: {error}")),
        }
    }
}

macro_rules! unusable {
    ($($error:ty),+) => {
        $(impl From<$error> for Stop {
            fn from(error: $error) -> Self {
                Stop::Unusable(error.to_string())
            }
        })+
    };
}

unusable![
    crate::Error,
    crate::io::Error,
    crate::inference::Error,
    crate::sweep::Error,
    crate::kept::Error,
    crate::networks::Error,
    crate::page::PageError,
    crate::report::FinishedError,
    crate::report::files::Error,
    crate::report::heatmap::HeatMapError
];
