//! Option values, drawn: what a measure claims holds for all of them.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::draw::Generator;
use crate::key::Values;
use crate::measure::Measure;
use crate::registry::Entry;

impl Entry {
    /// A measure of this entry with every option drawn: from the values that are named or tried,
    /// and of numbers also between these and around them.
    pub fn draw(&self, generator: &mut Generator) -> Measure {
        let mut text = self.spec.id.to_string();
        let mut measure = None;
        for key in self.spec.keys {
            let (tried, is_number) = (key.tried(), matches!(key.values, Values::Number(_)));
            // Values that do not go with the others drawn (a bandwidth without its kernel) are left
            // out, like those out of range.
            for _ in 0..8 {
                let value = match generator.random_range(0..4) {
                    0 if is_number => format!("{:e}", 10f64.powf(generator.random_range(-1.5..1.5))),
                    1 if is_number => format!("{}", generator.random_range(0.05..1.0)),
                    2 if is_number => generator.random_range(1..=8).to_string(),
                    _ => tried.choose(generator).expect("a key has values to try").clone(),
                };
                let separator = if text.contains(':') { ',' } else { ':' };
                let longer = format!("{text}{separator}{}={value}", key.name);
                match Measure::parse(&longer) {
                    Ok(parsed) => {
                        (text, measure) = (longer, Some(parsed));
                        break;
                    }
                    // A value that another one has to stand beside.
                    Err(crate::error::Error::MissingKey { .. }) => {
                        text = longer;
                        break;
                    }
                    Err(_) => {}
                }
            }
        }
        measure.unwrap_or_else(|| Measure::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}")))
    }
}
