//! The diagnostics of a finished cell, in little room: a sweep holds as many of them as it has
//! cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A number that is not finite: JSON has none, and writes `null`.
    None,
    /// A count.
    Count(u64),
    /// A number.
    Number(f64),
    /// Several numbers.
    Numbers(Box<[f64]>),
    /// A word.
    Text(Box<str>),
}

impl Fact {
    /// A number or a count.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Fact::Count(count) => Some(*count as f64),
            Fact::Number(number) => Some(*number),
            Fact::None | Fact::Numbers(_) | Fact::Text(_) => None,
        }
    }

    /// A word.
    pub fn as_str(&self) -> Option<&str> {
        if let Fact::Text(text) = self { Some(text) } else { None }
    }

    /// Whether it is several numbers.
    pub fn is_array(&self) -> bool {
        matches!(self, Fact::Numbers(_))
    }

    fn of(value: Value) -> Result<Self, String> {
        let number = |value: &Value| if value.is_null() { Some(f64::NAN) } else { value.as_f64() };
        Ok(match value {
            Value::Null => Fact::None,
            Value::String(text) => Fact::Text(text.into()),
            Value::Number(number) if number.is_u64() => Fact::Count(number.as_u64().unwrap_or_default()),
            Value::Number(number) => Fact::Number(number.as_f64().ok_or("a number beyond f64")?),
            Value::Array(values) => {
                Fact::Numbers(values.iter().map(number).collect::<Option<_>>().ok_or("a list of something else than numbers")?)
            }
            Value::Bool(_) | Value::Object(_) => return Err(format!("{value} is no diagnostic")),
        })
    }
}

impl From<&Diagnostic> for Fact {
    fn from(diagnostic: &Diagnostic) -> Self {
        match diagnostic {
            Diagnostic::Count(count) => Fact::Count(*count as u64),
            Diagnostic::Number(number) if number.is_finite() => Fact::Number(*number),
            Diagnostic::Number(_) => Fact::None,
            Diagnostic::Numbers(numbers) => Fact::Numbers(numbers.as_slice().into()),
            Diagnostic::Text(text) => Fact::Text(text.as_str().into()),
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Fact::None => serializer.serialize_none(),
            Fact::Count(count) => serializer.serialize_u64(*count),
            Fact::Number(number) => serializer.serialize_f64(*number),
            Fact::Numbers(numbers) => numbers.serialize(serializer),
            Fact::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// Named facts, in alphabetical order. The names are held once for all cells that have the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    names: Arc<[Box<str>]>,
    values: Box<[Fact]>,
}

impl Facts {
    fn new(mut facts: Vec<(Box<str>, Fact)>) -> Self {
        facts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (names, values): (Vec<_>, Vec<_>) = facts.into_iter().unzip();
        Self { names: shared(names), values: values.into() }
    }

    /// A fact by name.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.iter().find(|(known, _)| *known == name).map(|(_, fact)| fact)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.names.iter().map(|name| &**name).zip(&self.values)
    }

    /// Leaves out those that are not wanted.
    pub fn retain(&mut self, wanted: impl Fn(&str, &Fact) -> bool) {
        *self = Self::new(self.iter().filter(|(name, fact)| wanted(name, fact)).map(|(name, fact)| (name.into(), fact.clone())).collect());
    }

    /// These facts and more; one of a name that is there is replaced.
    pub(super) fn and(&self, more: &Diagnostics) -> Self {
        let mut all: BTreeMap<Box<str>, Fact> = self.iter().map(|(name, fact)| (name.into(), fact.clone())).collect();
        all.extend(more.0.iter().map(|(name, value)| ((*name).into(), value.into())));
        Self::new(all.into_iter().collect())
    }

    /// The facts with the two sides exchanged: what is named `..._x` is now named `..._y`.
    pub(super) fn mirrored(&self) -> Self {
        let other = |name: &str| match (name.strip_suffix("_x"), name.strip_suffix("_y")) {
            (Some(stem), _) => format!("{stem}_y"),
            (_, Some(stem)) => format!("{stem}_x"),
            _ => name.to_string(),
        };
        Self::new(self.iter().map(|(name, fact)| (other(name).into(), fact.clone())).collect())
    }
}

/// The names, where cells before had the same.
fn shared(names: Vec<Box<str>>) -> Arc<[Box<str>]> {
    static KNOWN: Mutex<BTreeSet<Arc<[Box<str>]>>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = known.get(names.as_slice()) {
        return Arc::clone(same);
    }
    let new: Arc<[Box<str>]> = names.into();
    known.insert(Arc::clone(&new));
    new
}

impl Default for Facts {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl From<&Diagnostics> for Facts {
    fn from(diagnostics: &Diagnostics) -> Self {
        Self::new(diagnostics.0.iter().map(|(name, value)| ((*name).into(), value.into())).collect())
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        let fact = |(name, value): (String, Value)| Ok((name.into(), Fact::of(value).map_err(D::Error::custom)?));
        Ok(Self::new(map.into_iter().map(fact).collect::<Result<_, D::Error>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let diagnostics = Diagnostics::default().count("rank_x", 3).number("condition", 2.0).text("precision", "f32");
        Facts::from(&diagnostics.numbers("correlations", vec![0.5, 0.1]).number("error_bound", f64::INFINITY))
    }

    #[test]
    fn facts_are_written_and_read_as_they_are() {
        let text = r#"{"condition":2.0,"correlations":[0.5,0.1],"error_bound":null,"precision":"f32","rank_x":3}"#;
        assert_eq!(serde_json::to_string(&facts()).unwrap(), text);
        assert_eq!(serde_json::from_str::<Facts>(text).unwrap(), facts());
        for wrong in [r#"{"a":true}"#, r#"{"a":{}}"#, r#"{"a":["b"]}"#, "[]"] {
            assert!(serde_json::from_str::<Facts>(wrong).is_err(), "{wrong}");
        }
        let get = |name: &str| facts().get(name).and_then(Fact::as_f64);
        assert_eq!((get("rank_x"), get("condition"), get("error_bound"), get("absent")), (Some(3.0), Some(2.0), None, None));
    }

    #[test]
    fn names_are_held_once_and_change_sides() {
        let (one, other) = (facts(), facts());
        assert!(Arc::ptr_eq(&one.names, &other.names));
        let mirrored = facts().mirrored();
        assert!(mirrored.get("rank_y").is_some() && mirrored.get("rank_x").is_none());
        assert_eq!(mirrored.mirrored(), facts());
        let mut few = facts();
        few.retain(|_, fact| !fact.is_array());
        assert_eq!(few.iter().count(), 4);
    }
}
