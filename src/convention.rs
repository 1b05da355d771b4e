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
    /// [`Error::NotAKey`] for a part without `=`, [`Error::RepeatedKey`] for a key given twice.
    pub fn parse(text: &str) -> Result<(String, Keys), Error> {
        let (id, rest) = text.split_once(':').map_or((text, None), |(id, rest)| (id, Some(rest)));
        let measure = id.trim().to_string();
        let mut given: Vec<(String, String)> = Vec::new();
        for part in rest.into_iter().flat_map(|rest| rest.split(',')).map(str::trim) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(Error::NotAKey { measure, part: part.to_string() });
            };
            let (key, value) = (key.trim().to_string(), value.trim().to_string());
            if given.iter().any(|(earlier, _)| *earlier == key) {
                return Err(Error::RepeatedKey { measure, key });
            }
            given.push((key, value));
        }
        Ok((measure.clone(), Keys { measure, given, asked: Vec::new() }))
    }

    /// Takes the text of a key, where it is given.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<String> {
        self.asked.push(key);
        let position = self.given.iter().position(|(given, _)| given == key)?;
        Some(self.given.remove(position).1)
    }

    /// The text of a key that is given, which stays to be taken.
    pub(crate) fn given(&self, key: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| given == key).map(|(_, value)| value.as_str())
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

    /// The id of the measure.
    pub(crate) fn measure(&self) -> &str {
        &self.measure
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
