//! What kind of trouble an error is, and whose.

use crate::error::{Error, ErrorKind};
use crate::undefined::Undefined;

impl Error {
    /// The error with the measure that it leaves without a value; errors that say so themselves,
    /// and those of the input, stay as they are.
    pub(crate) fn of_measure(self, name: &str) -> Self {
        match self.kind() {
            _ if matches!(self, Error::Measure { .. } | Error::TooFewExamples { .. } | Error::OutOfRange { .. }) => self,
            ErrorKind::Arguments | ErrorKind::Input => self,
            _ => Error::Measure { measure: name.to_string(), cause: Box::new(self) },
        }
    }

    /// The cause alone, without the measure that it leaves without a value.
    pub fn cause(&self) -> &Error {
        match self {
            Error::Measure { cause, .. } | Error::Misnamed { cause, .. } => cause,
            other => other,
        }
    }

    /// Why the formula has no value, as the reference path says it too; `None` where it is not the
    /// formula.
    pub fn undefined(&self) -> Option<Undefined> {
        Some(match self.cause() {
            Error::Constant { .. } => Undefined::Constant,
            Error::ConstantTraining(_) => Undefined::ConstantTraining,
            Error::Degenerate { .. }
            | Error::RepeatedCorrelation { .. }
            | Error::RepeatedDirection { .. }
            | Error::SplitSingularValues { .. } => Undefined::Degenerate,
            Error::TooFewExamples { .. } => Undefined::TooFewExamples,
            Error::ZeroSelfTerm { .. } => Undefined::ZeroSelfTerm,
            Error::ZeroMedian { .. } => Undefined::ZeroMedian,
            Error::NarrowBandwidth(_) => Undefined::NarrowBandwidth,
            Error::ZeroExample { .. } | Error::ZeroNorm(_) => Undefined::ZeroExample,
            Error::ConstantExample { .. } => Undefined::ConstantExample,
            Error::ConstantNeuron { .. } => Undefined::ConstantNeuron,
            Error::ConstantDissimilarities { .. } => Undefined::ConstantDissimilarities,
            Error::Unrepresentable { .. } => Undefined::Unrepresentable,
            Error::NoConvergence { .. } => Undefined::NoConvergence,
            _ => return None,
        })
    }

    /// What kind of trouble this is.
    pub fn kind(&self) -> ErrorKind {
        match self.cause() {
            Error::Given(given) => given.kind(),
            Error::UnknownMeasure { .. }
            | Error::UnknownKey { .. }
            | Error::RepeatedKey { .. }
            | Error::InvalidValue { .. }
            | Error::Misnamed { .. }
            | Error::NotAKey { .. }
            | Error::InvalidQuantile(_)
            | Error::MissingKey { .. } => ErrorKind::Arguments,
            Error::NotFinite { .. }
            | Error::Unreadable { .. }
            | Error::ValueCount { .. }
            | Error::NoNeurons { .. }
            | Error::NotPrepared { .. }
            | Error::NotSquare { .. }
            | Error::NotSymmetric { .. }
            | Error::GramAlone { .. }
            | Error::OfPositions(_)
            | Error::ExamplesDiffer { .. } => ErrorKind::Input,
            Error::Degenerate { .. }
            | Error::RepeatedCorrelation { .. }
            | Error::RepeatedDirection { .. }
            | Error::SplitSingularValues { .. } => ErrorKind::Degenerate,
            Error::TooFewExamples { .. }
            | Error::Constant { .. }
            | Error::ConstantTraining(_)
            | Error::ZeroSelfTerm { .. }
            | Error::ZeroMedian { .. }
            | Error::NarrowBandwidth(_)
            | Error::ZeroExample { .. }
            | Error::ZeroNorm(_)
            | Error::ConstantExample { .. }
            | Error::ConstantNeuron { .. }
            | Error::ConstantDissimilarities { .. }
            | Error::Unrepresentable { .. } => ErrorKind::Undefined,
            Error::Measure { .. } => unreachable!("a cause has no measure"),
            Error::NoConvergence { .. } | Error::OutOfRange { .. } => ErrorKind::Numerical,
        }
    }
}
