//! What tests tell something, what is not told apart from the best, and the parts of the verdict.

use super::indexes::Index;
use super::noise::MOVES;
use super::statistics::{mean_and_error, students_quantile};
use super::trials::{Found, Trial, Values};

/// A test whose best index is a guess in this share of all cases, at most, tells something.
pub(super) const LEVEL: f64 = 0.05;

/// A question with the test that answers it: the name of the trial, what tables call it, the
/// question. The statistics of one question stand together.
pub(super) const QUESTIONS: [(&str, &str, &str); 11] = [
    ("layer order, conformity", "layer order", "Are near layers of one network more alike than far ones?"),
    ("accuracy, Spearman", "accuracy", "Do networks differ in accuracy as their last layers differ?"),
    ("outputs, Spearman", "outputs", "Do networks differ in what they say as their last layers differ?"),
    ("random labels, AUPRC", "labels, AUPRC", "Which networks learned from labels of the same quality?"),
    ("random labels, conformity", "labels, conformity", "Which networks learned from labels of the same quality?"),
    ("shortcut, AUPRC", "shortcut, AUPRC", "Which networks rely on the same shortcut?"),
    ("shortcut, conformity", "shortcut, conformity", "Which networks rely on the same shortcut?"),
    ("augmentation, AUPRC", "augmentation, AUPRC", "Which networks saw the same augmentation?"),
    ("augmentation, conformity", "augmentation, conformity", "Which networks saw the same augmentation?"),
    ("probe: layers, Spearman", "probe: layers", "Does dissimilarity follow what a probe reads, over seeds and layers?"),
    ("probe: deleted, Spearman", "probe: deleted", "Does dissimilarity follow what a probe loses with deleted components?"),
];

/// One test, judged over all indexes.
pub(super) struct Question {
    /// The place of its trial.
    pub trial: usize,
    /// The place of the best index; `None` where all are undefined.
    pub best: Option<usize>,
    /// How often the best of all indexes is as good by a guess.
    pub p: f64,
    /// The mean guess of all indexes, and the mean of its standard deviation.
    pub guess: (f64, f64),
    /// Whether the test tells something: see [`LEVEL`]. A question with several tests shares it.
    pub tells: bool,
    /// Indexes that it is defined for.
    pub defined: usize,
    /// Indexes that are better than their own guesses, each by itself.
    pub beyond: usize,
    /// Indexes that are not told apart from the best.
    pub near: usize,
}

/// Judges every question.
pub(super) fn questions(trials: &[Trial], indexes: &[Index]) -> Vec<Question> {
    let one = |(name, _, question): &(&str, &str, &str)| {
        let trial = trials.iter().position(|trial| trial.name == *name)?;
        let all: Vec<Option<&Found>> = indexes.iter().map(|index| index.tests[trial].as_ref()).collect();
        let statistics = QUESTIONS.iter().filter(|other| other.2 == *question).count();
        Some(question_of(trial, &all, LEVEL / statistics as f64))
    };
    QUESTIONS.iter().filter_map(one).collect()
}

fn question_of(trial: usize, all: &[Option<&Found>], level: f64) -> Question {
    let defined: Vec<(usize, &Found)> = all.iter().enumerate().filter_map(|(place, found)| Some((place, (*found)?))).collect();
    let best = defined.iter().copied().max_by(|one, other| one.1.value.total_cmp(&other.1.value));
    let p = best.map_or(1.0, |best| {
        // The best of as many guesses: whoever looks at all indexes and takes the best does that.
        let draws = best.1.guesses.len();
        let highest = (0..draws).map(|draw| defined.iter().map(|(_, found)| found.guesses[draw]).fold(f64::NEG_INFINITY, f64::max));
        super::trials::share_as_high(best.1.value, &highest.collect::<Vec<_>>())
    });
    let guesses: Vec<(f64, f64)> = defined.iter().map(|(_, found)| found.guess()).collect();
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| guesses.iter().map(of).sum::<f64>() / guesses.len().max(1) as f64;
    Question {
        trial,
        best: best.map(|best| best.0),
        p,
        guess: (mean(&|guess| guess.0), mean(&|guess| guess.1)),
        tells: p <= level,
        defined: defined.len(),
        beyond: defined.iter().filter(|(_, found)| found.p() <= LEVEL).count(),
        near: best.map_or(0, |best| defined.iter().filter(|(_, found)| !told_apart(found, best.1, LEVEL)).count()),
    }
}

/// Whether an index is below the best by more than the jackknife's error of their difference
/// allows: Student's quantile, as few networks are left out.
pub(super) fn told_apart(found: &Found, best: &Found, level: f64) -> bool {
    let (difference, error) = found.below(best);
    is_apart(difference, error, found.without.len(), level)
}

/// The same of any difference that is known from so many networks.
pub(super) fn is_apart(difference: f64, error: Option<f64>, networks: usize, level: f64) -> bool {
    // What is exactly that far away, in decimals, is not to hang on the last bit.
    const SLACK: f64 = 1e-9;
    error.is_some_and(|error| difference > students_quantile(networks - 1, level) * error + SLACK)
}

/// The indexes that are told apart from the best in no test that tells something. Many tests are
/// asked, so that each has its part of the level. Where it is undefined, an index is not the best.
pub(super) fn best_everywhere(questions: &[Question], indexes: &[Index]) -> Vec<usize> {
    let telling: Vec<&Question> = questions.iter().filter(|question| question.tells).collect();
    let level = LEVEL / telling.len().max(1) as f64;
    let is_near = |index: &Index, question: &Question| {
        let best = question.best.and_then(|best| indexes[best].tests[question.trial].as_ref());
        index.tests[question.trial].as_ref().zip(best).is_some_and(|(found, best)| !told_apart(found, best, level))
    };
    let near = (0..indexes.len()).filter(|&place| telling.iter().all(|question| is_near(&indexes[place], question)));
    if telling.is_empty() { Vec::new() } else { near.collect() }
}

