"""Moments: any split is the whole, within the bounds; pickled, merged, on Dask, and by the library of the arrays."""

import copy
import itertools
import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest

import similitude as sim

MEASURES = ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"]


@pytest.fixture
def data(rng):
    x = rng.standard_normal((500, 7)) * np.linspace(1, 3, 7) + 50.0
    return x, x @ rng.standard_normal((7, 4)) + rng.standard_normal((500, 4)) - 20.0


def batches(x, y, ends=(0, 1, 40, 300, 499, 500)):
    return [(x[start:end], y[start:end]) for start, end in itertools.pairwise(ends)]


@pytest.mark.parametrize("products", ["host", "device"])
def test_batches_are_the_whole(data, products):
    moments = sim.Moments(products)
    for x, y in batches(*data):
        assert moments.update(x, y) is moments
    assert moments.n == 500 and "n=500" in repr(moments)
    for measure in MEASURES:
        score, whole = moments.score(measure), sim.compare(*data, measure)
        assert abs(score - whole) <= score.error_bound + whole.error_bound and score.measure == whole.measure
        assert abs(score - whole) <= 1e-11 * abs(whole) + 1e-13
    with pytest.raises(sim.InputError, match="moments"):
        moments.score("cka:kernel=rbf")


@pytest.mark.parametrize("products", ["host", "device"])
def test_parts_travel_and_merge(data, products):
    parts = [pickle.loads(pickle.dumps(sim.Moments(products).update(x, y))) for x, y in batches(*data)]
    one = sim.Moments(products)
    for x, y in batches(*data):
        one.update(x, y)
    merged, backwards = sum(parts, sim.Moments(products)), sim.Moments(products)
    for part in reversed(parts):
        backwards.merge(part)
    for measure in MEASURES:
        for score in (merged.score(measure), backwards.score(measure)):
            assert abs(score - one.score(measure)) <= 2 * score.error_bound and score.n == 500
    # What was merged from is as it was.
    assert (parts[1] + parts[2]).n == 299
    assert [part.n for part in parts] == [1, 39, 260, 199, 1]
    assert sim.Moments(products).merge(sim.Moments()).n == 0


@pytest.mark.parametrize("products", ["host", "device"])
def test_what_does_not_fit_leaves_the_moments_as_they_were(data, products):
    x, y = data
    moments = sim.Moments(products).update(x[:100], y[:100])
    bad = x[100:200].copy()
    bad[7, 3] = np.nan
    for wrong, message in [
        ((bad, y[100:200]), "row 107, column 3"),
        ((x[:9], y[:8]), "9"),
        ((x[:9, :5], y[:9]), "5"),
        ((x[0], y[0]), "two axes"),
    ]:
        with pytest.raises(sim.InputError, match=message):
            moments.update(*wrong)
    assert moments.n == 100 and abs(moments.score() - sim.cka(x[:100], y[:100])) < 1e-12
    with pytest.raises(sim.InputError, match="no example"):
        sim.Moments(products).score()
    with pytest.raises(sim.UndefinedError, match="constant"):
        sim.Moments(products).update(np.ones((9, 2)), y[:9]).score()
    with pytest.raises(sim.UndefinedError, match="at least 4"):
        sim.Moments(products).update(x[:3], y[:3]).score("cka:estimator=debiased")
    with pytest.raises(sim.InputError, match="do not merge"):
        sim.Moments("host").update(x, y).merge(sim.Moments("device").update(x, y))
    with pytest.raises(sim.InputError, match="auto, host or device"):
        sim.Moments("gpu")


@pytest.mark.parametrize("precision, off", [("float64", 1e-14), ("float32", 1e-6)])
def test_products_of_fewer_digits_say_what_they_cost(data, precision, off):
    moments = sim.Moments("device", precision)
    for x, y in batches(*data):
        moments.update(x, y)
    for measure in ["cka", "cka:estimator=debiased"]:
        score, whole = moments.score(measure), sim.compare(*data, measure)
        assert abs(score - whole) <= score.error_bound and abs(score - whole) < 100 * off
        assert off < score.error_bound and score.diagnostics["precision"] == precision
    assert (score.error_bound > 1e-5) == (precision == "float32")


