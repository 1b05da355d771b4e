//! One key of a measure, declared in one place: its name, values, default, words and trials.
//!
//! Reading, writing, help, the methods text and the searches over conventions follow from it.

use crate::convention::Keys;
use crate::error::Error;

/// One key of a measure.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key, as the grammar writes it.
    pub name: &'static str,
    /// The values it takes.
    pub values: Values,
    /// The decision it stands for.
    pub help: &'static str,
}

/// The values that a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// One of these names, the default first; each with its words for a methods section, or "".
    Named(&'static [(&'static str, &'static str)]),
    /// A number.
    Number(Number),
}

/// The numbers that a key takes.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    /// The number where none is given; without one, the key must be given.
    pub default: Option<f64>,
    /// Whether it is a whole number, written without a point.
    pub whole: bool,
    /// The numbers it may be, in words: `a number > 0`.
    pub expected: &'static str,
    /// The same as a test.
    pub valid: fn(f64) -> bool,
    /// Numbers that searches over conventions try.
    pub tried: &'static [f64],
}

impl Number {
    /// The number as a convention writes it: the shortest text that reads back to the same one.
    fn written(&self, value: f64) -> String {
        if self.whole { format!("{value:.0}") } else { format!("{value:?}") }
    }
}

impl Key {
    /// The values it takes, the default first, separated by ` | `.
    pub fn listed(&self) -> String {
        match self.values {
            Values::Named(values) => values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | "),
            Values::Number(number) => match number.default {
                Some(default) => format!("{} | {}", number.written(default), number.expected),
                None => format!("{} (must be given)", number.expected),
            },
        }
    }

    /// The words for a named value in a sentence of a methods section.
    pub fn phrase(&self, value: &str) -> Option<&'static str> {
        let Values::Named(values) = self.values else { return None };
        values.iter().find(|(name, words)| *name == value && !words.is_empty()).map(|(_, words)| *words)
    }

    /// The values that searches over conventions try: every name, or some numbers. What was
    /// computed elsewhere cannot be tried on examples.
    pub fn tried(&self) -> Vec<String> {
        const COMPUTED_ELSEWHERE: &str = "given";
        match self.values {
            Values::Named(values) => values.iter().map(|(name, _)| name.to_string()).filter(|name| name != COMPUTED_ELSEWHERE).collect(),
            Values::Number(number) => number.tried.iter().map(|value| number.written(*value)).collect(),
        }
    }

    /// Reads which of its names is given: the place in the list, 0 where the key is absent.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] that lists the names.
    pub fn read_name(&self, keys: &mut Keys) -> Result<usize, Error> {
        let Values::Named(values) = self.values else { unreachable!("{} takes numbers", self.name) };
        let Some(text) = keys.take(self.name) else { return Ok(0) };
        values.iter().position(|(name, _)| *name == text).ok_or_else(|| self.invalid(keys, text))
    }

    /// Reads a number.
    ///
    /// # Errors
    /// [`Error::MissingKey`] where none is given and there is no default; [`Error::InvalidValue`]
    /// where it is not finite or not one of those expected.
    pub fn read_number(&self, keys: &mut Keys) -> Result<f64, Error> {
        let Values::Number(number) = self.values else { unreachable!("{} takes names", self.name) };
        let Some(text) = keys.take(self.name) else { return number.default.ok_or_else(|| self.missing(keys)) };
        let whole = |value: &f64| !number.whole || text.parse::<u64>().is_ok_and(|whole| whole as f64 == *value);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && whole(&value) && (number.valid)(value) => Ok(value),
            _ => Err(self.invalid(keys, text)),
        }
    }

    fn expected(&self) -> String {
        match self.values {
            Values::Named(_) => self.listed(),
            Values::Number(number) => number.expected.to_string(),
        }
    }

    fn invalid(&self, keys: &Keys, value: String) -> Error {
        Error::InvalidValue { measure: keys.measure().to_string(), key: self.name.to_string(), value, expected: self.expected() }
    }

    fn missing(&self, keys: &Keys) -> Error {
        Error::MissingKey { measure: keys.measure().to_string(), key: self.name.to_string(), expected: self.expected() }
    }

    /// The number as a pair of a convention.
    pub fn number(&self, value: f64) -> (&'static str, String) {
        let Values::Number(number) = self.values else { unreachable!("{} takes names", self.name) };
        (self.name, number.written(value))
    }
}

