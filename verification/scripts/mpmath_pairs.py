"""Distance correlation, mutual nearest neighbours, representational similarity analysis, soft matching and linear predictivity in mpmath.

For mpmath_vectors.py, at its working precision. What decides an order (distances, cosines, the costs of squared
distances) is compared in fractions of the very doubles; roots are taken afterwards. The formulas are other ones than
the library's and the oracle's: distance covariances by expanded sums, Kendall's tau by the double loop, whitening by
solving with V, transport by cancelling negative cycles, ridge regression by its dual.
"""

import functools
import math
import pathlib
from fractions import Fraction

import numpy
from mpmath import mp, mpf, sqrt

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


class Undefined(Exception):
    pass


@functools.cache
def rows_of(name):
    """The rows, exactly."""
    return [[Fraction(float(v)) for v in row] for row in numpy.load(VECTORS / name)]


def real(fraction):
    return mpf(fraction.numerator) / fraction.denominator


def dot(a, b):
    return sum(u * v for u, v in zip(a, b))


def centered(v):
    mean = sum(v) / len(v)
    return [u - mean for u in v]


def squared_distance(a, b):
    return sum((u - v) ** 2 for u, v in zip(a, b))


def signed_square(a, b):
    """cos |cos|: ordered as the cosines are, and a fraction."""
    norms = dot(a, a) * dot(b, b)
    if norms == 0:
        raise Undefined
    product = dot(a, b)
    return product * abs(product) / norms


def signed_root(square):
    return sqrt(real(square)) if square >= 0 else -sqrt(-real(square))


# Dissimilarities: `keys` order them, and are fractions; `VALUES` turns keys into what they stand for


@functools.cache
def keys_of(name, kind):
    """The n x n keys: squared distances, or minus the signed squares of cosines; a row has none with itself."""
    rows = rows_of(name)
    if kind == "correlation":
        rows = [centered(row) for row in rows]
    if kind == "centered-cosine":
        rows = list(zip(*(centered(neuron) for neuron in zip(*rows))))
    if kind.endswith("euclidean"):
        key = squared_distance
    else:

        def key(a, b):
            return -signed_square(a, b)

    keys = [[None] * len(rows) for _ in rows]
    for i, a in enumerate(rows):
        for j in range(i):
            keys[i][j] = keys[j][i] = key(a, rows[j])
    return keys


VALUES = {
    "squared-euclidean": real,
    "euclidean": lambda key: sqrt(real(key)),
    "correlation": lambda key: 1 + signed_root(key),
    "cosine": lambda key: 1 + signed_root(key),
}


# Distance correlation


@functools.cache
def distances(name):
    """|x_i - x_j|"""
    keys = keys_of(name, "euclidean")
    if not any(any(row[:i]) for i, row in enumerate(keys)):
        raise Undefined
    return [[mpf(0) if i == j else sqrt(real(key)) for j, key in enumerate(row)] for i, row in enumerate(keys)]


@functools.cache
def covariance(x, y, corrected):
    """<A, B> of the centered distances, or of the U-centered ones, by their sums; zero where it is rounding."""
    a, b = distances(x), distances(y)
    n = len(a)
    single, double = (n - 2, (n - 1) * (n - 2)) if corrected else (n, n * n)
    sums_a, sums_b = ([mp.fsum(row) for row in side] for side in (a, b))
    products = mp.fsum(mp.fdot(r, s) for r, s in zip(a, b))
    value = products - 2 * mp.fdot(sums_a, sums_b) / single + mp.fsum(sums_a) * mp.fsum(sums_b) / double
    return value if abs(value) > products * mpf(10) ** -80 else mpf(0)


def distance_correlation(x, y, keys):
    corrected = keys["estimator"] == "corrected"
    if len(rows_of(x)) < (4 if corrected else 2):
        raise Undefined
    cross, own_x, own_y = (covariance(*pair, corrected) for pair in ((x, y), (x, x), (y, y)))
    if own_x == 0 or own_y == 0:
        raise Undefined
    ratio = cross / sqrt(own_x * own_y)
    return ratio if corrected else sqrt(ratio)


# Nearest neighbours


def nearest(name, kind, k):
    """For each row the k nearest others, a tie going to the lowest index."""
    keys = keys_of(name, kind)
    others = ([j for j in range(len(keys)) if j != i] for i in range(len(keys)))
    return [set(sorted(those, key=lambda j: (row[j], j))[:k]) for those, row in zip(others, keys)]


def mutual_knn(x, y, keys):
    n, k = len(rows_of(x)), int(keys["k"])
    if n < k + 2:
        raise Undefined
    kind = "centered-cosine" if (keys["metric"], keys["center"]) == ("cosine", "yes") else keys["metric"]
    shared = sum(len(a & b) for a, b in zip(*(nearest(z, kind, k) for z in (x, y))))
    return mpf(shared) / (n * k)


# Representational similarity analysis


def pairs_of(n):
    return [(i, j) for i in range(n) for j in range(i)]


