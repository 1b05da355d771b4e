//! The grammar that names a measure everywhere: `ID[:KEY=VALUE[,KEY=VALUE...]]`.

use crate::error::Error;

/// The keys of one measure as a person wrote them, taken one by one while the options are read.
///
/// Whatever is left at the end is an unknown key: [`Keys::finish`] says so and lists the keys there
/// are.
#[derive(Debug)]
pub struct Keys {
    measure: String,
    given: Vec<(String, String)>,
    asked: Vec<&'static str>,
}

impl Keys {
    /// Splits `ID:KEY=VALUE,...` into the id and its keys.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for a key without `=`, [`Error::RepeatedKey`] for a key given twice.
    pub fn parse(text: &str) -> Result<(String, Keys), Error> {
        let (id, rest) = text.split_once(':').map_or((text, None), |(id, rest)| (id, Some(rest)));
        let measure = id.trim().to_string();
        let mut given: Vec<(String, String)> = Vec::new();
        for part in rest.into_iter().flat_map(|rest| rest.split(',')).map(str::trim) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(Error::InvalidValue {
                    measure,
                    key: part.to_string(),
                    value: String::new(),
                    expected: "the form KEY=VALUE".to_string(),
                });
            };
            let (key, value) = (key.trim().to_string(), value.trim().to_string());
            if given.iter().any(|(earlier, _)| *earlier == key) {
                return Err(Error::RepeatedKey { measure, key });
            }
            given.push((key, value));
        }
        Ok((measure.clone(), Keys { measure, given, asked: Vec::new() }))
    }

    fn take(&mut self, key: &'static str) -> Option<String> {
        self.asked.push(key);
        let position = self.given.iter().position(|(given, _)| given == key)?;
        Some(self.given.remove(position).1)
    }

    /// One of a list of named choices; the first is the default.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] listing the choices.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)]) -> Result<T, Error> {
        let Some(value) = self.take(key) else {
            return Ok(choices[0].1);
        };
        choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.invalid(key, value, names.join(" | "))
        })
    }

    /// A number; `None` when it is not given.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when it is not a finite number that `valid` accepts.
    pub fn number(&mut self, key: &'static str, expected: &'static str, valid: fn(f64) -> bool) -> Result<Option<f64>, Error> {
        let Some(text) = self.take(key) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && valid(number) => Ok(Some(number)),
            _ => Err(self.invalid(key, text, expected.to_string())),
        }
    }

    /// A whole number of at least `least`; `None` when it is not given.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] when it is no such number.
    pub fn whole(&mut self, key: &'static str, expected: &'static str, least: u64) -> Result<Option<u64>, Error> {
        let Some(text) = self.take(key) else {
            return Ok(None);
        };
        match text.parse::<u64>() {
            Ok(number) if number >= least => Ok(Some(number)),
            _ => Err(self.invalid(key, text, expected.to_string())),
        }
    }

    /// A number that must be given.
    ///
    /// # Errors
    /// [`Error::MissingKey`] or [`Error::InvalidValue`].
    pub fn required(&mut self, key: &'static str, expected: &'static str, valid: fn(f64) -> bool) -> Result<f64, Error> {
        self.number(key, expected, valid)?.ok_or_else(|| Error::MissingKey {
            measure: self.measure.clone(),
            key: key.to_string(),
            expected: expected.to_string(),
        })
    }

    /// Ends the reading: nothing may be left.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] for the first key that was not asked for.
    pub fn finish(self) -> Result<(), Error> {
        match self.given.into_iter().next() {
            None => Ok(()),
            Some((key, _)) => Err(Error::UnknownKey {
                measure: self.measure,
                key,
                known: if self.asked.is_empty() { "none".to_string() } else { self.asked.join(", ") },
            }),
        }
    }

    fn invalid(&self, key: &str, value: String, expected: String) -> Error {
        Error::InvalidValue { measure: self.measure.clone(), key: key.to_string(), value, expected }
    }
}

/// A full convention: every key of a measure with its value, defaults included, in the order of the
/// documentation.
pub type Convention = Vec<(&'static str, String)>;

/// Writes the one text that names a measure with its full convention.
pub fn canonical(id: &str, convention: &Convention) -> String {
    let keys: Vec<String> = convention.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if keys.is_empty() { id.to_string() } else { format!("{id}:{}", keys.join(",")) }
}

/// A number as a convention writes it: the shortest text that reads back to the same f64.
pub fn number(value: f64) -> String {
    format!("{value:?}")
}

/// Declares an option that takes one of a list of names: the enum, its table for [`Keys::choice`]
/// and its name.
macro_rules! choice {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        $vis enum $name { $($(#[$variant_meta])* $variant),+ }
        impl $name {
            /// The names, the default first.
            pub const CHOICES: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
            /// The name as the grammar writes it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}
pub(crate) use choice;
