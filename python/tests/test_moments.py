"""Moments: any split is the whole, within the bounds; pickled, merged, on Dask, and by the library of the arrays."""

import itertools
import pickle

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