def rational(x, y, debiased):
    """CKA of these very numbers, from sums of fractions."""
    n = len(x)

    def kernel(z):
        rows = [[Fraction(float(value)) for value in row] for row in z]
        means = [sum(column) / n for column in zip(*rows)]
        rows = [[value - mean for value, mean in zip(row, means)] for row in rows]
        return [[sum(a * b for a, b in zip(row, other)) for other in rows] for row in rows]

    def inner(k, m):
        off = [(i, j) for i in range(n) for j in range(n) if not debiased or i != j]
        total = sum(k[i][j] * m[i][j] for i, j in off)
        if not debiased:
            return total
        of_k, of_m = ([sum(g[i][j] for j in range(n) if i != j) for i in range(n)] for g in (k, m))
        return total + sum(of_k) * sum(of_m) / ((n - 1) * (n - 2)) - 2 * sum(a * b for a, b in zip(of_k, of_m)) / (n - 2)

    k, m = kernel(x), kernel(y)
    squared = inner(k, m) ** 2 / (inner(k, k) * inner(m, m))
    return float(squared) ** 0.5 if inner(k, m) > 0 else -(float(squared) ** 0.5)


@pytest.mark.parametrize("products", ["host", "device"])
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8, 1e12])
@pytest.mark.parametrize("measure", ["cka", "cka:estimator=debiased"])
def test_the_bound_holds_against_fractions(products, offset, measure, rng):
    x = rng.standard_normal((12, 3))
    y = x[:, :2] + rng.standard_normal((12, 2))
    # What all batches have in common, and what sets them apart.
    for in_x, in_y in [(offset, -offset), (np.where(np.arange(12) < 6, offset, 0)[:, None], offset * np.arange(12)[:, None] / 4)]:
        u, v = x + in_x, y + in_y
        exact = rational(u, v, "debiased" in measure)
        for ends in [(0, 12), (0, 6, 12), range(13), (0, 5, 7, 12)]:
            parts = [sim.Moments(products).update(*batch) for batch in batches(u, v, ends)]
            one = sim.Moments(products)
            for batch in batches(u, v, ends):
                one.update(*batch)
            for moments in (one, sum(parts, sim.Moments(products)), sum(parts[::-1], sim.Moments(products))):
                score = moments.score(measure)
                assert abs(score - exact) <= score.error_bound + 1e-16 and score.error_bound < 1e-12


