//! What measures compute of a representation or of a pair and share, kept by its type and a key.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

type Kept = BTreeMap<(TypeId, String), Arc<dyn Any + Send + Sync>>;

/// A cache of values of any types.
#[derive(Default)]
pub(crate) struct Artifacts {
    kept: Mutex<Kept>,
}

impl fmt::Debug for Artifacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

impl Artifacts {
    /// Returns the value of this type and key, computed where it is not there yet.
    ///
    /// It is computed outside the lock: a computation that runs in parallel must not hold a lock
    /// that another of its own threads may ask for. Two threads may then compute the same value;
    /// they compute the same bits.
    ///
    /// # Errors
    /// Those of the computation, which is tried again the next time.
    pub(crate) fn get_or_compute<T: Any + Send + Sync, E>(&self, key: &str, compute: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let place = (TypeId::of::<T>(), key.to_string());
        let of_type = |value: &Arc<dyn Any + Send + Sync>| Arc::clone(value).downcast::<T>().expect("kept by its type");
        if let Some(value) = self.kept().get(&place) {
            return Ok(of_type(value));
        }
        let value: Arc<dyn Any + Send + Sync> = Arc::new(compute()?);
        Ok(of_type(self.kept().entry(place).or_insert(value)))
    }

    /// The keys of what is kept.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.kept().keys().map(|(_, key)| key.clone()).collect()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().expect("no panic while locked")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_computed_once_for_each_type_and_key() {
        let artifacts = Artifacts::default();
        let number = |key: &str, value: u64| artifacts.get_or_compute(key, || Ok::<_, ()>(value)).map(|value| *value);
        assert_eq!((number("a", 1), number("a", 2), number("b", 3)), (Ok(1), Ok(1), Ok(3)));
        let text = artifacts.get_or_compute("a", || Ok::<_, ()>("one".to_string())).unwrap();
        assert_eq!((text.as_str(), artifacts.keys().len()), ("one", 3));
    }

    #[test]
    fn an_error_is_not_kept() {
        let artifacts = Artifacts::default();
        assert_eq!(artifacts.get_or_compute("a", || Err::<u64, _>("no")), Err("no"));
        assert_eq!(artifacts.get_or_compute("a", || Ok::<u64, &str>(1)).map(|value| *value), Ok(1));
    }
}
