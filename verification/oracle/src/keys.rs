//! The key-value pairs of a measure's specification.

use crate::error::OracleError;

/// The key-value pairs not yet used, and the keys that were asked for.
pub(crate) struct Keys<'a> {
    spec: &'a str,
    given: Vec<(&'a str, &'a str)>,
    known: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// The pairs of `text`, the part of the specification after the colon.
    pub(crate) fn read(spec: &'a str, text: &'a str) -> Result<Self, OracleError> {
        let mut keys = Keys { spec, given: Vec::new(), known: Vec::new() };
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(keys.error(format!("\"{part}\" is not KEY=VALUE")));
            };
            if keys.given.iter().any(|(earlier, _)| *earlier == key) {
                return Err(keys.error(format!("the key \"{key}\" stands twice")));
            }
            keys.given.push((key, value));
        }
        Ok(keys)
    }

    /// The error about this specification.
    pub(crate) fn error(&self, reason: String) -> OracleError {
        OracleError::Spec { spec: self.spec.to_string(), reason }
    }

    fn take(&mut self, key: &'static str) -> Option<&'a str> {
        self.known.push(key);
        let position = self.given.iter().position(|(given, _)| *given == key)?;
        Some(self.given.remove(position).1)
    }

    /// The named choice; the first one where the key is absent.
    pub(crate) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Result<T, OracleError> {
        let Some(value) = self.take(key) else {
            return Ok(choices[0].1);
        };
        match choices.iter().find(|(name, _)| *name == value) {
            Some((_, choice)) => Ok(*choice),
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                Err(self.error(format!("{key}={value}: expected one of {}", names.join(", "))))
            }
        }
    }

    /// The number; the default where the key is absent, and an error where it has none.
    pub(crate) fn number(&mut self, key: &'static str, default: Option<f64>) -> Result<f64, OracleError> {
        match (self.take(key), default) {
            (Some(text), _) => text.parse().map_err(|_| self.error(format!("{key}={text}: expected a number"))),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(self.error(format!("the key \"{key}\" is required"))),
        }
    }

    /// The key `degenerate`, which several measures share.
    pub(crate) fn allows_degenerate(&mut self) -> Result<bool, OracleError> {
        self.choice("degenerate", &[("error", false), ("allow", true)])
    }

    /// An error where a key was given that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), OracleError> {
        match self.given.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.error(format!("unknown key \"{key}\"; the keys here are {}", self.known.join(", ")))),
        }
    }
}
