"""Intervals, differences of two similarities, and sample-size curves."""

import math

import numpy as np
import pytest
from conftest import linear_cka

import similitude as sim


def test_the_jackknife_is_that_of_textbooks(pair):
    x, y = pair
    made = sim.interval(x, y, method="jackknife", level=0.95)
    left_out = np.array([linear_cka(np.delete(x, i, 0), np.delete(y, i, 0)) for i in range(40)])
    assert np.allclose(made.values, left_out, rtol=1e-12)
    assert made.se == pytest.approx(math.sqrt(39 / 40 * ((left_out - left_out.mean()) ** 2).sum()), rel=1e-9)
    assert made.bias == pytest.approx(39 * (left_out.mean() - float(made.score)), rel=1e-6)
    stats = pytest.importorskip("scipy.stats")
    assert made.hi - made.score == pytest.approx(stats.t.ppf(0.975, 39) * made.se, rel=1e-9)
    assert len(sim.interval(x, y, method="jackknife", groups=8).values) == 8


def test_the_analytic_error_is_that_of_the_u_statistics(pair):
    # In NumPy: U-centered matrices, and what each example has of their products.
    def centered(x):
        k = x @ x.T
        np.fill_diagonal(k, 0)
        n, rows = len(k), k.sum(0)
        k = k - (rows[:, None] + rows) / (n - 2) + rows.sum() / ((n - 1) * (n - 2))
        np.fill_diagonal(k, 0)
        return k / np.linalg.norm(k)

    a, b = map(centered, pair)
    n, value = len(a), (a * b).sum()
    moved = (a * b - value / 2 * (a * a + b * b)).sum(1) * 2 * n * (n - 2) / (n - 1)
    made = sim.interval(*pair, "cka:estimator=debiased", method="analytic", level=0.95)
    assert float(made.score) == pytest.approx(value, rel=1e-12) and made.seed is None
    assert np.allclose(made.values, moved, rtol=1e-9, atol=1e-12)
    assert made.se == pytest.approx(np.sqrt((moved**2).sum()) / n, rel=1e-9)
    assert made.hi - made.score == pytest.approx(1.959963984540054 * made.se, rel=1e-9)
    with pytest.raises(sim.InputError, match="jackknife"):
        sim.interval(*pair, "cka", method="analytic")


def test_bootstrap_intervals_are_those_of_their_values(pair):
    made = sim.interval(*pair, method="bootstrap", resamples=400, level=0.9, seed=3)
    assert [made.lo, made.hi] == pytest.approx(list(np.quantile(made.values, [0.05, 0.95])), rel=1e-12)
    assert made.se == pytest.approx(made.values.std(ddof=1), rel=1e-12) and made.method == "percentile"
    stats = pytest.importorskip("scipy.stats")
    bca = sim.interval(*pair, method="bca", resamples=400, level=0.9, seed=3)
    left_out = sim.interval(*pair, method="jackknife").values
    around = left_out.mean() - left_out
    acceleration = (around**3).sum() / (6 * (around**2).sum() ** 1.5)
    correction = stats.norm.ppf((bca.values < float(bca.score)).mean())
    moved = correction + stats.norm.ppf([0.05, 0.95])
    places = stats.norm.cdf(correction + moved / (1 - acceleration * moved))
    assert [bca.lo, bca.hi] == pytest.approx(list(np.quantile(bca.values, places)), rel=1e-9)
    assert np.array_equal(bca.values, made.values) and bca.method == "bca"


def test_one_pair_is_more_alike_than_another(rng):
    a = rng.standard_normal((80, 4))
    b, c = a + rng.standard_normal((80, 4)), a + 2 * rng.standard_normal((80, 4))
    for measure, sign in (("cka", 1), ("procrustes", -1)):
        found = sim.compare_scores((a, b), (a, c), measure, resamples=300)
        assert found.difference == sign * (float(found.first) - float(found.second)) > 0
        assert found.first == sim.compare(a, b, measure) and found.p < 0.05 and found.lo > 0
        assert sim.compare_scores((a, c), (a, b), measure, resamples=300).difference == -found.difference
    nothing = sim.compare_scores((a, b), (b, a), resamples=300)
    assert abs(nothing.difference) < 1e-15 and nothing.p == 1
    stable = sim.row_maximum(a, {"b": b, "c": c, "noise": rng.standard_normal((80, 2))}, resamples=200)
    assert stable.best == "b" and stable.share == stable.shares["b"] > 0.9 and sum(stable.shares.values()) == pytest.approx(1)
    assert stable.scores["c"] == sim.cka(a, c)
    with pytest.raises(sim.InputError, match="needed"):
        sim.row_maximum(a, {"b": b})
    with pytest.raises(sim.InputError, match="halves or bootstrap"):
        sim.compare_scores((a, b), (a, c), method="jackknife")
    with pytest.raises(sim.InputError, match="a pair of arrays is two"):
        sim.compare_scores((a, b, c), (a, c))
    with pytest.raises(sim.InputError, match=r"70 examples|80 examples"):
        sim.compare_scores((a, b), (a[:70], c[:70]))


