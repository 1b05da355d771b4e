"""Is a similarity more than chance, how sure is it, and is one higher than another."""

import inspect

import numpy as np

from . import _similitude
from ._arrays import examples_of, matrix, side
from ._checks import measure_text, named, real, require_same_order, warn, whole
from ._errors import DegenerateError, InputError, UndefinedError
from ._found import Difference, Interval, NoiseCeiling, NullTest, SampleSizes, Stability
from ._functions import INFERENCE, READING, _measure, read_pair, require_examples
from ._score import Score

#: What is said of an interval that is none.
NO_INTERVAL = "interval: halves, bootstrap, bca, jackknife or analytic is wanted, and this is {!r}"

#: From so many permutations on it is said how long they take.
MANY = 10**6


def null_word(null):
    """A null as the grammar has it."""
    if isinstance(null, str):
        return null
    if isinstance(null, (bool, np.bool_)) or not isinstance(null, (int, np.integer)):
        raise InputError(f'null={null!r}: a number of permutations, or "exact", is possible')
    return str(int(null))


def tell_long(null, measure, x, y):
    """Warns where so many permutations take an hour or more."""
    count = int(null) if null.isdigit() else 0
    if count < MANY:
        return
    try:
        hours = count * measure.time(x, y, 1) / 3600
    except ValueError:  # a comparison without a value says so itself
        return
    if hours >= 1:
        time = f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.2g} hours"
        words = f"null={count}: so many comparisons may take {time} on one thread; the least p-value of null=9999 is 0.0001"
        warn(words)


def _labels(labels, key, n):
    """Labels of examples as whole numbers, and what each number stands for."""
    given = labels
    try:
        labels = np.asarray(labels)
    except ValueError:  # rows of several lengths
        labels = np.empty(0)
    if labels.ndim != 1 or len(labels) != n:
        wrong = f"the labels have the shape {labels.shape}" if np.ndim(labels) else f"this is {given!r}"
        raise InputError(f"{key}: {n} examples need one label each, in one row, and {wrong}")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise InputError(f"{key}: label {int(np.flatnonzero(~np.isfinite(labels))[0])} (counted from 0) is not finite")
    # As they were given: an array of texts and numbers would make texts of all.
    entries = labels.tolist() if labels.dtype.kind != "U" or not isinstance(given, (list, tuple)) else list(given)
    for place, label in enumerate(entries):
        if label is None or label != label or type(label).__name__ in ("NAType", "NaTType"):
            raise InputError(f"{key}: label {place} (counted from 0) is {label}; each example needs one")
    try:
        ordered = sorted(set(entries))
    except TypeError:  # texts and numbers
        ordered = sorted(set(entries), key=lambda label: (type(label).__name__, str(label)))
    if labels.dtype.kind in "iu" and (not labels.size or labels.min() >= 0):
        return entries, {label: label for label in ordered}
    numbers = {label: number for number, label in enumerate(ordered)}
    return [numbers[label] for label in entries], {number: label for label, number in numbers.items()}


def _asked(function, *arguments, labels=None):
    """What the library answers; an error has the labels that were given, not the numbers that stand for them."""
    try:
        return function(*arguments)
    except InputError as error:
        first, other = (error.numbers.get(key) for key in ("first", "other"))
        if labels is not None and first in labels and other in labels:
            words = str(error).replace(f"labelled {first} and {other} ", f"labelled {labels[first]!r} and {labels[other]!r} ")
            error.args, error.first, error.other = (words,), labels[first], labels[other]
            error.numbers = {**error.numbers, "first": labels[first], "other": labels[other]}
        if error.code == "too_few_draws":
            words = str(error).replace("resamples=of", "resamples= of").replace("null=of", "null= of")
            error.args = (words.replace("1 draws are", "1 draw is") if words.startswith("1 draws") else words,)
        raise


def parsed(measure):
    """A measure of its text."""
    return _measure(measure_text(measure))


def _test(measure, x, y, null, scheme, labels, level, seed, names=None):
    null, level, seed = null_word(null), real(level, "level"), whole(seed, "seed")
    tell_long(null, measure, x, y)
    parts = _asked(_similitude.permutation_test, measure, x, y, null, scheme, labels, level, seed, labels=names)
    return NullTest(**{**parts, "score": Score(parts["score"])})


def _interval(measure, x, y, method, resamples, groups, level, seed):
    if not isinstance(method, str):
        raise InputError(NO_INTERVAL.format(method))
    resamples, level, seed = whole(resamples, "resamples"), real(level, "level"), whole(seed, "seed")
    if groups is not None:
        groups = whole(groups, "groups")
        if method not in ("jackknife", "bca"):
            raise InputError(f"groups={groups}: they are of the jackknife, and method={method!r} leaves no groups out")
    if method in ("jackknife", "analytic") and resamples != INFERENCE["resamples"]:
        warn(f"resamples={resamples}: method={method!r} draws none")
    parts = _asked(_similitude.interval, measure, x, y, method, resamples, groups, level, seed)
    return Interval(**{**parts, "score": Score(parts["score"])})


