//! What a comparison saw on the way.

use std::collections::BTreeMap;

use serde::Serialize;

/// One diagnostic value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Diagnostic {
    /// A count.
    Count(usize),
    /// A number.
    Number(f64),
    /// Several numbers.
    Numbers(Vec<f64>),
    /// A word.
    Text(String),
}

/// Named facts that a comparison saw on the way, in alphabetical order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(pub BTreeMap<&'static str, Diagnostic>);

impl Diagnostics {
    /// Adds a count.
    pub fn count(mut self, name: &'static str, value: usize) -> Self {
        self.0.insert(name, Diagnostic::Count(value));
        self
    }
    /// Adds a number.
    pub fn number(mut self, name: &'static str, value: f64) -> Self {
        self.0.insert(name, Diagnostic::Number(value));
        self
    }
    /// Adds numbers.
    pub fn numbers(mut self, name: &'static str, values: Vec<f64>) -> Self {
        self.0.insert(name, Diagnostic::Numbers(values));
        self
    }
    /// Adds a word.
    pub fn text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.insert(name, Diagnostic::Text(value.into()));
        self
    }
    /// A number or count by name.
    pub fn get(&self, name: &str) -> Option<f64> {
        match self.0.get(name)? {
            Diagnostic::Count(count) => Some(*count as f64),
            Diagnostic::Number(number) => Some(*number),
            _ => None,
        }
    }
}
