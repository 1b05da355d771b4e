"""Values against formulas in NumPy and SciPy, and against the golden vectors."""

import copy
import json
import pathlib
import pickle

import numpy as np
import pytest
from conftest import linear_cka

import similitude as sim


def test_a_value_is_that_of_the_formula_and_carries_its_convention(x, y):
    score = sim.cka(x, y)
    assert abs(score - linear_cka(x, y)) <= score.error_bound + 1e-14
    assert isinstance(score, float) and score.value == float(score)
    assert score.convention == {"kernel": "linear", "estimator": "biased"} and score.measure == "cka:kernel=linear,estimator=biased"
    assert (score.n, score.p1, score.p2, score.direction) == (60, 7, 5, "similarity")
    assert 0 < score.error_bound < 1e-12 and score.diagnostics["space"] == "features" and score.reading is None
    assert score.measure in repr(score) and "<table>" in score._repr_html_() and "condition" in score._repr_html_()
    with pytest.raises(AttributeError, match="error_bound"):
        _ = score.nothing
    for twin in (pickle.loads(pickle.dumps(score)), copy.deepcopy(score)):
        assert twin == score and twin.diagnostics == score.diagnostics and twin.convention == score.convention
    assert json.loads(json.dumps(score.to_dict()))["measure"] == score.measure


def debiased_cka(x, y):
    def hsic(k, ell):
        n = len(k)
        k, ell = k - np.diag(np.diag(k)), ell - np.diag(np.diag(ell))
        one = np.ones(n)
        both = np.trace(k @ ell) + one @ k @ one * (one @ ell @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (one @ k @ ell @ one)
        return both / (n * (n - 3))

    k, ell = x @ x.T, y @ y.T
    return hsic(k, ell) / np.sqrt(hsic(k, k) * hsic(ell, ell))


def rbf_cka(x, y, fraction):
    def kernel(z):
        squared = ((z[:, None] - z[None]) ** 2).sum(-1)
        sigma = fraction * np.median(np.sqrt(squared[np.triu_indices(len(z), 1)]))
        k = np.exp(-squared / (2 * sigma**2))
        return k - k.mean(0) - k.mean(1)[:, None] + k.mean()

    k, ell = kernel(x), kernel(y)
    return (k * ell).sum() / np.linalg.norm(k) / np.linalg.norm(ell)


def canonical_correlations(x, y):
    bases = [np.linalg.qr(z - z.mean(0))[0] for z in (x, y)]
    return np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)


def test_formulas_of_numpy(x, y):
    for score, formula in [
        (sim.cka(x, y, estimator="debiased"), debiased_cka(x, y)),
        (sim.cka(x, y, kernel="rbf", fraction=0.4), rbf_cka(x, y, 0.4)),
        (sim.cca(x, y), canonical_correlations(x, y).mean()),
        (sim.cca(x, y, summary="r2"), (canonical_correlations(x, y) ** 2).mean()),
    ]:
        assert abs(score - formula) < 1e-12, score


def test_procrustes_and_rsa_of_scipy(x, y):
    spatial, distance = pytest.importorskip("scipy.spatial"), pytest.importorskip("scipy.spatial.distance")
    stats = pytest.importorskip("scipy.stats")
    wide = np.pad(y, ((0, 0), (0, 2)))
    assert abs(sim.procrustes(x, y, form="disparity") - spatial.procrustes(x, wide)[2]) < 1e-12
    rdms = [distance.pdist(z, "correlation") for z in (x, y)]
    assert abs(sim.rsa(x, y) - stats.spearmanr(*rdms)[0]) < 1e-12


def test_golden_vectors():
    directory = pathlib.Path(__file__).resolve().parents[2] / "verification" / "vectors"
    known, values, refusals = {measure["id"] for measure in sim.measures()}, 0, 0
    kinds = {"undefined": sim.UndefinedError, "degenerate": sim.DegenerateError}
    for path in sorted(directory.glob("*.json")):
        record = json.loads(path.read_text())
        for case in record["cases"] if record.get("measure") in known else []:
            x, y = np.load(directory / case["x"]), np.load(directory / case["y"])
            if "error" in case:
                with pytest.raises(kinds[case["error"]]) as raised:
                    sim.compare(x, y, case["convention"])
                assert type(raised.value) is kinds[case["error"]], case
                refusals += 1
                continue
            score, exact = sim.compare(x, y, case["convention"]), float(case["value"])
            assert abs(score - exact) <= score.error_bound + abs(exact) * 2.3e-16, (case, score)
            values += 1
    assert values > 1500 and refusals > 100


def test_texts():
    assert "cka:kernel=linear,estimator=biased" in sim.methods("cka") and "@" in sim.bibtex(["cka"])
    assert sim.__version__ == sim.cka(np.eye(5), np.eye(5)[:, :3]).version
