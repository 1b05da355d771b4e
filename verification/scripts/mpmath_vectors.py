#!/usr/bin/env python3
"""The golden vectors a second time, in mpmath, by formulas of its own.

    python3 -m pip install mpmath==1.3.0 numpy
    python3 verification/scripts/mpmath_vectors.py

Reads verification/vectors/, recomputes every value (100 working digits, so that 60 are good), and writes
verification/vectors/agreement.json: per measure the number of values and of errors, and the largest relative difference.
Fails when a difference exceeds the stated radius.
"""

import functools
import json
import sys

import mpmath
import numpy
from mpmath import mp, mpf, sqrt, exp, asin, matrix, eigsy, svd_r

import mpmath_pairs
from mpmath_pairs import VECTORS, Undefined

mp.dps = 100
ZERO = mpf(10) ** -40  # relative: below this a number is the zero it was rounded from
EPS = mpf(2) ** -52


def rounding(*names):
    """c(n, p) eps: what is closer is equal."""
    longest = max(max(load(name).n, load(name).p) for name in names)
    return (8 * sqrt(mpf(longest)) + 32) * EPS


class Degenerate(Exception):
    pass


def dot(a, b):
    return mp.fdot(a, b)


class Data:
    """Rows of exact doubles, raw and centered."""

    def __init__(self, name):
        self.name = name
        array = numpy.load(VECTORS / name)
        self.raw = [[mpf(float(v)) for v in row] for row in array]
        self.n, self.p = array.shape
        means = [mp.fsum(column) / self.n for column in zip(*self.raw)]
        self.rows = [[v - m for v, m in zip(row, means)] for row in self.raw]
        self.size = sqrt(mp.fsum(v * v for row in self.rows for v in row))
        largest = max(abs(v) for row in self.raw for v in row)
        self.constant = self.size <= largest * ZERO


@functools.cache
def load(name):
    return Data(name)


@functools.cache
def svd(name, centered=True):
    """Left singular vectors (rows of the list) and singular values above max(n, p) eps times the largest."""
    data = load(name)
    rows = data.rows if centered else data.raw
    x = matrix(rows)
    wide = data.p > data.n
    u, s, v = svd_r(x.T if wide else x)
    left = v.T if wide else u
    values = [s[i] for i in range(len(s))]
    order = sorted(range(len(values)), key=lambda i: -values[i])
    kept = [i for i in order if values[i] > values[order[0]] * EPS * max(data.n, data.p)]
    return [[left[k, i] for k in range(data.n)] for i in kept], [values[i] for i in kept]


# Kernels


@functools.cache
def distances(name):
    rows = load(name).rows
    return [[mp.fsum((a - b) ** 2 for a, b in zip(r, s)) for s in rows] for r in rows]