def check_request(measure, null, interval, resamples, level):
    """Refuses, before anything is computed, a null or an interval that is none or that the measure cannot have."""
    if interval is not None and not isinstance(interval, str):
        raise InputError(NO_INTERVAL.format(interval))
    null = None if null is None else null_word(null)
    drawn = (whole(resamples, "resamples"), real(level, "level")) if interval is not None else (INFERENCE["resamples"], INFERENCE["level"])
    _asked(_similitude.check_request, measure, null, interval, *drawn)


def _had(what, function, *arguments):
    """A null or an interval; where it cannot be had on these data that is told, and the value stands without it."""
    try:
        return function(*arguments)
    except (UndefinedError, DegenerateError) as error:
        warn(f"no {what}, and the value stands: {error}")
        return None


def beside(parts, measure, x, y, null, interval, resamples, level, seed):
    """Adds a null and an interval to the parts of a score, with the facts that the program writes."""
    facts, test, made = {}, None, None
    if null is not None:
        test = _had("null", _test, measure, x, y, null, "free", None, _similitude.CALIBRATED_AT, seed)
    if test is not None:
        parts["null"] = test
        facts |= {"p": test.p, "null_mean": test.null_mean, "z": test.z, "calibrated": test.calibrated, "seed": test.seed}
    if interval is not None:
        made = _had("interval", _interval, measure, x, y, interval, resamples, None, level, seed)
    if made is not None:
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
    require_same_order((("x", x), ("within", within), ("blocks", blocks), ("shifts", shifts)))
    x, y, _ = read_pair(x, y, reading)
    given = [(word, labels) for word, labels in (("within", within), ("blocks", blocks), ("shifts", shifts)) if labels is not None]
    given = [(word, labels) for word, labels in given if labels is not False]
    if len(given) > 1:
        raise InputError(f"{' and '.join(f'{word}=' for word, _ in given)}: one kind of permutations is possible")
    word, labels = given[0] if given else ("free", None)
    if labels is True and word != "shifts":
        raise InputError(f"{word}=True: a label for each example is wanted")
    labels, names = (None, None) if labels is None or labels is True else _labels(labels, word, examples_of(x) or len(x))
    return _test(parsed(measure), x, y, null, word, labels, level, seed, names)


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
    return _interval(parsed(measure), x, y, method, resamples, groups, level, seed)


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
    pairs, given = [], []
    for name, pair in (("first", first), ("second", second)):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            what = f"this is {len(pair)}" if hasattr(pair, "__len__") else f"this is {type(pair).__name__}"
            raise InputError(f"{name}: a pair of arrays is two, and {what}")
        given += [(f"{name}[{place}]", array) for place, array in enumerate(pair)]
        pairs.append(tuple(matrix(array, f"{name}[{place}]") for place, array in enumerate(pair)))
    require_same_order(given)
    drawn = method, whole(resamples, "resamples"), real(level, "level"), whole(seed, "seed")
    parts = _asked(_similitude.compare_scores, parsed(measure), *pairs, *drawn)
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
    candidates = named(candidates, "candidates")
    names = list(candidates)
    arrays = [matrix(array, f"candidates[{name!r}]") for name, array in candidates.items()]
    require_same_order([("x", x), *((f"candidates[{name!r}]", array) for name, array in candidates.items())])
    drawn = method, whole(resamples, "resamples"), whole(seed, "seed")
    scores, best, shares = _asked(_similitude.row_maximum, parsed(measure), matrix(x, "x"), names, arrays, *drawn)
    return Stability(names[best], shares[best], dict(zip(names, map(Score, scores))), dict(zip(names, shares)), seed)


def noise_ceiling(networks, measure="rsa"):
    """What the best model of some networks (subjects, seeds) reaches: the noise ceiling of representational similarity.

    Args:
        networks: a dict from names to arrays of the same examples, or to :class:`similitude.RDM`; two at least.
        measure: ``rsa`` in any of its conventions; other measures compare no dissimilarities.

    Returns:
        A :class:`NoiseCeiling` (Nili et al. 2014). A model is held against it by the mean of its similarities with each network.
    """
    networks = named(networks, "networks")
    names = list(networks)
    arrays = [side(array, f"networks[{name!r}]") for name, array in networks.items()]
    require_same_order((f"networks[{name!r}]", array) for name, array in networks.items())
    parts = _similitude.noise_ceiling(parsed(measure), names, arrays)
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
    given = [tolerances] if tolerances is None or np.ndim(tolerances) == 0 else tolerances
    tolerances = [real(tolerance, "tolerances") for tolerance in given]
    for tolerance in tolerances:
        if not 0 < tolerance < np.inf:
            raise InputError(f"tolerances: {tolerance} is not a distance from the limit; positive numbers are")
    drawn = whole(resamples, "resamples"), tolerances, real(level, "level"), whole(seed, "seed")
    parts = _asked(_similitude.sample_size, parsed(measure), x, y, *drawn)
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
    if isinstance(p, np.ma.MaskedArray) and np.ma.is_masked(p):
        raise InputError("p: a masked array with masked entries; p.compressed() are those that are there")
    try:
        p = np.asarray(p)
        if p.dtype.kind not in "biuf" and p.size:
            raise TypeError(f"entries of type {p.dtype}")
        p = p.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"p: p-values are numbers from 0 to 1, and these are none ({error})") from None
    return np.array(_similitude.adjusted(p.reshape(-1).tolist(), method)).reshape(p.shape)