def cosine(r, s):
    return mp.fdot(r, s) / sqrt(mp.fdot(r, r) * mp.fdot(s, s))


def pearson(r, s):
    return cosine(centered(r), centered(s))


def ranks(keys):
    """One plus the number of smaller keys, plus half the number of other equal ones."""
    order = sorted(keys)
    first = {key: place for place, key in reversed(list(enumerate(order)))}
    last = {key: place for place, key in enumerate(order)}
    return [1 + mpf(first[key] + last[key]) / 2 for key in keys]


def kendall(r, s, excluding_ties):
    """Concordant minus discordant pairs, over the number of pairs (tau a) or the root of those not tied (tau b)."""
    score = untied_r = untied_s = total = 0
    for i in range(len(r)):
        for j in range(i):
            sign_r, sign_s = (r[i] > r[j]) - (r[i] < r[j]), (s[i] > s[j]) - (s[i] < s[j])
            score += sign_r * sign_s
            untied_r += sign_r != 0
            untied_s += sign_s != 0
            total += 1
    return score / sqrt(mpf(untied_r * untied_s)) if excluding_ties else mpf(score) / total


@functools.cache
def covariance_of_pairs(n):
    """V = (C C') squared entry by entry, C having the rows e_i - e_j: for each row the entries that are not zero."""

    def contrasts(p, q):
        return sum(((k == p[0]) - (k == p[1])) * ((k == q[0]) - (k == q[1])) for k in {*p, *q})

    products = ([(column, contrasts(p, q)) for column, q in enumerate(pairs_of(n))] for p in pairs_of(n))
    return [[(column, product**2) for column, product in row if product] for row in products]


def whitened(r, n):
    """V^-1 r, for every n: V has the eigenvalues 2n, n and 2, so that its inverse is a polynomial in it.

    Asserts that V times the answer is r.
    """

    def times(w):
        return [mp.fsum(entry * w[column] for column, entry in row) for row in covariance_of_pairs(n)]

    once = times(r)
    twice = times(once)
    w = [(c - (3 * n + 2) * b + (2 * n * n + 6 * n) * a) / (4 * n * n) for a, b, c in zip(r, once, twice)]
    assert max(abs(u - v) for u, v in zip(times(w), r)) <= max(map(abs, r)) * mpf(10) ** (10 - mp.dps)
    return w


def whitened_cosine(r, s, n):
    white_r, white_s = whitened(r, n), whitened(s, n)
    return mp.fdot(r, white_s) / sqrt(mp.fdot(r, white_r) * mp.fdot(s, white_s))


def rsa(x, y, keys):
    n, rdm, comparison = len(rows_of(x)), keys["rdm"], keys["compare"]
    if n < 3:
        raise Undefined
    sides = [[keys_of(z, rdm)[i][j] for i, j in pairs_of(n)] for z in (x, y)]
    same = 0 if rdm.endswith("euclidean") else -1
    for side in sides:
        flat = same if comparison in ("cosine", "whitened-cosine") else side[0]
        if all(key == flat for key in side):
            raise Undefined
    if comparison == "spearman":
        return pearson(*map(ranks, sides))
    if comparison.startswith("kendall"):
        return kendall(*map(ranks, sides), comparison == "kendall-b")
    r, s = ([VALUES[rdm](key) for key in side] for side in sides)
    if comparison == "whitened-cosine":
        return whitened_cosine(r, s, n)
    return {"pearson": pearson, "cosine": cosine}[comparison](r, s)


# Soft matching


def negative_cycle(costs, flow):
    """A cycle along which flow may be sent at a negative cost, or the potentials that show that there is none.

    Nodes are the rows and then the columns; Bellman and Ford's method from all of them.
    """
    p, q = len(costs), len(costs[0])
    arcs = [(i, p + j, costs[i][j]) for i in range(p) for j in range(q)]
    arcs += [(p + j, i, -costs[i][j]) for i in range(p) for j in range(q) if flow[i][j]]
    potential, parent = [0] * (p + q), [None] * (p + q)
    for _ in range(p + q):
        lowered = None
        for tail, head, cost in arcs:
            if potential[tail] + cost < potential[head]:
                potential[head], parent[head], lowered = potential[tail] + cost, tail, head
        if lowered is None:
            return None, potential
    for _ in range(p + q):
        lowered = parent[lowered]
    cycle = [lowered]
    while parent[cycle[-1]] != lowered:
        cycle.append(parent[cycle[-1]])
    return cycle[::-1], None


