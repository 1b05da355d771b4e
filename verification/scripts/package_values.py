"""Values of five measures from other packages, on small whole-number matrices.

    python3 -m pip install dcor==0.7 POT==0.9.7.post1 rsatoolbox==0.3.2 scikit-learn==1.9.1 scipy==1.17.1
    python3 verification/scripts/package_values.py

Writes tests/golden/packages.json: for each value the measure with its convention, the matrices by name, the value,
and the package with its version that computed it. Neighbours that tie are decided in Python's fractions.
"""

import json
import math
import pathlib
from fractions import Fraction
from importlib.metadata import version

import dcor
import numpy as np
import ot
import rsatoolbox
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kendalltau, pearsonr, spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, PredefinedSplit
from sklearn.neighbors import NearestNeighbors

VERSION = {name: f"{name} {version(name)}" for name in ("scipy", "dcor", "POT", "rsatoolbox", "scikit-learn")}


def whole(seed, n, p, low=-9, high=9):
    return np.random.default_rng(seed).integers(low, high + 1, size=(n, p)).astype(float)


def related(x, seed, p):
    n, q = x.shape
    mix = np.random.default_rng(seed).integers(-1, 2, size=(q, p))
    return x @ mix + whole(seed + 1000, n, p, -3, 3)


MATRICES = {
    "a": whole(1, 8, 3),
    "b": related(whole(1, 8, 3), 2, 4),
    "c": whole(3, 12, 6),
    "d": related(whole(3, 12, 6), 4, 6),
    "e": whole(5, 4, 2),
    "f": whole(6, 4, 3),
    "g": whole(7, 10, 1),
    "h": related(whole(7, 10, 1), 8, 1),
    "i": whole(9, 15, 8),
    "j": related(whole(9, 15, 8), 10, 5),
    "k": whole(11, 9, 4, -2, 2),
    "l": related(whole(11, 9, 4, -2, 2), 12, 3),
    "m": whole(13, 20, 9),
    "n": related(whole(13, 20, 9), 14, 6),
}
PAIRS = [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"), ("i", "j"), ("k", "l"), ("m", "n")]
golden = []


def record(measure, pair, options, value, package):
    golden.append({"measure": measure, "x": pair[0], "y": pair[1], "options": options, "value": float(value), "source": VERSION[package]})


def distance_correlation():
    for pair in PAIRS[:6]:
        x, y = (MATRICES[name] for name in pair)
        record("distance-correlation", pair, {"estimator": "biased"}, math.sqrt(dcor.distance_correlation_sqr(x, y)), "dcor")
        record("distance-correlation", pair, {"estimator": "corrected"}, dcor.u_distance_correlation_sqr(x, y), "dcor")


def margin(distances, k):
    """The smallest gap between the k-th and the next neighbour."""
    ordered = np.sort(distances + np.diag(np.full(len(distances), np.inf)), axis=1)
    return (ordered[:, k] - ordered[:, k - 1]).min()


def mutual_knn():
    for metric, center in (("euclidean", "no"), ("cosine", "no"), ("cosine", "yes")):
        for pair in (PAIRS[0], PAIRS[1], PAIRS[4], PAIRS[6]):
            x, y = (MATRICES[name] - (MATRICES[name].mean(axis=0) if center == "yes" else 0) for name in pair)
            for k in (2, 5):
                if k > len(x) - 2 or min(margin(squareform(pdist(z, metric)), k) for z in (x, y)) < 1e-9:
                    continue
                near = [NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(z).kneighbors(return_distance=False) for z in (x, y)]
                shared = np.mean([len(set(a) & set(b)) / k for a, b in zip(*near)])
                record("mutual-knn", pair, {"k": k, "metric": metric, "center": center}, shared, "scikit-learn")


def mutual_knn_ties():
    """By the definition in whole numbers and fractions: ties go to the lowest index."""
    for metric in ("euclidean", "cosine"):
        for pair, k in ((("k", "l"), 2), (("k", "l"), 4), (("a", "b"), 3)):
            def key(rows, i, j):
                a, b = rows[i], rows[j]
                if metric == "euclidean":
                    return sum((s - t) ** 2 for s, t in zip(a, b))
                dot = sum(s * t for s, t in zip(a, b))
                return -Fraction(dot * abs(dot), sum(s * s for s in a) * sum(t * t for t in b))
            shared = 0
            rows = [[[int(v) for v in row] for row in MATRICES[name]] for name in pair]
            if metric == "cosine" and any(not any(row) for side in rows for row in side):
                continue
            n = len(rows[0])
            for i in range(n):
                near = [set(sorted((j for j in range(n) if j != i), key=lambda j: (key(side, i, j), j))[:k]) for side in rows]
                shared += len(near[0] & near[1])
            golden.append({"measure": "mutual-knn", "x": pair[0], "y": pair[1], "options": {"k": k, "metric": metric, "center": "no"},
                           "value": shared / (n * k), "source": "the definition in Python's fractions"})


RDM = {"squared-euclidean": "sqeuclidean", "euclidean": "euclidean", "correlation": "correlation", "cosine": "cosine"}


def rsa():
    choices = [
        ("squared-euclidean", "pearson"), ("correlation", "pearson"), ("cosine", "pearson"),
        ("squared-euclidean", "spearman"), ("euclidean", "spearman"),
        ("squared-euclidean", "tau-a"), ("euclidean", "tau-b"), ("squared-euclidean", "tau-b"),
        ("euclidean", "cosine"), ("squared-euclidean", "cosine"),
        ("squared-euclidean", "whitened-cosine"), ("euclidean", "whitened-cosine"), ("cosine", "whitened-cosine"),
        ("correlation", "whitened-cosine"),
    ]
    for rdm, comparison in choices:
        for pair in (PAIRS[0], PAIRS[5]) if rdm.endswith("euclidean") else (PAIRS[1],):
            r, s = (pdist(MATRICES[name], RDM[rdm]) for name in pair)
            of = rsatoolbox.rdm.RDMs
            if comparison == "pearson":
                value, package = pearsonr(r, s).statistic, "scipy"
            elif comparison == "spearman":
                value, package = spearmanr(np.round(r, 9), np.round(s, 9)).statistic, "scipy"
            elif comparison == "tau-b":
                value, package = kendalltau(np.round(r, 9), np.round(s, 9)).statistic, "scipy"
            else:
                method = {"tau-a": "tau-a", "cosine": "cosine", "whitened-cosine": "cosine_cov"}[comparison]
                value, package = rsatoolbox.rdm.compare(of(np.round(r, 9) if method == "tau-a" else r), of(np.round(s, 9) if method == "tau-a" else s), method)[0, 0], "rsatoolbox"
            record("rsa", pair, {"rdm": rdm, "compare": comparison}, value, package)


def exact_ranks(x):
    """Ranks of 1 - Pearson's correlation of the rows, compared in fractions: ties are exact."""
    p = x.shape[1]
    rows = [[p * int(v) - int(row.sum()) for v in row] for row in x]
    keys = []
    for i, a in enumerate(rows):
        for b in rows[i + 1 :]:
            dot = sum(s * t for s, t in zip(a, b))
            keys.append(-Fraction(dot * abs(dot), sum(s * s for s in a) * sum(t * t for t in b)))
    order = sorted(set(keys))
    return [order.index(key) for key in keys]


def rsa_ties():
    """SciPy on the exact ranks: on the correlations as floating-point numbers it misses ties."""
    for pair in (PAIRS[1], PAIRS[5]):
        r, s = (exact_ranks(MATRICES[name]) for name in pair)
        record("rsa", pair, {"rdm": "correlation", "compare": "spearman"}, spearmanr(r, s).statistic, "scipy")
        record("rsa", pair, {"rdm": "correlation", "compare": "tau-b"}, kendalltau(r, s).statistic, "scipy")


def soft_matching():
    for pair in (PAIRS[0], PAIRS[1], PAIRS[4], PAIRS[5], PAIRS[6]):
        x, y = (MATRICES[name] - MATRICES[name].mean(axis=0) for name in pair)
        cost = ((x[:, :, None] - y[:, None, :]) ** 2).sum(axis=0)
        unit = [z / np.linalg.norm(z, axis=0) for z in (x, y)]
        correlation = unit[0].T @ unit[1]
        p1, p2 = cost.shape
        a, b = np.full(p1, 1 / p1), np.full(p2, 1 / p2)
        if p1 == p2:
            rows, columns = linear_sum_assignment(cost)
            squared, package = cost[rows, columns].mean(), "scipy"
            rows, columns = linear_sum_assignment(-correlation)
            best = correlation[rows, columns].mean()
        else:
            squared, package = ot.emd2(a, b, cost), "POT"
            best = 1 - ot.emd2(a, b, 1 - correlation)
        record("soft-matching", pair, {"form": "squared"}, squared, package)
        record("soft-matching", pair, {"form": "distance"}, math.sqrt(squared), package)
        record("soft-matching", pair, {"form": "similarity"}, best, package)


def predicted(predictor, response, division, penalty):
    """1 - PRESS / TSS; alpha is a share of the squared norm of the centered training examples."""
    press = total = 0.0
    for train, test in division:
        alpha = penalty * ((predictor[train] - predictor[train].mean(axis=0)) ** 2).sum()
        model = Ridge(alpha=alpha, solver="svd").fit(predictor[train], response[train])
        press += ((response[test] - model.predict(predictor[test]).reshape(len(test), -1)) ** 2).sum()
        total += ((response[test] - response[train].mean(axis=0)) ** 2).sum()
    return 1 - press / total


def linear_predictivity():
    for pair in PAIRS:
        x, y = (MATRICES[name] for name in pair)
        for folds, penalty, split in ((4, 0.05, "contiguous"), (3, 1e-4, "interleaved")):
            divided = PredefinedSplit(np.arange(len(x)) % folds).split() if split == "interleaved" else KFold(folds).split(x)
            division = list(divided)
            of_x, of_y = predicted(y, x, division, penalty), predicted(x, y, division, penalty)
            for direction, value in (("x-from-y", of_x), ("y-from-x", of_y), ("mean", (of_x + of_y) / 2)):
                options = {"direction": direction, "folds": folds, "penalty": penalty, "split": split}
                record("linear-predictivity", pair, options, value, "scikit-learn")


distance_correlation()
mutual_knn()
mutual_knn_ties()
rsa()
rsa_ties()
soft_matching()
linear_predictivity()
NAMES = {"tau-a": "kendall-a", "tau-b": "kendall-b"}


def convention(g):
    keys = ",".join(f"{NAMES.get(key, key)}={NAMES.get(str(value), value)}" for key, value in g["options"].items())
    return {"measure": f"{g['measure']}:{keys}", **{key: g[key] for key in ("x", "y", "value", "source")}}


golden = [convention(g) for g in golden]
matrices = {name: {"rows": len(m), "columns": m.shape[1], "row_major": [int(v) for v in m.ravel()]} for name, m in MATRICES.items()}
lines = ["{", ' "matrices": {', ",\n".join(f'  "{name}": {json.dumps(m)}' for name, m in matrices.items()), " },", ' "values": [',
         ",\n".join(f"  {json.dumps(g)}" for g in golden), " ]", "}"]
path = pathlib.Path(__file__).resolve().parents[2] / "tests/golden/packages.json"
path.write_text("\n".join(lines) + "\n")