/// Declares a key that takes one of a list of names: the enum of its values, and its [`Key`].
///
/// Each value stands with its name and, where a methods section has words for it, these.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident($key:literal, $help:literal) {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(=> $phrase:literal)?),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        $vis enum $name { $($(#[$variant_meta])* $variant),+ }
        impl $name {
            /// The key with its values.
            $vis const KEY: $crate::key::Key = $crate::key::Key {
                name: $key,
                values: $crate::key::Values::Named(&[$(($text, concat!($($phrase)?))),+]),
                help: $help,
            };
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Reads the key; the first value where it is absent.
            ///
            /// # Errors
            /// [`Error::InvalidValue`](crate::Error::InvalidValue) that lists the values.
            $vis fn read(keys: &mut $crate::convention::Keys) -> Result<Self, $crate::error::Error> {
                Ok(Self::ALL[Self::KEY.read_name(keys)?])
            }

            /// The name as the grammar writes it.
            $vis fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The key with this value, as a pair of a convention.
            $vis fn entry(self) -> (&'static str, String) {
                ($key, self.as_str().to_string())
            }
        }
    };
}
pub(crate) use choice;

#[cfg(test)]
mod tests {
    use super::*;

    choice! {
        /// A choice.
        enum Choice("which", "which of two") {
            #[default]
            First = "first" => "the first one",
            Second = "second",
        }
    }

    const SHARE: Key = Key {
        name: "share",
        values: Values::Number(Number {
            default: Some(0.5),
            whole: false,
            expected: "a number > 0",
            valid: |share| share > 0.0,
            tried: &[0.5, 2.0],
        }),
        help: "a share",
    };

    const COUNT: Key = Key {
        name: "count",
        values: Values::Number(Number {
            default: None,
            whole: true,
            expected: "a whole number >= 1",
            valid: |k| k >= 1.0,
            tried: &[1.0, 10.0],
        }),
        help: "a count",
    };

    fn keys(text: &str) -> Keys {
        Keys::parse(&format!("id:{text}")).unwrap().1
    }

    #[test]
    fn a_declaration_lists_reads_and_writes() {
        assert_eq!((Choice::KEY.listed().as_str(), SHARE.listed().as_str()), ("first | second", "0.5 | a number > 0"));
        assert_eq!(COUNT.listed(), "a whole number >= 1 (must be given)");
        assert_eq!((Choice::KEY.phrase("first"), Choice::KEY.phrase("second")), (Some("the first one"), None));
        assert_eq!((SHARE.tried(), COUNT.tried()), (vec!["0.5".into(), "2.0".into()], vec!["1".to_string(), "10".into()]));
        assert_eq!(Choice::read(&mut keys("which=second")).unwrap().entry(), ("which", "second".to_string()));
        assert_eq!(SHARE.read_number(&mut keys("which=second")).unwrap(), 0.5);
        assert_eq!(COUNT.number(COUNT.read_number(&mut keys("count=12")).unwrap()), ("count", "12".to_string()));
    }

    #[test]
    fn other_values_are_refused_with_the_list() {
        let refused = |key: &Key, text: &str| match key.read_number(&mut keys(text)) {
            Err(Error::InvalidValue { expected, value, .. }) => (value, expected),
            other => panic!("{text}: {other:?}"),
        };
        for text in ["count=1.5", "count=0", "count=-1", "count=1e3", "count=ten", "count=inf"] {
            assert_eq!(refused(&COUNT, text).1, "a whole number >= 1", "{text}");
        }
        assert_eq!(refused(&SHARE, "share=nan"), ("nan".to_string(), "a number > 0".to_string()));
        assert!(matches!(COUNT.read_number(&mut keys("share=1")), Err(Error::MissingKey { .. })));
        let other = Choice::read(&mut keys("which=third")).unwrap_err();
        assert!(matches!(other, Error::InvalidValue { expected, .. } if expected == "first | second"));
    }
}