def best_plan(costs):
    """The plan of the least total for whole costs, in units of 1 / (p q): each row sends q, each column takes p.

    By cancelling cycles (Klein 1967). Asserts that the potentials prove it: the total that they give is the plan's, and
    by weak duality no plan's is lower.
    """
    p, q = len(costs), len(costs[0])
    # To begin with, row i sends the units from q i to q (i + 1), and column j takes those from p j to p (j + 1).
    flow = [[max(0, min(q * (i + 1), p * (j + 1)) - max(q * i, p * j)) for j in range(q)] for i in range(p)]
    while True:
        cycle, potential = negative_cycle(costs, flow)
        if cycle is None:
            break
        steps = list(zip(cycle, cycle[1:] + cycle[:1]))
        amount = min(flow[head][tail - p] for tail, head in steps if head < p)
        for tail, head in steps:
            if head < p:
                flow[head][tail - p] -= amount
            else:
                flow[tail][head - p] += amount
    assert all(sum(row) == q for row in flow) and all(sum(column) == p for column in zip(*flow))
    assert all(potential[p + j] - potential[i] <= costs[i][j] for i in range(p) for j in range(q))
    total = sum(dot(r, s) for r, s in zip(flow, costs))
    assert total == p * sum(potential[p:]) - q * sum(potential[:p])
    return flow


def table(x, y, entry):
    """The p x q entries of the neurons."""
    first, second = ([centered(column) for column in zip(*rows_of(name))] for name in (x, y))
    return [[entry(a, b) for b in second] for a in first]


@functools.cache
def least_squared(x, y):
    costs = table(x, y, squared_distance)
    unit = math.lcm(*(cost.denominator for row in costs for cost in row))
    flow = best_plan([[int(cost * unit) for cost in row] for row in costs])
    return sum(dot(r, s) for r, s in zip(flow, costs)) / (len(costs) * len(costs[0]))


def greatest_correlation(x, y):
    """Of the plan for correlations that are rounded to five digits fewer than are worked with."""
    correlations = [[signed_root(v) for v in row] for row in table(x, y, signed_square)]
    flow = best_plan([[-int(mp.nint(v * mpf(10) ** (mp.dps - 5))) for v in row] for row in correlations])
    return mp.fsum(mp.fdot(r, s) for r, s in zip(flow, correlations)) / (len(flow) * len(flow[0]))


def soft_matching(x, y, keys):
    if keys["form"] == "similarity":
        return greatest_correlation(x, y)
    squared = real(least_squared(x, y))
    return {"squared": squared, "distance": sqrt(squared)}[keys["form"]]


# Linear predictivity


def splitmix(seed, count):
    """The first outputs of SplitMix64 (Steele, Lea and Flood 2014)."""
    mask, outputs = 2**64 - 1, []
    for i in range(1, count + 1):
        z = (seed + i * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        outputs.append(z ^ (z >> 31))
    return outputs


def held_out(n, keys):
    """The examples of each fold."""
    k = int(keys["folds"])
    if keys["split"] == "interleaved":
        return [list(range(fold, n, k)) for fold in range(k)]
    order = list(range(n))
    if keys["split"] == "shuffled":
        order.sort(key=splitmix(int(keys["split-seed"]), n).__getitem__)
    ends = [fold * (n // k) + min(fold, n % k) for fold in range(k + 1)]
    return [order[start:end] for start, end in zip(ends, ends[1:])]


def less(row, mean):
    return [u - v for u, v in zip(row, mean)]


def predicted(predictor, response, keys):
    """1 - PRESS / TSS by kernel ridge regression: K_test,train (K + lambda I)^-1 B, with the kernel in fractions."""
    if any(len(set(map(tuple, rows_of(name)))) == 1 for name in (predictor, response)):
        raise Undefined
    x, y = rows_of(predictor), rows_of(response)
    press = total = mpf(0)
    for test in held_out(len(x), keys):
        train = [i for i in range(len(x)) if i not in test]
        mean_x, mean_y = ([sum(z[i][j] for i in train) / len(train) for j in range(len(z[0]))] for z in (x, y))
        a, b = ([less(z[i], mean) for i in train] for z, mean in ((x, mean_x), (y, mean_y)))
        penalty = Fraction(float(keys["penalty"])) * sum(dot(row, row) for row in a)
        if penalty == 0:
            raise Undefined
        kernel = mp.matrix([[real(dot(r, s) + (penalty if i == j else 0)) for j, s in enumerate(a)] for i, r in enumerate(a)])
        dual = mp.inverse(kernel) * mp.matrix([[real(v) for v in row] for row in b])
        for i in test:
            seen = [real(dot(less(x[i], mean_x), row)) for row in a]
            for j, actual in enumerate(map(real, less(y[i], mean_y))):
                press += (actual - mp.fsum(u * dual[t, j] for t, u in enumerate(seen))) ** 2
                total += actual**2
    return 1 - press / total


def linear_predictivity(x, y, keys):
    folds = int(keys["folds"])
    if len(rows_of(x)) < (4 if folds == 2 else max(folds, 3)):
        raise Undefined
    if keys["direction"] == "mean":
        return (predicted(x, y, keys) + predicted(y, x, keys)) / 2
    return predicted(y, x, keys) if keys["direction"] == "x-from-y" else predicted(x, y, keys)


MEASURES = {
    "linear-predictivity": linear_predictivity,
    "distance-correlation": distance_correlation,
    "mutual-knn": mutual_knn,
    "rsa": rsa,
    "soft-matching": soft_matching,
}