def bandwidth(name, keys):
    rule = keys["bandwidth"]
    if rule == "fixed":
        return mpf(float(keys["sigma"]))
    squared, n = distances(name), load(name).n
    fraction = mpf(float(keys["fraction"]))
    if rule == "demo":
        every = sorted(v for row in squared for v in row)
        half = len(every) // 2
        middle = sqrt(every[half] if len(every) % 2 else (every[half - 1] + every[half]) / 2)
    else:
        every = sorted(sqrt(squared[i][j]) for i in range(n) for j in range(i))
        low, high = every[(len(every) - 1) // 2], every[len(every) // 2]
        middle = low if rule == "lower-median" else (low + high) / 2
    if middle == 0:
        raise Undefined
    return fraction * middle


@functools.cache
def gram(name, text):
    keys = dict(item.split("=") for item in text.split(","))
    data, kind = load(name), keys["kernel"]
    if kind in ("rbf", "laplace"):
        sigma, squared = bandwidth(name, keys), distances(name)
        if kind == "rbf":
            return [[exp(-v / (2 * sigma**2)) for v in row] for row in squared]
        return [[exp(-sqrt(v) / sigma) for v in row] for row in squared]
    rows = data.raw if keys.get("center") == "no" else data.rows
    products = [[dot(r, s) for s in rows] for r in rows]
    if kind == "polynomial":
        degree, offset = int(keys["degree"]), mpf(float(keys["offset"]))
        return [[(v + offset) ** degree for v in row] for row in products]
    if kind == "cosine":
        largest = max(products[i][i] for i in range(data.n))
        if min(products[i][i] for i in range(data.n)) <= largest * ZERO**2:
            raise Undefined
        norms = [sqrt(products[i][i]) for i in range(data.n)]
        return [[v / (norms[i] * norms[j]) for j, v in enumerate(row)] for i, row in enumerate(products)]
    return products


@functools.cache
def centered_gram(name, text, unbiased):
    """Doubly centered, or U-centered with a zero diagonal (Szekely and Rizzo)."""
    k = gram(name, text)
    n = len(k)
    if unbiased:
        rows = [mp.fsum(v for j, v in enumerate(row) if j != i) for i, row in enumerate(k)]
        total = mp.fsum(rows) / ((n - 1) * (n - 2))
        return [
            [mpf(0) if i == j else k[i][j] - (rows[i] + rows[j]) / (n - 2) + total for j in range(n)]
            for i in range(n)
        ]
    means = [mp.fsum(row) / n for row in k]
    total = mp.fsum(means) / n
    return [[k[i][j] - means[i] - means[j] + total for j in range(n)] for i in range(n)]


@functools.cache
def inner(a, b, text, unbiased):
    return mp.fsum(dot(r, s) for r, s in zip(centered_gram(a, text, unbiased), centered_gram(b, text, unbiased)))


def kernel_measure(measure, x, y, keys):
    n = load(x).n
    unbiased = keys["estimator"] in ("unbiased", "debiased")
    if unbiased and n < 4:
        raise Undefined
    text = ",".join(f"{k}={v}" for k, v in keys.items() if k != "estimator")
    if measure == "hsic":
        return inner(x, y, text, unbiased) / (n * (n - 3) if unbiased else (n - 1) ** 2)
    not_constant(x, y)
    scale = [inner(z, z, text, unbiased) for z in (x, y)]
    for z, own in zip((x, y), scale):
        if own <= mp.fsum(dot(r, r) for r in gram(z, text)) * ZERO**4:
            raise Undefined
    return inner(x, y, text, unbiased) / sqrt(scale[0] * scale[1])


def not_constant(x, y):
    if load(x).constant or load(y).constant:
        raise Undefined


# Subspaces


def correlations(a, b):
    """Singular values of Q_X' Q_Y."""
    product = matrix([[dot(u, v) for v in b] for u in a])
    return sorted(svd_r(product, compute_uv=False), reverse=True)


def summed(rho, keys, widths, ranks):
    total = mp.fsum(rho) if keys["summary"] == "rho" else mp.fsum(r * r for r in rho)
    divisor = {
        "min-rank": min(ranks),
        "min-width": min(widths),
        "geometric": sqrt(mpf(ranks[0] * ranks[1])),
        "max": max(ranks),
    }
    return total / divisor[keys["divisor"]]


def cca(x, y, keys):
    centered = keys["center"] == "yes"
    if centered:
        not_constant(x, y)
    a, b = svd(x, centered)[0], svd(y, centered)[0]
    available = load(x).n - centered
    if keys.get("degenerate", "error") == "error" and max(len(a), len(b)) >= available:
        raise Degenerate
    return summed(correlations(a, b), keys, (load(x).p, load(y).p), (len(a), len(b)))


def leading(name, threshold, strict):
    u, s = svd(name)
    variance = [v * v for v in s]
    forgiven = 4 * load(name).n * EPS if threshold < 1 else 0
    left_out, kept = (1 - threshold + forgiven) * mp.fsum(variance), 1
    while mp.fsum(variance[kept:]) > left_out:
        kept += 1
    while kept < len(s) and s[kept - 1] - s[kept] <= s[0] * rounding(name):
        if strict:
            raise Degenerate
        kept += 1
    return u[:kept]


def svcca(x, y, keys):
    not_constant(x, y)
    strict = keys.get("degenerate", "error") == "error"
    a, b = (leading(z, mpf(float(keys["threshold"])), strict) for z in (x, y))
    if strict and max(len(a), len(b)) >= load(x).n - 1:
        raise Degenerate
    return summed(correlations(a, b), keys, (load(x).p, load(y).p), (len(a), len(b)))


def pwcca(x, y, keys):
    not_constant(x, y)
    (a, sizes_x), (b, sizes_y) = svd(x), svd(y)
    strict = keys.get("degenerate", "error") == "error"
    if strict and max(len(a), len(b)) == load(x).n - 1:
        raise Degenerate
    equal, largest = rounding(x, y), sizes_x[0]
    by_x = {"x": True, "y": False, "narrower": len(a) <= len(b)}[keys["weights"]]
    if not by_x:
        x, a, b, largest = y, b, a, sizes_y[0]
    m = matrix([[dot(u, v) for v in b] for u in a])
    squares, turn = eigsy(m * m.T)
    order = sorted(range(len(a)), key=lambda i: -squares[i])
    rho = [sqrt(max(squares[i], mpf(0))) for i in order]
    count = min(len(a), len(b))
    blocks = []
    for i in range(len(a)):
        # A correlation is known to twice that at best; those beyond the count have no partner, and are zero.
        same = blocks and (i > count or rho[i - 1] - rho[i] <= 2 * equal)
        blocks[-1].append(i) if same else blocks.append([i])
    if len(blocks[0]) >= count:
        return mp.fsum(rho[:count]) / count
    neurons = list(zip(*load(x).rows))
    top = bottom = mpf(0)
    for block in blocks:
        if block[0] >= count:
            break
        if len(block) > 1 and strict:
            raise Degenerate
        variates = [[dot([turn[k, order[i]] for k in range(len(a))], column) for column in zip(*a)] for i in block]
        shares = matrix([[dot(h, neuron) for neuron in neurons] for h in variates])
        if len(block) > 1:
            squared, axes = eigsy(shares * shares.T)
            longest = sorted(range(len(block)), key=lambda i: -squared[i])
            sizes = [sqrt(max(squared[i], mpf(0))) for i in longest]
            counted = sum(i < count for i in block)
            if any(sizes[i] - sizes[i + 1] <= equal * largest for i in range(min(counted, len(block) - 1))):
                raise Degenerate
            turned = axes.T * shares
            shares = matrix([[turned[i, j] for j in range(shares.cols)] for i in longest])
        for k, i in enumerate(block):
            if i >= count:
                break
            weight = mp.fsum(abs(shares[k, j]) for j in range(shares.cols))
            top += weight * rho[i]
            bottom += weight
    return top / bottom


def regression(x, y, keys):
    not_constant(x, y)
    strict = keys.get("degenerate", "error") == "error"

    def explained(target, predictor):
        q = svd(predictor)[0]
        if strict and len(q) == load(target).n - 1:
            raise Degenerate
        columns = list(zip(*load(target).rows))
        return mp.fsum(dot(u, c) ** 2 for u in q for c in columns) / load(target).size ** 2

    way = keys["direction"]
    forward = explained(x, y) if way in ("x-from-y", "sum") else 0
    return forward + (explained(y, x) if way in ("y-from-x", "sum") else 0)


def ridge(x, y, keys):
    not_constant(x, y)
    sides = []
    for z, key in ((x, "kappa-x"), (y, "kappa-y")):
        u, s = svd(z)
        kappa = mpf(float(keys[key])) * (s[0] ** 2 if keys["kappa"] == "relative" else 1)
        if kappa == 0 and len(s) == load(z).n - 1 and keys.get("degenerate", "error") == "error":
            raise Degenerate
        sides.append((u, [v * v / (v * v + kappa) for v in s]))
    (u, a), (v, b) = sides
    total = mp.fsum(a[i] * b[j] * dot(u[i], v[j]) ** 2 for i in range(len(a)) for j in range(len(b)))
    if keys["bound"] == "trace":
        return total / mp.fsum(p * q for p, q in zip(a, b))
    m = min(len(a), len(b)) if keys["bound"] == "cauchy" else None
    return total / sqrt(mp.fsum(p * p for p in a[:m]) * mp.fsum(q * q for q in b[:m]))


def procrustes(x, y, keys):
    not_constant(x, y)
    a, b = load(x), load(y)
    cross = matrix([[dot(c, d) for d in zip(*b.rows)] for c in zip(*a.rows)])
    s = mp.fsum(svd_r(cross if cross.rows >= cross.cols else cross.T, compute_uv=False)) / (a.size * b.size)
    squared = max(2 - 2 * s, mpf(0))
    return {
        "distance": sqrt(squared),
        "squared": squared,
        "angle": 2 * asin(sqrt(squared) / 2),
        "similarity": s,
        "disparity": 1 - s * s,
    }[keys["form"]]


MEASURES = {
    "cca": cca,
    "svcca": svcca,
    "pwcca": pwcca,
    "linear-regression": regression,
    "canonical-ridge": ridge,
    "procrustes": procrustes,
    **mpmath_pairs.MEASURES,
}


def answer(case):
    measure, text = case["convention"].split(":")
    keys = dict(item.split("=") for item in text.split(","))
    try:
        if measure in ("hsic", "cka"):
            return kernel_measure(measure, case["x"], case["y"], keys)
        return MEASURES[measure](case["x"], case["y"], keys)
    except Undefined:
        return "undefined"
    except Degenerate:
        return "degenerate"


def main():
    measures, broken = {}, []
    for path in sorted(VECTORS.glob("*.json")):
        if path.name == "agreement.json":
            continue
        worst, values, errors = mpf(0), 0, 0
        for case in json.loads(path.read_text())["cases"]:
            got = answer(case)
            where = f"{case['convention']} on {case['x']}"
            if "error" in case or isinstance(got, str):
                errors += 1
                if got != case.get("error"):
                    broken.append(f"{where}: {got}, the vector says {case.get('error', case.get('value'))}")
                continue
            values += 1
            expected, radius = mpf(case["value"]), mpf(case["radius"])
            if abs(got - expected) > radius + abs(expected) * mpf(10) ** -60 + mpf(10) ** -60 * (expected == 0):
                broken.append(f"{where}: {mp.nstr(got, 45)}, the vector says {case['value']}")
            if expected != 0:
                worst = max(worst, abs(got - expected) / abs(expected))
        measures[path.stem] = {
            "values": values,
            "errors": errors,
            "largest_relative_difference": mp.nstr(worst, 3),
        }
        print(path.stem, measures[path.stem], flush=True)
    result = {
        "generator": f"mpmath {mpmath.__version__}",
        "command": "python3 verification/scripts/mpmath_vectors.py",
        "measures": measures,
        "disagreements": broken,
    }
    (VECTORS / "agreement.json").write_text(json.dumps(result, indent=1) + "\n")
    print("\n".join(broken))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
