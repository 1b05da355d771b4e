//! The measure that a person may have meant by a text that names none.

use crate::key::{Key, Values};
use crate::registry::{Entry, REGISTRY, strictly};

/// Names of values that other programs use.
const OTHER_VALUES: &[(&str, &[&str])] = &[
    ("bias-corrected", &["corrected", "debiased", "unbiased"]),
    ("debiased", &["unbiased", "corrected"]),
    ("gaussian", &["rbf"]),
    ("kendall", &["kendall-b"]),
    ("kendall-tau-a", &["kendall-a"]),
    ("kendall-tau-b", &["kendall-b"]),
    ("l2", &["euclidean"]),
    ("laplacian", &["laplace"]),
    ("poly", &["polynomial"]),
    ("sqeuclidean", &["squared-euclidean"]),
    ("tau-a", &["kendall-a"]),
    ("tau-b", &["kendall-b"]),
    ("unbiased", &["debiased", "corrected"]),
];

/// Names of keys that other programs, and earlier versions, use.
const OTHER_KEYS: &[(&str, &str)] = &[("comparison", "compare"), ("neighbors", "k"), ("neighbours", "k")];

/// The text of a measure that is near what was asked for, or goes by that name elsewhere; none
/// where nothing is.
pub(super) fn meant(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase().replace(['_', ' '], "-");
    let (id, rest) = plain.split_once(':').unwrap_or((&plain, ""));
    let (entry, implied) = entry_of(id)?;
    let given = rest.split(',').map(str::trim).filter(|part| !part.is_empty());
    let mut keys: Vec<String> = given.map(|part| key_of(entry, part)).collect::<Option<_>>()?;
    let is_given = |key: &str, keys: &[String]| keys.iter().any(|given| given.split('=').next() == key.split('=').next());
    let others: Vec<&str> = implied.split(',').filter(|key| !key.is_empty() && !is_given(key, &keys)).collect();
    keys.splice(0..0, others.into_iter().map(String::from));
    let meant = if keys.is_empty() { entry.spec.id.to_string() } else { format!("{}:{}", entry.spec.id, keys.join(",")) };
    (meant != text && strictly(&meant).is_ok()).then_some(meant)
}

/// The measure of an id, of another name with the keys it implies, or of an id near by.
fn entry_of(id: &str) -> Option<(&'static Entry, &'static str)> {
    let exact = REGISTRY.iter().find(|entry| entry.spec.id == id).map(|entry| (entry, ""));
    let known = REGISTRY.iter().flat_map(|entry| entry.spec.also.iter().map(move |(name, keys)| (entry, *name, *keys)));
    exact.or_else(|| known.clone().find(|(_, name, _)| *name == id).map(|(entry, _, keys)| (entry, keys))).or_else(|| {
        let names = REGISTRY.iter().map(|entry| (entry, entry.spec.id, "")).chain(known);
        nearest(id, names, |(_, name, _)| name).map(|(entry, _, keys)| (entry, keys))
    })
}

/// `KEY=VALUE` of a part that is one, or nearly, or a value alone.
fn key_of(entry: &Entry, part: &str) -> Option<String> {
    let keys = entry.spec.keys;
    let Some((key, value)) = part.split_once('=') else {
        let of_key = |key: &&Key| value_of(key, part, false).map(|value| format!("{}={value}", key.name));
        return keys
            .iter()
            .find_map(|key| of_key(&key))
            .or_else(|| keys.iter().find_map(|key| value_of(key, part, true).map(|value| format!("{}={value}", key.name))));
    };
    let (key, value) = (key.trim(), value.trim());
    let key = OTHER_KEYS.iter().find(|(other, _)| *other == key).map_or(key, |(_, key)| key);
    let exact = keys.iter().find(|known| known.name == key);
    let known = exact.or_else(|| nearest(key, keys.iter(), |known| known.name))?;
    Some(format!("{}={}", known.name, value_of(known, value, true)?))
}

/// The value of a key that a text stands for; a number as it is.
fn value_of(key: &Key, text: &str, with_near_ones: bool) -> Option<String> {
    let Values::Named(names) = key.values else { return text.parse::<f64>().is_ok().then(|| text.to_string()).filter(|_| with_near_ones) };
    let names = || names.iter().map(|(name, _)| *name);
    let others = OTHER_VALUES.iter().filter(|(other, _)| *other == text).flat_map(|(_, values)| *values);
    let exact = names().find(|name| *name == text || others.clone().any(|other| other == name));
    exact.or_else(|| if with_near_ones { nearest(text, names(), |name| name) } else { None }).map(String::from)
}

/// The one whose name differs by the fewest letters, a third of them at most.
fn nearest<T: Copy>(text: &str, all: impl Iterator<Item = T>, name: impl Fn(T) -> &'static str) -> Option<T> {
    let distance = |one: &T| strsim::damerau_levenshtein(text, name(*one));
    let near = all.map(|one| (distance(&one), one)).filter(|(distance, _)| 3 * distance <= text.len());
    near.min_by_key(|(distance, _)| *distance).map(|(_, one)| one)
}

#[cfg(test)]
#[path = "suggestion_tests.rs"]
mod tests;
