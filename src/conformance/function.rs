//! The function under test, as something that always answers.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::representation::Representation;

/// What a function answers on one pair. Made of an `f64` (where NaN is the only way to decline), an
/// `Option` or a `Result`.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A number. NaN and infinities are wrong wherever they come.
    Value(f64),
    /// It says that there is no value, and perhaps why.
    Declined(String),
    /// It panicked, with this message.
    Panicked(String),
}

impl From<f64> for Reply {
    fn from(value: f64) -> Self {
        if value.is_nan() { Reply::Declined("NaN".to_string()) } else { Reply::Value(value) }
    }
}

impl From<Option<f64>> for Reply {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Reply::Declined("None".to_string()), Reply::Value)
    }
}

impl<E: fmt::Display> From<Result<f64, E>> for Reply {
    fn from(value: Result<f64, E>) -> Self {
        value.map_or_else(|error| Reply::Declined(error.to_string()), Reply::Value)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Value(value) => write!(f, "{value:?}"),
            Reply::Declined(reason) => write!(f, "no value ({reason})"),
            Reply::Panicked(message) => write!(f, "a panic ({message})"),
        }
    }
}

impl Reply {
    /// The number, if it is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Reply::Value(value) => Some(*value),
            _ => None,
        }
    }
}

type Call<'a> = dyn Fn(&Representation<'_>, &Representation<'_>) -> Reply + Send + Sync + 'a;

/// A function under test: it answers whatever happens inside.
pub(super) struct Function<'a> {
    call: Box<Call<'a>>,
    /// Microseconds that it has taken.
    spent: AtomicU64,
}

impl<'a> Function<'a> {
    pub(super) fn new<R: Into<Reply>>(function: impl Fn(&Representation<'_>, &Representation<'_>) -> R + Send + Sync + 'a) -> Self {
        let call = Box::new(move |x: &Representation<'_>, y: &Representation<'_>| {
            let outcome = catch_unwind(AssertUnwindSafe(|| function(x, y).into()));
            outcome.unwrap_or_else(|payload| {
                let text = payload.downcast_ref::<&str>().map(ToString::to_string).or_else(|| payload.downcast_ref::<String>().cloned());
                Reply::Panicked(text.unwrap_or_else(|| "without a message".to_string()))
            })
        });
        Self { call, spent: AtomicU64::new(0) }
    }

    pub(super) fn reply(&self, x: &Representation<'_>, y: &Representation<'_>) -> Reply {
        let began = Instant::now();
        let reply = (self.call)(x, y);
        self.spent.fetch_add(began.elapsed().as_micros() as u64, Ordering::Relaxed);
        reply
    }

    /// How long it has taken until now.
    pub(super) fn spent(&self) -> Duration {
        Duration::from_micros(self.spent.load(Ordering::Relaxed))
    }
}
