"""Dissimilarities that were computed elsewhere."""

import numpy as np
import pytest

import similitude as sim

distance = pytest.importorskip("scipy.spatial.distance")
stats = pytest.importorskip("scipy.stats")

METRICS = {"euclidean": "euclidean", "squared-euclidean": "sqeuclidean", "cosine": "cosine", "correlation": "correlation"}


@pytest.mark.parametrize("rdm", METRICS)
def test_the_values_are_those_of_the_examples(x, y, rdm):
    d, e = (distance.pdist(side, METRICS[rdm]) for side in (x, y))
    for compare in ("pearson", "spearman", "kendall-b"):
        want = sim.rsa(x, y, rdm=rdm, compare=compare)
        got = sim.rsa(sim.RDM(d), sim.RDM(distance.squareform(e)), compare=compare)
        assert abs(got - want) <= 1e-12
        assert got.convention == {"rdm": "given", "compare": compare}
        assert got.diagnostics["given_x"] == got.diagnostics["given_y"] == "dissimilarities"
        # Judged dissimilarities beside a model's activations.
        mixed = sim.rsa(sim.RDM(d), y, rdm=rdm, compare=compare)
        assert abs(mixed - want) <= 1e-12 and mixed.convention["rdm"] == rdm and "given_y" not in mixed.diagnostics
    formulas = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall-b": stats.kendalltau}
    for compare, formula in formulas.items():
        assert abs(sim.rsa(sim.RDM(d), sim.RDM(e), compare=compare) - formula(d, e).statistic) < 1e-12


def test_distances_have_the_cka_of_their_points(x, y):
    d, e = (sim.RDM(distance.pdist(side)) for side in (x, y))
    for value in (sim.cka, sim.distance_correlation):
        assert abs(value(d, e) - value(x, y)) < 1e-12
    squared = sim.RDM(distance.pdist(x) ** 3)
    with pytest.raises(sim.InputError, match="Euclidean distances") as raised:
        sim.cka(squared, e)
    assert raised.value.code == "not_euclidean" and raised.value.least < 0 < raised.value.largest
    given = sim.compare(d, e, "rsa:rdm=given", null=50, interval="halves", resamples=50)
    plain = sim.compare(x, y, "rsa:rdm=euclidean", null=50, interval="halves", resamples=50)
    assert abs(given.null.p - plain.null.p) < 1e-9 and abs(given.interval.se - plain.interval.se) < 1e-9


def test_what_is_no_dissimilarity_is_refused(x):
    d = distance.squareform(distance.pdist(x))
    for bad, words in [
        (x, "a row and a column for each"),
        (d + np.triu(d), "symmetric"),
        (-d, "at least 0"),
        (1 - d / d.max(), "does not differ from itself"),
        (np.ones(7), "4 examples have 6 pairs"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.rsa(sim.RDM(bad), sim.RDM(bad))
    with pytest.raises(sim.InputError, match="no other measure"):
        sim.procrustes(sim.RDM(d), sim.RDM(d))
    for take in (lambda g: sim.sweep({"a": g}), lambda g: sim.Moments().update(g, g), sim.to_array, lambda g: sim.rsa(g, g, axes="nd")):
        with pytest.raises(sim.InputError, match="dissimilarities between examples"):
            take(sim.RDM(d))
    assert (repr(sim.RDM(d)), repr(sim.RDM(distance.squareform(d)))) == ("RDM(60 x 60)", "RDM(1770 pairs)")