@pytest.mark.parametrize("products", ["host", "device"])
@pytest.mark.parametrize("measure", ["cka", "cka:estimator=debiased"])
def test_sizes_are_no_part_of_the_value(products, measure, data):
    x, y = data
    whole = sim.compare(x, y, measure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # The last is below what float64 holds in full.
        for of_x, of_y in [(2.0**300, 1.0), (2.0**-270, 2.0**330), (2.0**-1000, 2.0**1000), (2.0**1015, 2.0**-1015)]:
            moments = sim.Moments(products)
            for batch in batches(x * of_x, y * of_y):
                moments.update(*batch)
            assert abs(moments.score(measure) - whole) <= moments.score(measure).error_bound + whole.error_bound
        tiny = sim.Moments(products).update(x * 2.0**-1040, y).score(measure)
        assert abs(tiny - sim.compare(x * 2.0**-1040, y, measure)) <= 2 * tiny.error_bound
        # Batches of sizes far apart: the smaller ones are nothing beside the others.
        moments = sim.Moments(products).update(x[:9] * 1e-200, y[:9]).update(x[9:] * 1e150, y[9:]).update(x[:9] * 0, y[:9])
        assert moments.n == 509 and 0 < moments.score(measure) < 1


@pytest.mark.parametrize("products", ["host", "device"])
def test_moments_merge_with_themselves(products, data):
    x, y = data
    twice = np.concatenate([x, x]), np.concatenate([y, y])
    moments = sim.Moments(products).update(x[:200], y[:200]).update(x[200:], y[200:])
    added, merged = moments + moments, copy.copy(moments)
    assert merged.merge(merged) is merged
    for measure in MEASURES:
        whole = sim.compare(*twice, measure)
        for score in (added.score(measure), merged.score(measure)):
            assert score.n == 1000 and abs(score - whole) <= score.error_bound + whole.error_bound
    # Copies have sums of their own.
    for twin in (copy.copy(moments), copy.deepcopy(moments)):
        twin.update(x, y)
        assert (twin.n, moments.n) == (1000, 500)
    assert sum([moments, moments]).n == 1000 and sum([moments]) is not moments
    with pytest.raises(sim.InputError, match="and not with int"):
        moments.merge(3)
    with pytest.raises(TypeError):
        1 + moments


@pytest.mark.parametrize("products", ["host", "device"])
def test_what_is_no_matrix_of_numbers(products, data):
    x, y = data
    big = np.full(x.shape, 2**60) + np.arange(x.size).reshape(x.shape)
    missing = x.astype(object)
    missing[3, 3] = None
    for wrong in (x + 1j, x.astype(str), missing, x.astype("g") / 3, big, np.ma.masked_greater(x, 50), x[:, :0], sim.Gram(x @ x.T)):
        with pytest.raises(sim.InputError):
            sim.Moments(products).update(wrong, y)
    whole = (x * 1000).astype(int)
    assert abs(sim.Moments(products).update(whole, y.tolist()).score() - sim.cka(whole, y)) < 1e-13
    # A batch without examples adds none, and one that is refused decides nothing.
    moments = sim.Moments(products).update(x[:0], y[:0])
    with pytest.raises(sim.InputError, match="row 0, column 0 is NaN") as raised:
        moments.update(np.full((5, 3), np.nan), y[:5])
    assert (raised.value.code, raised.value.row) == ("not_finite", 0)
    moments.update(x, y).update(x[:0], y[:0])
    assert moments.n == 500
    with pytest.raises(sim.InputError, match="0"):
        moments.update(x[:0], y)
    with pytest.raises(sim.InputError, match="formed in float64"):
        sim.Moments("host", "float32")


def test_a_large_mean_costs_no_digits(rng):
    # Whole numbers about 2^20, which float32 holds; it holds their sums to 64.
    x, y = (rng.integers(-9, 9, (500, p)).astype("f4") + np.float32(2**20) for p in (5, 4))
    y[:, 0] = x[:, 0]
    moments = sim.Moments("device", "float32")
    for batch in batches(x, y):
        moments.update(*batch)
    for measure in ["cka", "cka:estimator=debiased"]:
        assert abs(moments.score(measure) - sim.compare(x, y, measure)) < 1e-5


def test_float32_batches_are_taken_as_they_are(data):
    x, y = (z.astype("f4") for z in data)
    assert abs(sim.Moments().update(x, y).score() - sim.cka(x, y)) < 1e-12


def test_jax(data):
    jax = pytest.importorskip("jax")
    x, y = (jax.numpy.asarray(z, dtype="float32") for z in data)
    with pytest.raises(sim.InputError, match="jax_enable_x64"):
        sim.Moments("device").update(x, y)
    moments = sim.Moments("device", "float32")
    for start in range(0, 500, 100):
        moments.update(x[start : start + 100], y[start : start + 100])
    whole = sim.cka(x, y, estimator="debiased")
    score = moments.score("cka:estimator=debiased")
    assert 0 < abs(score - whole) < 1e-4 and abs(score - whole) <= score.error_bound


def test_torch(data):
    torch = pytest.importorskip("torch")
    x, y = (torch.tensor(z) for z in data)
    moments = sim.Moments("device").update(x[:300], y[:300]).update(x[300:], y[300:])
    assert abs(moments.score("cka:estimator=debiased") - sim.cka(x, y, estimator="debiased")) < 1e-11


def test_the_recipe_for_dask(data):
    dask, distributed = pytest.importorskip("dask"), pytest.importorskip("distributed")
    array = pytest.importorskip("dask.array")
    x, y = (array.from_array(z, chunks=(100, -1)) for z in data)

    def of_block(x, y):
        return sim.Moments().update(x, y)

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, distributed.Client(cluster):
        blocks = zip(x.to_delayed()[:, 0], y.to_delayed()[:, 0])
        moments = dask.delayed(sum)([dask.delayed(of_block)(a, b) for a, b in blocks], sim.Moments()).compute()
    assert moments.n == 500 and abs(moments.score("cka:estimator=debiased") - sim.cka(*data, estimator="debiased")) < 1e-11
