"""What tests of chance, intervals and comparisons of scores answer."""

import dataclasses
import html

import numpy as np

from ._score import Score, _rows


class _Found:
    """What the results of this module have in common: a line of text, a table, and pickles."""

    _shown = ()

    def to_dict(self):
        """Everything as a dict, for JSON."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    def _words(self):
        shown = ((name, getattr(self, name)) for name in self._shown)
        return {name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in shown if value is not None}

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={words}' for name, words in self._words().items())})"

    def _repr_html_(self):
        return f"<p><b>{html.escape(type(self).__name__)}</b></p><table>{_rows(self._words())}</table>"


def _plain(value):
    if isinstance(value, Score):
        return value.to_dict()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NullTest(_Found):
    """A score among the values that permutations of the examples of ``y`` give.

    Attributes:
        score: the :class:`Score` of the examples as they are.
        p: the p-value. Of drawn permutations (b + 1) / (m + 1), b of m at least as alike (Phipson and Smyth 2010); of exact
            moments that of Pearson's type III curve (Josse, Pages and Husson 2008).
        floor: the least p-value that so many permutations can give; 0 of exact moments.
        null_mean, null_sd: mean and standard deviation of the null, on the scale of the score; None where the exact moments are
            those of the score's square (biased distance correlation).
        skewness: of exact moments; None of drawn permutations.
        z: standard deviations from the mean, positive for more alike; None where all permutations give one value.
        level, critical: the level of a test, and the value that it asks for; None where no p-value is so low.
        calibrated: (score - critical) / (best - critical): at least 0 where p is at most ``level``, 1 for the best value. None for a
            measure without a best value.
        excess: (score - null_mean) / (best - null_mean), corrected for chance as the adjusted Rand index.
        reached, undecided: how many permutations are at least as alike, and how many of these are so within rounding.
        scheme: which permutations, in words.
        seed: what they were drawn from.
        values: the value of each permutation; None of exact moments.
    """

    score: Score
    p: float
    floor: float
    null_mean: float | None
    null_sd: float | None
    skewness: float | None
    z: float | None
    level: float
    critical: float | None
    calibrated: float | None
    excess: float | None
    reached: int | None
    undecided: int | None
    scheme: str
    seed: int | None
    values: np.ndarray | None

    _shown = ("score", "p", "null_mean", "z", "calibrated", "scheme", "seed")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Interval(_Found):
    """An interval for what a value would be of the population that the examples are from.

    Attributes:
        score: the :class:`Score` of all examples.
        lo, hi: its ends, which are not cut at the range of the measure.
        level: the share of intervals that would hold the value of the population.
        se: the standard error.
        bias: what the resamples say of the bias of the score; 0 of ``"analytic"``.
        method: ``"halves"``, ``"percentile"``, ``"bca"``, ``"jackknife"`` or ``"analytic"``.
        seed: what the resamples were drawn from; None of ``"analytic"``.
        values: the value of each resample; of ``"analytic"``, how much each example moves the score.
    """

    score: Score
    lo: float
    hi: float
    level: float
    se: float
    bias: float
    method: str
    seed: int | None
    values: np.ndarray

    _shown = ("score", "lo", "hi", "level", "se", "method", "seed")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Difference(_Found):
    """How much more alike one pair is than another, on the same resamples.

    Attributes:
        first, second: the two :class:`Score` values.
        difference: positive where the first pair is more alike, of distances too.
        p: the two-sided p-value of no difference.
        lo, hi, level, se: an interval for the difference, and its standard error.
        method, seed: how examples were drawn again.
        values: the difference on each resample.
    """

    first: Score
    second: Score
    difference: float
    p: float
    lo: float
    hi: float
    level: float
    se: float
    method: str
    seed: int
    values: np.ndarray

    _shown = ("difference", "p", "lo", "hi", "level", "se", "method", "seed")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Stability(_Found):
    """Which of several representations is most like another one, and how often it is on resamples.

    Attributes:
        best: the name of the most alike.
        share: the share of the resamples in which it is.
        scores: the :class:`Score` of each, by name.
        shares: the share of the resamples in which each is the most alike; of several that are equal it is the first.
        seed: what the resamples were drawn from.
    """

    best: str
    share: float
    scores: dict
    shares: dict
    seed: int

    _shown = ("best", "share", "shares", "seed")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NoiseCeiling(_Found):
    """How alike networks of one kind are to the mean of their dissimilarities.

    Attributes:
        lower: the mean similarity of each network with the mean of the others.
        upper: the mean similarity of each with the mean of all, which has the noise of each in it.
        is_bound: whether nothing can be above ``upper`` in the mean; of Kendall's tau it is a heuristic.
        with_all, with_others: the similarities of each network, by name.
    """

    lower: float
    upper: float
    is_bound: bool
    with_all: dict
    with_others: dict

    _shown = ("lower", "upper", "is_bound")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SampleSizes(_Found):
    """A measure on subsets of n/16, n/8, n/4 and n/2 of the examples, and where it goes.

    Attributes:
        score: the :class:`Score` of all examples.
        n: the sizes.
        mean, se: the mean over subsets of each size, and the standard error of a value of so many examples.
        lo, hi: the middle of the values, at ``level``.
        limit, slope: a and b of a + b/n, fitted to the means and the score: what the value tends to with more examples.
        misfit: how far that curve is from means and score at the most. The bias of biased measures falls in another way while
            there are fewer examples than neurons.
        needed: the number of examples of which the value is within each tolerance of its limit, as a dict; None where the limit is
            not known that well, because ``misfit`` is larger.
        level, seed: of the middle, and of the draws.
    """

    score: Score
    n: list
    mean: list
    se: list
    lo: list
    hi: list
    limit: float
    slope: float
    misfit: float
    needed: dict
    level: float
    seed: int

    _shown = ("score", "limit", "misfit", "needed", "level", "seed")

    def to_pandas(self):
        """A DataFrame with a row for each size."""
        import pandas

        return pandas.DataFrame({name: getattr(self, name) for name in ("n", "mean", "se", "lo", "hi")})

    def plot(self, ax=None):
        """The curve on matplotlib's Axes, which is returned: means, their middle, the score and the limit."""
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots()[1]
        ax.fill_between(self.n, self.lo, self.hi, alpha=0.25, label=f"middle {100 * self.level:.3g} % of subsets")
        ax.plot([*self.n, self.score.n], [*self.mean, float(self.score)], "o-", label=self.score.measure.partition(":")[0])
        ax.axhline(self.limit, linestyle=":", color="0.4", label="limit")
        ax.set_xscale("log", base=2)
        ax.set_xticks([*self.n, self.score.n], [str(n) for n in (*self.n, self.score.n)])
        ax.minorticks_off()
        ax.set_xlabel("examples")
        ax.set_ylabel(self.score.measure, fontsize="small")
        ax.legend()
        return ax


for _class in (NullTest, Interval, Difference, Stability, NoiseCeiling, SampleSizes):
    _class.__module__ = "similitude"