def test_the_noise_ceiling_by_hand(rng):
    condensed = {"a": [3, 3, 3, 1, 1, 1], "b": [3, 3, 1, 3, 1, 1], "c": [3, 1, 3, 3, 1, 1]}
    given = {name: sim.RDM(np.array(values, dtype=float)) for name, values in condensed.items()}
    ceiling = sim.noise_ceiling(given, "rsa:rdm=given,compare=pearson")
    # Every two of them have the correlation 1/3.
    assert ceiling.upper == pytest.approx(5**0.5 / 3) and ceiling.lower == pytest.approx(1 / 6**0.5) and ceiling.is_bound
    assert list(ceiling.with_all) == ["a", "b", "c"] and np.mean(list(ceiling.with_others.values())) == pytest.approx(ceiling.lower)
    shared = rng.standard_normal((30, 5))
    seeds = {f"seed {seed}": shared + 0.5 * rng.standard_normal((30, 5)) for seed in range(4)}
    ceiling = sim.noise_ceiling(seeds)
    assert ceiling.lower < ceiling.upper < 1
    assert not sim.noise_ceiling(seeds, "rsa:compare=kendall-a").is_bound
    with pytest.raises(ValueError, match="dissimilarities"):
        sim.noise_ceiling(seeds, "cka")
    with pytest.raises(ValueError, match="needed"):
        sim.noise_ceiling({"one": shared})


def test_how_many_examples_are_needed(rng, tmp_path):
    x = rng.standard_normal((320, 6))
    y = rng.standard_normal((320, 6))
    found = sim.sample_size(x, y, tolerances=[0.05, 0.01], resamples=60, level=0.9)
    assert found.n == [20, 40, 80, 160] and found.mean == sorted(found.mean, reverse=True), "biased CKA falls with n"
    assert found.limit < float(found.score) and found.needed[0.01] > found.needed[0.05] > 0
    few = sim.sample_size(rng.standard_normal((64, 40)), rng.standard_normal((64, 40)), tolerances=[0.01, 0.5], resamples=60)
    assert few.misfit > 0.02 and few.needed[0.01] is None and few.needed[0.5] > 0, "bias falls in another way there"
    debiased = sim.sample_size(x, y, "cka:estimator=debiased", tolerances=0.05, resamples=60)
    assert abs(debiased.limit) < 0.05 and list(debiased.needed) == [0.05]
    # A size whose error was seen to be larger is not enough.
    common = rng.standard_normal((640, 20))
    wide = [np.hstack([common, rng.standard_normal((640, 60))]) for _ in range(2)]
    found = sim.sample_size(*wide, "cka:estimator=debiased", tolerances=[0.05, 0.1, 0.2], resamples=100)
    for tolerance, needed in found.needed.items():
        assert all(n < needed for n, se in zip(found.n, found.se) if 1.96 * se > tolerance), (tolerance, needed, found.se)
    with pytest.raises(sim.InputError, match=r"tolerances: -1.0 is not"):
        sim.sample_size(x, y, tolerances=-1)
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    found.plot().figure.savefig(tmp_path / "size.png")
    if pytest.importorskip("pandas"):
        assert list(found.to_pandas().columns) == ["n", "mean", "se", "lo", "hi"]


def test_positions_are_no_examples(rng):
    x, y = rng.standard_normal((2, 12, 3, 4, 4))
    how = {"axes": "nchw", "spatial": "positions"}
    for call in (
        lambda: sim.permutation_test(x, y, null=19, **how),
        lambda: sim.interval(x, y, **how),
        lambda: sim.sample_size(x, y, **how),
        lambda: sim.compare(x, y, null=19, **how),
        lambda: sim.cka(x, y, interval="jackknife", **how),
        lambda: sim.compare(x, y, "linear-predictivity", **how),
        lambda: sim.sweep({"x": x}, {"y": y}, null=19, **how),
    ):
        with pytest.raises(sim.InputError, match="spatial='mean'"):
            call()
    assert sim.cka(x, y, **how).n == 12 * 16
