//! The registry: one line per measure ties its definition (fast path) to its reference.

mod suggestion;

use crate::convention::Keys;
use crate::error::Error;
use crate::measure::Measure;
use crate::measures;
#[cfg(feature = "reference")]
use crate::reference;
use crate::spec::Spec;

/// One measure of the registry.
#[derive(Debug)]
pub struct Entry {
    /// What is fixed about it.
    pub spec: &'static Spec,
    parse: fn(&mut Keys) -> Result<Measure, Error>,
}

macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        /// Every measure there is.
        pub static REGISTRY: &[Entry] = &[$(Entry {
            spec: &measures::$module::SPEC,
            parse: |keys| measures::$module::Options::parse(keys).map(Measure::from),
        }),+];
        $(impl From<measures::$module::Options> for Measure {
            fn from(options: measures::$module::Options) -> Measure {
                let measure = Measure::new(options.clone());
                #[cfg(feature = "reference")]
                let measure = measure.with_reference(reference::path(reference::$module::value, options));
                measure
            }
        })+
    };
}

registry![
    hsic,
    cka,
    cca,
    svcca,
    pwcca,
    linear_regression,
    linear_predictivity,
    canonical_ridge,
    procrustes,
    distance_correlation,
    mutual_knn,
    rsa,
    soft_matching,
];

impl Measure {
    /// Reads a measure from its text, `ID[:KEY=VALUE,...]`.
    ///
    /// # Errors
    /// [`Error::UnknownMeasure`], [`Error::UnknownKey`], [`Error::InvalidValue`], ...: each lists
    /// what is possible, and [`Error::Misnamed`] names the measure that may have been meant.
    pub fn parse(text: &str) -> Result<Self, Error> {
        strictly(text).map_err(|error| match suggestion::meant(text) {
            Some(meant) => Error::Misnamed { cause: Box::new(error), meant },
            None => error,
        })
    }
}

fn strictly(text: &str) -> Result<Measure, Error> {
    let (id, mut keys) = Keys::parse(text)?;
    let entry = REGISTRY
        .iter()
        .find(|entry| entry.spec.id == id)
        .ok_or_else(|| Error::UnknownMeasure { id, known: REGISTRY.iter().map(|entry| entry.spec.id).collect::<Vec<_>>().join(", ") })?;
    let measure = (entry.parse)(&mut keys)?;
    keys.finish()?;
    Ok(measure)
}

impl std::str::FromStr for Measure {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Measure::parse(text)
    }
}

/// Every convention whose laws are tried: the list of each measure, in the order of the registry.
pub fn conventions() -> Vec<Measure> {
    let texts = REGISTRY.iter().flat_map(|entry| entry.spec.conventions);
    texts
        .map(|text| Measure::parse(text).unwrap_or_else(|error| panic!("the registry lists {text:?}, which does not parse: {error}")))
        .collect()
}