/// One of Davari's moves on one scale: linear CKA, the square of Procrustes's similarity, and by
/// how much the first is lower, each with its standard error.
pub(super) struct Move {
    pub name: &'static str,
    pub cka: (f64, Option<f64>),
    pub procrustes: (f64, Option<f64>),
    pub lower: (f64, Option<f64>),
    /// Whether CKA is lower, by Student's quantile; and whether it is higher.
    pub apart: (bool, bool),
}

/// All moves; none where one of the two is not in the row.
///
/// For one neuron on each side CKA is the square of the correlation, and Procrustes's similarity
/// its absolute value: the square is on the same scale.
pub(super) fn moves(values: &Values) -> Vec<Move> {
    let places = values.place("cka").zip(values.place("procrustes:form=similarity"));
    let Some((cka, procrustes)) = places else { return Vec::new() };
    let one = |(name, _, _): &(&'static str, usize, f64)| {
        let cka: Vec<f64> = values.said(name, cka).into_iter().collect::<Option<_>>()?;
        let squares: Vec<f64> =
            values.said(name, procrustes).into_iter().map(|value| value.map(|value| value * value)).collect::<Option<_>>()?;
        let lower: Vec<f64> = squares.iter().zip(&cka).map(|(square, cka)| square - cka).collect();
        let mean = mean_and_error(&lower)?;
        let apart = |sign: f64| is_apart(sign * mean.0, mean.1, lower.len(), LEVEL);
        Some(Move {
            name,
            cka: mean_and_error(&cka)?,
            procrustes: mean_and_error(&squares)?,
            lower: mean,
            apart: (apart(1.0), apart(-1.0)),
        })
    };
    MOVES.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::field::indexes::Layers;

    fn found(value: f64, without: &[f64], guesses: &[f64]) -> Found {
        Found { value, without: without.to_vec(), error: None, guesses: guesses.to_vec() }
    }

    /// What both lose with a network says nothing of their difference: 0.1 in every one of three is
    /// told apart, though each has a large error; 0.1 with an error of 0.03 is not, as Student's
    /// quantile of two degrees of freedom is 4.3.
    #[test]
    fn differences_are_of_the_same_networks() {
        let best = found(0.8, &[0.9, 0.8, 0.7], &[]);
        assert!(told_apart(&found(0.7, &[0.8, 0.7, 0.6], &[]), &best, 0.05));
        // Differences 0.13, 0.07, 0.1 without each: the jackknife's error is 0.0346.
        assert!(!told_apart(&found(0.7, &[0.77, 0.73, 0.6], &[]), &best, 0.05), "0.1 is 2.9 errors");
        assert!(told_apart(&found(0.6, &[0.67, 0.63, 0.5], &[]), &best, 0.05), "0.2 is 5.8 errors");
        assert!(!told_apart(&best, &best, 0.05));
    }

    /// The best of many is high by a guess more often than one that was named before.
    #[test]
    fn the_best_of_many_is_held_against_the_best_of_many_guesses() {
        let guesses: Vec<Vec<f64>> = (0..40).map(|index| (0..99).map(|draw| if draw == 2 * index { 0.9 } else { 0.1 }).collect()).collect();
        let all: Vec<Found> = guesses.iter().map(|guesses| found(0.5, &[0.5; 3], guesses)).collect();
        assert!(all.iter().all(|found| found.p() <= 0.02));
        let question = question_of(0, &all.iter().map(Some).collect::<Vec<_>>(), LEVEL);
        assert!(!question.tells && question.p > 0.4, "{}", question.p);
        let strong = found(0.95, &[0.95; 3], &guesses[0]);
        let question = question_of(0, &[Some(&strong), Some(&all[1]), None], LEVEL);
        assert!(question.tells && question.best == Some(0) && question.defined == 2 && question.near == 1);
    }

    /// A test whose values do not depend on what is permuted tells nothing: canonical correlations
    /// that are all 1 have no order.
    #[test]
    fn a_test_without_an_order_tells_nothing() {
        let constant = found(0.0, &[0.0; 5], &[0.0; 99]);
        let question = question_of(0, &[Some(&constant)], LEVEL);
        assert!(!question.tells && question.p == 1.0 && question.beyond == 0);
    }

    fn index(name: &str, tests: Vec<Option<Found>>) -> Index {
        Index { spellings: vec![name.to_owned()], tests, means: Vec::new(), layers: Layers::default(), milliseconds: None }
    }

    /// The part of the verdict fails where one index is near the best in all tests, and an index
    /// that is undefined in one is not the best there.
    #[test]
    fn an_index_can_be_near_the_best_everywhere() {
        let low = [0.1; 99];
        let high = |value: f64| Some(found(value, &[value; 4], &low));
        let indexes = [index("a", vec![high(0.9), high(0.5)]), index("b", vec![high(0.5), high(0.9)]), index("c", vec![high(0.9), None])];
        let judged = |indexes: &[Index]| -> Vec<Question> {
            (0..2)
                .map(|trial| question_of(trial, &indexes.iter().map(|index| index.tests[trial].as_ref()).collect::<Vec<_>>(), LEVEL))
                .collect()
        };
        assert_eq!(best_everywhere(&judged(&indexes), &indexes), Vec::<usize>::new());
        let both = [index("a", vec![high(0.9), high(0.9)]), index("b", vec![high(0.5), high(0.9)])];
        assert_eq!(best_everywhere(&judged(&both), &both), [0]);
    }
}
