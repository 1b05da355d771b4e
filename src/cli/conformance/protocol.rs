//! The lines that pass between the runner and an adapter; verification/ADAPTERS.md documents them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first line: what do you compute?
#[derive(Debug, Serialize, Deserialize)]
pub struct Describe {
    /// Always true.
    pub describe: bool,
}

/// The answer to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// The package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it runs on: interpreter, numerical library.
    #[serde(default)]
    pub runs_on: String,
    /// What it computes.
    pub computes: Vec<Computed>,
}

/// One function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Computed {
    /// Its name.
    pub name: String,
    /// The measure that its documentation names, in the grammar.
    pub measure: String,
    /// How it is called, or what was done to fit it to the protocol.
    #[serde(default)]
    pub note: String,
}

/// One comparison.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The .npy file of X, n x p1.
    pub x: String,
    /// The .npy file of Y, n x p2.
    pub y: String,
    /// The function that is asked.
    pub name: String,
    /// The measure it names.
    pub measure: String,
}

/// The answer: a number, the text `nan`, or an error.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The number; `"nan"` for what is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Seconds that the computation itself took, files not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "detail")]
pub enum Outcome {
    /// A finite number.
    Value(f64),
    /// NaN or an infinity.
    NotANumber(String),
    /// It says that there is none.
    Declined(String),
    /// The program ended.
    Crashed(String),
    /// It did not answer in time.
    TimedOut(String),
    /// What it wrote is no answer.
    Garbage(String),
}

impl Outcome {
    /// The number, if it is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Outcome::Value(value) => Some(*value),
            _ => None,
        }
    }

    /// The same with its words changed.
    pub fn with_words(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            Outcome::Value(_) | Outcome::NotANumber(_) => self,
            Outcome::Declined(words) => Outcome::Declined(change(&words)),
            Outcome::Crashed(words) => Outcome::Crashed(change(&words)),
            Outcome::TimedOut(words) => Outcome::TimedOut(change(&words)),
            Outcome::Garbage(words) => Outcome::Garbage(change(&words)),
        }
    }

    /// The verdict in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Value(_) => "answered",
            Outcome::NotANumber(_) => "not a number",
            Outcome::Declined(_) => "declined",
            Outcome::Crashed(_) => "crashed",
            Outcome::TimedOut(_) => "timed out",
            Outcome::Garbage(_) => "no answer of the protocol",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Value(value) => write!(f, "{value:?}"),
            Outcome::NotANumber(text) => write!(f, "{text}"),
            Outcome::Declined(detail) | Outcome::Crashed(detail) | Outcome::TimedOut(detail) | Outcome::Garbage(detail) => {
                write!(f, "{} ({detail})", self.word())
            }
        }
    }
}

impl Answer {
    /// What the answer says.
    pub fn outcome(self) -> Outcome {
        let (value, error) = match (self.value, self.error) {
            (Some(value), None) => (value, None),
            (None, Some(error)) => (serde_json::Value::Null, Some(error)),
            _ => return Outcome::Garbage("an answer has a value or an error, one of them".to_string()),
        };
        if let Some(error) = error {
            return Outcome::Declined(error);
        }
        match &value {
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(value) if value.is_finite() => Outcome::Value(value),
                _ => Outcome::NotANumber(number.to_string()),
            },
            serde_json::Value::String(text) if ["nan", "inf", "-inf"].contains(&text.as_str()) => Outcome::NotANumber(text.clone()),
            other => Outcome::Garbage(format!("the value {other} is neither a number nor \"nan\", \"inf\", \"-inf\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: &str) -> Outcome {
        serde_json::from_str::<Answer>(line).unwrap().outcome()
    }

    #[test]
    fn every_answer_is_one_outcome() {
        assert_eq!(outcome(r#"{"value": 0.1}"#), Outcome::Value(0.1));
        assert_eq!(outcome(r#"{"value": 1, "seconds": 0.5}"#), Outcome::Value(1.0));
        assert_eq!(outcome(r#"{"value": "nan"}"#), Outcome::NotANumber("nan".to_string()));
        assert_eq!(outcome(r#"{"value": "-inf"}"#), Outcome::NotANumber("-inf".to_string()));
        assert_eq!(outcome(r#"{"error": "too wide"}"#), Outcome::Declined("too wide".to_string()));
        for garbage in [r#"{}"#, r#"{"value": 1, "error": "both"}"#, r#"{"value": [1]}"#, r#"{"value": "0.5"}"#, r#"{"value": null}"#] {
            assert!(matches!(outcome(garbage), Outcome::Garbage(_)), "{garbage}");
        }
    }
}
