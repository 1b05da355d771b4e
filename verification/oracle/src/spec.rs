//! The grammar `ID[:KEY=VALUE[,KEY=VALUE...]]` that names a measure.

use crate::error::OracleError;
use crate::keys::Keys;
use crate::matrix::Matrix;
use crate::measures::{
    canonical_ridge, cca, distance_correlation, hsic, linear_predictivity, linear_regression, mutual_knn, procrustes, pwcca, rsa,
    soft_matching, svcca,
};
use crate::rank::RankRule;
use crate::value::Value;
use std::sync::Arc;

/// Every measure: its id, and what reads its keys.
const MEASURES: [(&str, Constructor); 13] = [
    ("hsic", read::<hsic::Hsic>),
    ("cka", read::<hsic::Cka>),
    ("cca", read::<cca::Options>),
    ("svcca", read::<svcca::Options>),
    ("pwcca", read::<pwcca::Options>),
    ("linear-regression", read::<linear_regression::Options>),
    ("linear-predictivity", read::<linear_predictivity::Options>),
    ("canonical-ridge", read::<canonical_ridge::Options>),
    ("procrustes", read::<procrustes::Options>),
    ("distance-correlation", read::<distance_correlation::Options>),
    ("mutual-knn", read::<mutual_knn::Options>),
    ("rsa", read::<rsa::Options>),
    ("soft-matching", read::<soft_matching::Options>),
];

type Constructor = fn(&mut Keys<'_>) -> Result<Arc<dyn Formula>, OracleError>;

/// The options of a measure, which know its keys and its value.
pub(crate) trait Formula: std::fmt::Debug + Send + Sync {
    /// The options that the keys name.
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError>
    where
        Self: Sized;

    /// The value on two representations.
    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError>;

    /// The same measure with another notion of rank; None where it has none.
    fn with_rank_rule(&self, _rule: RankRule) -> Option<Arc<dyn Formula>> {
        None
    }
}

/// A measure with all its options: parsed from text such as `cka:kernel=rbf,fraction=0.5`, with
/// exact ranks.
#[derive(Clone, Debug)]
pub struct Measure(Arc<dyn Formula>);

/// The value of the measure that `spec` names, such as `cka:kernel=rbf,fraction=0.5`, with exact
/// ranks.
///
/// # Errors
/// `Spec` for a text that names no measure, and whatever the measure returns.
pub fn evaluate(spec: &str, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
    spec.parse::<Measure>()?.evaluate(x, y)
}

impl Measure {
    /// The same measure with another notion of rank, which `cca`, `svcca`, `pwcca`,
    /// `linear-regression` and `canonical-ridge` have.
    pub fn with_rank_rule(&self, rule: RankRule) -> Self {
        self.0.with_rank_rule(rule).map_or_else(|| self.clone(), Measure)
    }

    /// The value on two representations.
    ///
    /// # Errors
    /// Those of the measure.
    pub fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        self.0.evaluate(x, y)
    }
}

impl std::str::FromStr for Measure {
    type Err = OracleError;

    fn from_str(spec: &str) -> Result<Self, OracleError> {
        let (id, rest) = spec.split_once(':').unwrap_or((spec, ""));
        let mut keys = Keys::read(spec, rest)?;
        let Some((_, constructor)) = MEASURES.iter().find(|(known, _)| *known == id) else {
            let ids: Vec<&str> = MEASURES.iter().map(|(id, _)| *id).collect();
            return Err(keys.error(format!("unknown measure \"{id}\"; the measures are {}", ids.join(", "))));
        };
        let formula = constructor(&mut keys)?;
        keys.finish()?;
        Ok(Measure(formula))
    }
}

fn read<F: Formula + 'static>(keys: &mut Keys<'_>) -> Result<Arc<dyn Formula>, OracleError> {
    Ok(Arc::new(F::parse(keys)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Bandwidth, Kernel};

    fn options<F: Formula>(text: &str) -> F {
        let mut keys = Keys::read(text, text).unwrap();
        let options = F::parse(&mut keys).unwrap();
        keys.finish().unwrap();
        options
    }

    #[test]
    fn defaults_are_those_of_the_grammar() {
        let linear = hsic::Options { kernel: Kernel::Linear, estimator: hsic::Estimator::Biased };
        assert_eq!(options::<hsic::Cka>(""), hsic::Cka(linear));
        let rbf = hsic::Options { kernel: Kernel::Rbf(Bandwidth::Median { fraction: 0.5 }), estimator: hsic::Estimator::Unbiased };
        assert_eq!(options::<hsic::Cka>("kernel=rbf,estimator=debiased,fraction=0.5"), hsic::Cka(rbf));
        let svcca = svcca::Options {
            summary: cca::Summary::SquaredRho,
            threshold: 0.99,
            divisor: cca::Divisor::MinRank,
            rank: RankRule::Exact,
            allow_degenerate: false,
        };
        assert_eq!(options::<svcca::Options>("summary=r2"), svcca);
        let biased = distance_correlation::Options { estimator: distance_correlation::Estimator::Biased };
        assert_eq!(options::<distance_correlation::Options>(""), biased);
        let cosine = mutual_knn::Options { neighbours: 10, metric: mutual_knn::Metric::Cosine, center: false };
        assert_eq!(options::<mutual_knn::Options>(""), cosine);
        let spearman = rsa::Options { rdm: rsa::Rdm::Correlation, comparison: rsa::Comparison::Spearman };
        assert_eq!(options::<rsa::Options>(""), spearman);
        assert_eq!(options::<soft_matching::Options>(""), soft_matching::Options { form: soft_matching::Form::Similarity });
    }

    #[test]
    fn every_id_is_listed_once() {
        for (index, (id, _)) in MEASURES.iter().enumerate() {
            assert!(MEASURES[index + 1..].iter().all(|(other, _)| other != id), "{id}");
        }
    }

    #[test]
    fn mistakes_are_named_with_what_would_be_valid() {
        let reason = |spec: &str| match spec.parse::<Measure>() {
            Err(OracleError::Spec { reason, .. }) => reason,
            other => panic!("{spec}: {other:?}"),
        };
        assert!(reason("ckaa").contains("linear-regression"));
        assert!(reason("cka:estimator=unbiased").contains("debiased"));
        assert!(reason("hsic:estimator=debiased").contains("unbiased"));
        assert!(reason("cka:fraction=0.5").contains("kernel, estimator"));
        assert!(reason("cka:kernel=rbf,bandwidth=fixed").contains("\"sigma\" is required"));
        assert!(reason("cka:kernel=rbf,sigma=1").contains("unknown key \"sigma\""));
        assert!(reason("cca:summary").contains("KEY=VALUE"));
        assert!(reason("cca:center=no,center=yes").contains("twice"));
        assert!(reason("svcca:threshold=x").contains("expected a number"));
        assert!(reason("rsa:compare=kendall").contains("kendall-a"));
    }
}
