#!/usr/bin/env python3
"""Errors of plain NumPy formulas on the pairs of the accuracy report.

    cargo run --release -p verification -- accuracy --export cases.json
    python3 verification/scripts/numpy_errors.py cases.json
    cargo run --release -p verification -- accuracy --report

The formulas are those of the papers, as one would write them down; each centers the columns first. Writes
verification/numpy_errors.json, which the report takes up.
"""

import json
import pathlib
import sys
import warnings
from fractions import Fraction

import numpy as np

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "numpy_errors.json"


def centered(x):
    return x - x.mean(axis=0)


def cka(k, l):
    n = len(k)
    h = np.eye(n) - 1 / n

    def hsic(a, b):
        return np.trace(a @ h @ b @ h)

    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def linear(x, y):
    x, y = centered(x), centered(y)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def debiased(x, y):
    x, y = centered(x), centered(y)
    n = len(x)

    def hsic(a, b):
        k, l = a @ a.T, b @ b.T
        np.fill_diagonal(k, 0)
        np.fill_diagonal(l, 0)
        totals = k.sum() * l.sum() / ((n - 1) * (n - 2))
        return np.trace(k @ l) + totals - 2 / (n - 2) * (k.sum(axis=0) @ l.sum(axis=0))

    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


def rbf(fraction):
    def kernel(x):
        x = centered(x)
        g = x @ x.T
        squared = np.maximum(np.diag(g)[:, None] + np.diag(g)[None, :] - 2 * g, 0)
        sigma = fraction * np.median(np.sqrt(squared[np.triu_indices(len(x), 1)]))
        return np.exp(-squared / (2 * sigma**2))

    return lambda x, y: cka(kernel(x), kernel(y))


def correlations(x, y):
    qx, qy = np.linalg.qr(centered(x))[0], np.linalg.qr(centered(y))[0]
    return qx, qy, np.linalg.svd(qx.T @ qy)


def cca_rho(x, y):
    return correlations(x, y)[2][1].mean()


def cca_r2(x, y):
    return (correlations(x, y)[2][1] ** 2).mean()


def svcca(summary):
    def kept(x):
        u, s, _ = np.linalg.svd(centered(x), full_matrices=False)
        share = np.cumsum(s**2) / np.sum(s**2)
        return u[:, : np.searchsorted(share, 0.99) + 1]

    return lambda x, y: summary(np.linalg.svd(kept(x).T @ kept(y))[1])


def pwcca(x, y):
    qx, qy, (u, rho, vt) = correlations(x, y)
    variates, neurons = (qx @ u, centered(x)) if x.shape[1] <= y.shape[1] else (qy @ vt.T, centered(y))
    alpha = np.abs(variates.T @ neurons).sum(axis=1)[: len(rho)]
    return np.sum(alpha * rho) / np.sum(alpha)


def regression(x, y):
    x, q = centered(x), np.linalg.qr(centered(y))[0]
    return np.linalg.norm(q.T @ x) ** 2 / np.linalg.norm(x) ** 2


def nuclear(x, y):
    x, y = centered(x), centered(y)
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return np.linalg.svd(x.T @ y)[1].sum()


def distance(x, y):
    return np.sqrt(max(2 - 2 * nuclear(x, y), 0.0))


FORMULAS = {
    "cka:kernel=linear,estimator=biased": linear,
    "cka:kernel=linear,estimator=debiased": debiased,
    "cka:kernel=rbf,bandwidth=median,fraction=0.2,estimator=biased": rbf(0.2),
    "cka:kernel=rbf,bandwidth=median,fraction=0.8,estimator=biased": rbf(0.8),
    "cca:summary=rho,divisor=min-rank,center=yes,degenerate=error": cca_rho,
    "cca:summary=r2,divisor=min-rank,center=yes,degenerate=error": cca_r2,
    "svcca:summary=rho,threshold=0.99,divisor=min-rank,degenerate=error": svcca(np.mean),
    "svcca:summary=r2,threshold=0.99,divisor=min-rank,degenerate=error": svcca(lambda rho: np.mean(rho**2)),
    "pwcca:weights=narrower,degenerate=error": pwcca,
    "linear-regression:direction=x-from-y": regression,
    "procrustes:form=distance": distance,
    "procrustes:form=similarity": nuclear,
}


def number(formula, x, y):
    """The value, NaN where NumPy raises."""
    try:
        return float(formula(x, y))
    except (np.linalg.LinAlgError, FloatingPointError, ValueError):
        return float("nan")


def error(value, exact):
    return float(abs(Fraction(value) - exact))


def main():
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    exported = json.loads(pathlib.Path(sys.argv[1]).read_text())
    inputs = exported["inputs"]
    pairs = [(np.array(i["x"]).reshape(i["n"], -1), np.array(i["y"]).reshape(i["n"], -1)) for i in inputs]
    measures, rotations = {}, {}
    for measure, formula in FORMULAS.items():
        if measure not in exported["values"]:
            sys.exit(f"{sys.argv[1]} has no values of {measure}")
        ratios, relative, not_finite = [], [], 0
        for value in exported["values"][measure]:
            exact = Fraction(value["exact"])
            got = number(formula, *pairs[value["input"]])
            if not np.isfinite(got):
                not_finite += 1
                continue
            off = error(got, exact)
            ratios.append(0.0 if off == 0 else off / value["bound"] if value["bound"] else sys.float_info.max)
            if exact:
                relative.append(off / abs(float(exact)))
            description = inputs[value["input"]]["description"]
            if measure == "procrustes:form=distance" and description.startswith("rotated"):
                rotations[description] = off
        measures[measure] = {
            "values": len(exported["values"][measure]),
            "not_finite": not_finite,
            "largest_ratio": max(ratios, default=0.0),
            "median_ratio": float(np.median(ratios)) if ratios else 0.0,
            "largest_relative_error": max(relative, default=0.0),
        }
        print(measure, measures[measure])
    result = {"generator": f"NumPy {np.__version__}", "measures": measures, "rotations": rotations}
    OUTPUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
