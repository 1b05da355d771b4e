"""Is a similarity more than chance, how sure is it, and is one higher than another."""

import inspect

import numpy as np

from . import _similitude
from ._arrays import matrix, side
from ._errors import InputError
from ._found import Difference, Interval, NoiseCeiling, NullTest, SampleSizes, Stability
from ._functions import READING, _measure, read_pair, require_examples
from ._score import Score


def null_word(null):
    """A null as the grammar has it."""
    if isinstance(null, str):
        return null
    if isinstance(null, (bool, np.bool_)) or not isinstance(null, (int, np.integer)):
        raise InputError(f'null={null!r}: a number of permutations, or "exact", is possible')
    return str(int(null))


def _labels(labels, key, n):
    """Labels of examples as whole numbers; those that are keep their names in messages."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or len(labels) != n:
        raise InputError(f"{key}: {n} examples need one label each, in one row, and the labels have the shape {labels.shape}")
    if labels.dtype.kind in "iu" and (not labels.size or labels.min() >= 0):
        return labels.tolist()
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise InputError(f"{key}: label {int(np.flatnonzero(~np.isfinite(labels))[0])} (counted from 0) is not finite")
    return np.unique(labels, return_inverse=True)[1].reshape(-1).tolist()


def _test(measure, x, y, null, scheme, labels, level, seed):
    parts = _similitude.permutation_test(measure, x, y, null_word(null), scheme, labels, level, seed)
    return NullTest(**{**parts, "score": Score(parts["score"])})


def _interval(measure, x, y, method, resamples, groups, level, seed):
    parts = _similitude.interval(measure, x, y, method, resamples, groups, level, seed)
    return Interval(**{**parts, "score": Score(parts["score"])})


def beside(parts, measure, x, y, null, interval, resamples, level, seed):
    """Adds a null and an interval to the parts of a score, with the facts that the program writes."""
    facts = {}
    if null is not None:
        test = _test(measure, x, y, null, "free", None, _similitude.CALIBRATED_AT, seed)
        parts["null"] = test
        facts |= {"p": test.p, "null_mean": test.null_mean, "z": test.z, "calibrated": test.calibrated, "seed": test.seed}
    if interval is not None:
        made = _interval(measure, x, y, interval, resamples, None, level, seed)
        parts["interval"] = made
        facts |= {"lo": made.lo, "hi": made.hi, "se": made.se} | ({} if made.seed is None else {"seed": made.seed})
    parts["diagnostics"].update((name, value) for name, value in facts.items() if value is not None)
    return parts


def _reads(function):
    """The signature with the keywords of arrays of more than two axes by name."""
    signature = inspect.signature(function)
    own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    more = [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None) for key in READING]
    function.__signature__ = signature.replace(parameters=own + more)
    return function


@_reads
def permutation_test(x, y, measure="cka", null=1000, *, within=None, blocks=None, shifts=False, level=0.05, seed=1, **reading):
    """Tests whether two representations are more alike than chance: the examples of ``y`` are put into other orders.

    Args:
        x, y, measure: as :func:`similitude.compare` has them, ``axes=`` and its like included.
        null: how many orders are drawn, or ``"exact"``: mean, variance and third moment over all n! of them, for a measure that
            is an inner product of matrices between examples (CKA, HSIC, distance correlation, RSA, R2 of CCA, regression).
        within: a label for each example (a class, a subject): only examples of one label change places.
        blocks: a label for each example: whole labels change places, and each keeps the order of its examples.
        shifts: True for circular shifts of all examples, for one stationary time series; or a label for each example, for shifts
            within labels.
        level: the level of the test that ``critical`` and ``calibrated`` are of.
        seed: what permutations are drawn from: the same seed gives the same value on any machine with any number of threads.

    Returns:
        A :class:`NullTest`.

    Raises:
        InputError: labels that do not fit, or a measure without exact moments.
        UndefinedError: the measure has no value on these data, or all permutations give one value.
        KeyboardInterrupt: at once; what was begun ends in the background.
    """
    require_examples(reading.get("spatial"), reading.get("spatial_y"))
    x, y, _ = read_pair(x, y, reading)
    given = [(word, labels) for word, labels in (("within", within), ("blocks", blocks), ("shifts", shifts)) if labels is not None]
    given = [(word, labels) for word, labels in given if labels is not False]
    if len(given) > 1:
        raise InputError(f"{' and '.join(f'{word}=' for word, _ in given)}: one kind of permutations is possible")
    word, labels = given[0] if given else ("free", None)
    labels = None if labels is None or labels is True else _labels(labels, word, len(x))
    return _test(_measure(measure), x, y, null, word, labels, level, seed)


@_reads
def interval(x, y, measure="cka", method="halves", *, resamples=1000, level=0.95, groups=None, seed=1, **reading):
    """An interval for the value of the population that the examples are from.

    Args:
        x, y, measure: as :func:`similitude.compare` has them, ``axes=`` and its like included.
        method: ``"halves"`` of the examples, no example twice (right for every measure); ``"bootstrap"``, percentiles (copies of
            examples look alike to kernels and neighbours); ``"bca"``, corrected for bias and skewness; ``"jackknife"``, each
            example (or group) left out (for smooth measures); ``"analytic"``, the standard error of debiased CKA, unbiased HSIC and
            corrected distance correlation, without resamples.
        resamples: how many are drawn.
        level: the share of intervals that would hold the value of the population.
        groups: of the jackknife, how many groups of examples are left out one after the other; each example unless given.
        seed: what resamples are drawn from.

    Returns:
        An :class:`Interval`.

    Raises:
        InputError: too few resamples for the level.
        UndefinedError: the measure has no value on these data or on a resample.
        KeyboardInterrupt: at once; what was begun ends in the background.
    """
    require_examples(reading.get("spatial"), reading.get("spatial_y"))
    x, y, _ = read_pair(x, y, reading)
    return _interval(_measure(measure), x, y, method, resamples, groups, level, seed)


def compare_scores(first, second, measure="cka", *, method="halves", resamples=1000, level=0.95, seed=1):
    """Tests whether one pair is more alike than another on the same examples: is A more like B than like C?

    Args:
        first, second: two pairs of arrays, ``(a, b)`` and ``(a, c)``; row i of all of them is the same example.
        measure: as :func:`similitude.compare` has it.
        method: ``"halves"`` or ``"bootstrap"``. Both pairs see the same resamples, so that what the examples do to both cancels.
        resamples, level, seed: as :func:`similitude.interval` has them.

    Returns:
        A :class:`Difference`.
    """
    pairs = []
    for name, pair in (("first", first), ("second", second)):
        if len(pair) != 2:
            raise InputError(f"{name}: a pair of arrays is two, and this is {len(pair)}")
        pairs.append(tuple(matrix(array, f"{name}[{place}]") for place, array in enumerate(pair)))
    parts = _similitude.compare_scores(_measure(measure), *pairs, method, resamples, level, seed)
    return Difference(**{**parts, "first": Score(parts["first"]), "second": Score(parts["second"])})


def row_maximum(x, candidates, measure="cka", *, method="halves", resamples=1000, seed=1):
    """Which of several representations is most like ``x``, and whether that is stable over the examples.

    Args:
        x: an array of n examples x p neurons.
        candidates: a dict from names to arrays of the same examples.
        measure, method, resamples, seed: as :func:`similitude.compare_scores` has them.

    Returns:
        A :class:`Stability`.
    """
    names = [str(name) for name in candidates]
    arrays = [matrix(array, f"candidates[{name!r}]") for name, array in candidates.items()]
    scores, best, shares = _similitude.row_maximum(_measure(measure), matrix(x, "x"), names, arrays, method, resamples, seed)
    return Stability(names[best], shares[best], dict(zip(names, map(Score, scores))), dict(zip(names, shares)), seed)


def noise_ceiling(networks, measure="rsa"):
    """What the best model of some networks (subjects, seeds) reaches: the noise ceiling of representational similarity.

    Args:
        networks: a dict from names to arrays of the same examples, or to :class:`similitude.RDM`; two at least.
        measure: ``rsa`` in any of its conventions; other measures compare no dissimilarities.

    Returns:
        A :class:`NoiseCeiling` (Nili et al. 2014). A model is held against it by the mean of its similarities with each network.
    """
    names = [str(name) for name in networks]
    arrays = [side(array, f"networks[{name!r}]") for name, array in networks.items()]
    parts = _similitude.noise_ceiling(_measure(measure), names, arrays)
    return NoiseCeiling(**{**parts, **{key: dict(zip(names, parts[key])) for key in ("with_all", "with_others")}})


@_reads
def sample_size(x, y, measure="cka", *, tolerances=(0.01,), resamples=200, level=0.95, seed=1, **reading):
    """What fewer examples would have given, and how many are needed: "about N examples for +- 0.01".

    Args:
        x, y, measure: as :func:`similitude.compare` has them, ``axes=`` and its like included.
        tolerances: how far the value may be from its limit.
        resamples: how many subsets of each size are drawn.
        level, seed: of the middle of the values, and of the draws.

    Returns:
        A :class:`SampleSizes`, with ``.plot()``.
    """
    require_examples(reading.get("spatial"), reading.get("spatial_y"))
    x, y, _ = read_pair(x, y, reading)
    tolerances = [float(tolerances)] if np.ndim(tolerances) == 0 else [float(tolerance) for tolerance in tolerances]
    for tolerance in tolerances:
        if not 0 < tolerance < np.inf:
            raise InputError(f"tolerances: {tolerance} is not a distance from the limit; positive numbers are")
    parts = _similitude.sample_size(_measure(measure), x, y, resamples, tolerances, level, seed)
    return SampleSizes(**{**parts, "score": Score(parts["score"]), "needed": dict(zip(tolerances, parts["needed"]))})


def adjust(p, method="holm"):
    """P-values adjusted for their number, in an array of the same shape.

    Args:
        p: p-values, an array of any shape.
        method: ``"holm"`` (any false claim is as rare as the level says; 1979) or ``"bh"`` (few of the claims are false; Benjamini
            and Hochberg 1995). The null of the maximum over a sweep is ``sweep(..., null=1000, adjust="max")``.

    Raises:
        InputError: an entry that is no p-value, NaN included: ``p[np.isfinite(p)]`` are those of the cells that have one.
    """
    p = np.asarray(p, dtype=float)
    return np.array(_similitude.adjusted(p.reshape(-1).tolist(), method)).reshape(p.shape)
