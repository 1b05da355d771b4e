"""Kernel matrices that were computed elsewhere."""

import numpy as np
import pytest

import similitude as sim


def rbf(x, sigma):
    return np.exp(-np.square(x[:, None] - x[None]).sum(-1) / (2 * sigma**2))


@pytest.mark.parametrize("estimator", ["biased", "debiased"])
def test_the_values_are_those_of_the_kernel(x, y, estimator):
    k, l = rbf(x, 2.0), rbf(y, 2.0)  # noqa: E741
    want = sim.cka(x, y, kernel="rbf", bandwidth="fixed", sigma=2.0, estimator=estimator)
    got = sim.cka(sim.Gram(k), sim.Gram(l), estimator=estimator)
    assert abs(got - want) <= got.error_bound + want.error_bound
    # One side may be a representation, and a matrix in single precision is a kernel still.
    linear = sim.cka(sim.Gram(x @ x.T), y, estimator=estimator)
    assert abs(linear - sim.cka(x, y, estimator=estimator)) < 1e-12
    narrow = sim.cka(sim.Gram(k.astype("f4")), sim.Gram(l.astype("f4")), estimator=estimator)
    assert abs(narrow - want) < 1e-4


def test_chance_and_intervals_know_rows_and_columns(x, y):
    k, l = x @ x.T, y @ y.T  # noqa: E741
    given = sim.compare(sim.Gram(k), sim.Gram(l), "cka", null="exact", interval="jackknife")
    plain = sim.compare(x, y, "cka", null="exact", interval="jackknife")
    assert abs(given.null.p - plain.null.p) < 1e-8 and abs(given.interval.se - plain.interval.se) < 1e-8


def test_what_is_no_kernel_is_refused(x):
    k = x @ x.T
    for bad, words in [(x, "a row and a column for each"), (k + np.triu(k), "symmetric"), (-k, "eigenvalue")]:
        with pytest.raises(sim.InputError, match=words):
            sim.cka(sim.Gram(bad), sim.Gram(bad))
    with pytest.raises(sim.InputError, match="linear cka and hsic"):
        sim.procrustes(sim.Gram(k), sim.Gram(k))
    for take in (lambda g: sim.sweep({"a": g}), lambda g: sim.Moments().update(g, g), sim.to_array, lambda g: sim.cka(g, g, axes="nd")):
        with pytest.raises(sim.InputError, match="between examples"):
            take(sim.Gram(k))
    assert repr(sim.Gram(k)) == "Gram(60 x 60)"
