"""Measures of pairs: distance correlation, mutual nearest neighbours, representational similarity analysis, soft matching and linear
predictivity, in mpmath.

Used by `mpmath_values.py`. The formulas are other ones than the Rust oracle's: distance correlation by its expanded sums and by
explicit U-centering, cosines rounded to 90 digits instead of exact keys, Kendall's tau by the double loop, the whitened cosine by
solving with V, soft matching by dynamic programming over all whole plans, ridge regression by Householder
reflections.
"""

from math import gcd

from mpmath import mp, mpf, matrix, sqrt


def dot(a, b):
    return mp.fsum(u * v for u, v in zip(a, b))


def rows_of(x):
    return [[x[i, j] for j in range(x.cols)] for i in range(x.rows)]


def squared_distance(a, b):
    return mp.fsum((u - v) ** 2 for u, v in zip(a, b))


def cosine(a, b):
    return dot(a, b) / sqrt(dot(a, a) * dot(b, b))


def pearson(a, b):
    center = lambda v: [u - mp.fsum(v) / len(v) for u in v]
    return cosine(center(a), center(b))


# Distance correlation --------------------------------------------------------------------------------------------------------------


def distances(x):
    rows = rows_of(x)
    return [[sqrt(squared_distance(a, b)) for b in rows] for a in rows]


def squared_covariance(a, b):
    """S1 + S2 - 2 S3 (Szekely, Rizzo and Bakirov 2007)."""
    n = len(a)
    s1 = mp.fsum(dot(a[i], b[i]) for i in range(n)) / n**2
    s2 = mp.fsum(map(mp.fsum, a)) / n**2 * mp.fsum(map(mp.fsum, b)) / n**2
    s3 = mp.fsum(mp.fsum(a[i]) * mp.fsum(b[i]) for i in range(n)) / n**3
    return s1 + s2 - 2 * s3


def distance_correlation(x, y):
    a, b = distances(x), distances(y)
    return sqrt(squared_covariance(a, b) / sqrt(squared_covariance(a, a) * squared_covariance(b, b)))


def bias_corrected(x, y, u_center):
    flat = [[v for row in rows_of(u_center(matrix(distances(side)))) for v in row] for side in (x, y)]
    return cosine(*flat)


# Nearest neighbours ----------------------------------------------------------------------------------------------------------------


def nearest(x, k, metric):
    """Equal to 90 decimals is equal: then the lowest index is first."""
    rows = rows_of(x)
    away = squared_distance if metric == "euclidean" else lambda a, b: -cosine(a, b)
    rounded = lambda a, b: mp.nint(away(a, b) * mpf(10) ** 90)
    others = lambda i: [j for j in range(len(rows)) if j != i]
    return [set(sorted(others(i), key=lambda j: (rounded(rows[i], rows[j]), j))[:k]) for i in range(len(rows))]


def mutual_knn(x, y, k, metric):
    pairs = zip(nearest(x, k, metric), nearest(y, k, metric))
    return mpf(sum(len(a & b) for a, b in pairs)) / (k * x.rows)


# Dissimilarities -------------------------------------------------------------------------------------------------------------------


DISSIMILARITIES = {
    "squared-euclidean": squared_distance,
    "euclidean": lambda a, b: sqrt(squared_distance(a, b)),
    "correlation": lambda a, b: 1 - pearson(a, b),
    "cosine": lambda a, b: 1 - cosine(a, b),
}


def vector_of(x, rdm):
    rows = rows_of(x)
    return [DISSIMILARITIES[rdm](rows[i], rows[j]) for i in range(len(rows)) for j in range(i + 1, len(rows))]


def signs(v):
    """The sign of every difference, those below 10^-90 of the largest number being zero."""
    rounded = [mp.nint(a / max(map(abs, v)) * mpf(10) ** 90) for a in v]
    return [[(a > b) - (a < b) for b in rounded] for a in rounded]


def covariance_of_dissimilarities(n):
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    contrast = lambda pair, k: (k == pair[0]) - (k == pair[1])
    overlap = lambda p, q: sum(contrast(p, k) * contrast(q, k) for k in range(n))
    return matrix([[mpf(overlap(p, q)) ** 2 for q in pairs] for p in pairs])


def rsa(r, s, whiten):
    """Every comparison of two vectors of dissimilarities; `whiten` solves with V."""
    m = len(r)
    sign_r, sign_s = signs(r), signs(s)
    score = sum(sign_r[i][j] * sign_s[i][j] for i in range(m) for j in range(i))
    untied = [sum(sign[i][j] != 0 for i in range(m) for j in range(i)) for sign in (sign_r, sign_s)]
    # One plus the number of smaller ones, plus half the number of other equal ones.
    ranks = [[1 + mpf(row.count(1)) + mpf(row.count(0) - 1) / 2 for row in sign] for sign in (sign_r, sign_s)]
    white_r, white_s = whiten(r), whiten(s)
    return {
        "pearson": pearson(r, s),
        "spearman": pearson(*ranks),
        "kendall-a": mpf(score) / (m * (m - 1) // 2),
        "kendall-b": score / sqrt(mpf(untied[0] * untied[1])),
        "cosine": cosine(r, s),
        "whitened-cosine": dot(r, white_s) / sqrt(dot(r, white_r) * dot(s, white_s)),
    }


# Soft matching ---------------------------------------------------------------------------------------------------------------------


def least_cost(costs):
    """Least mean cost over the plans with equal weights; some best plan is whole in units of 1 / lcm(p1, p2)."""
    p1, p2 = len(costs), len(costs[0])
    divisor = gcd(p1, p2)
    supply, demand = p2 // divisor, p1 // divisor
    best = {(demand,) * p2: mpf(0)}
    for i, row in enumerate(costs):
        for j in range(p2):
            after = {}
            for state, cost in best.items():
                for units in range(min(state[j], supply) + 1):
                    next_state = state[:j] + (state[j] - units,) + state[j + 1 :]
                    spent = cost + units * row[j]
                    if next_state not in after or spent < after[next_state]:
                        after[next_state] = spent
            best = after
        # A state is what the columns can still take; this row has sent its supply.
        best = {state: cost for state, cost in best.items() if sum(state) == demand * p2 - supply * (i + 1)}
    return best[(0,) * p2] / (p1 * supply)


def soft_matching(xc, yc):
    x, y = rows_of(xc.T), rows_of(yc.T)
    squared = least_cost([[squared_distance(a, b) for b in y] for a in x])
    return {
        "squared": squared,
        "distance": sqrt(squared),
        "similarity": -least_cost([[-cosine(a, b) for b in y] for a in x]),
    }


# Linear predictivity ---------------------------------------------------------------------------------------------------------------


def splitmix(seed, count):
    """The first outputs of SplitMix64 (Steele, Lea and Flood 2014)."""
    mask, outputs = 2**64 - 1, []
    for i in range(1, count + 1):
        z = (seed + i * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        outputs.append(z ^ (z >> 31))
    return outputs


def held_out(n, k, split, seed):
    if split == "interleaved":
        return [list(range(fold, n, k)) for fold in range(k)]
    keys = splitmix(seed, n)
    order = sorted(range(n), key=keys.__getitem__) if split == "shuffled" else list(range(n))
    ends = [fold * (n // k) + min(fold, n % k) for fold in range(k + 1)]
    return [order[start:end] for start, end in zip(ends, ends[1:])]


def predicted(x, y, folds, penalty):
    """1 - PRESS / TSS: least squares of the training examples above sqrt(lambda) I, by Householder reflections."""
    x, y, press, total = rows_of(x), rows_of(y), mpf(0), mpf(0)
    for test in folds:
        train = [i for i in range(len(x)) if i not in test]
        less = [[mp.fsum(z[i][j] for i in train) / len(train) for j in range(len(z[0]))] for z in (x, y)]
        about = lambda z, mean, i: [u - v for u, v in zip(z[i], mean)]
        a = [about(x, less[0], i) for i in train]
        squared = mp.fsum(dot(row, row) for row in a)
        if squared == 0:
            return None
        root, p = sqrt(penalty * squared), len(x[0])
        stacked = matrix(a + [[root if i == j else mpf(0) for j in range(p)] for i in range(p)])
        for j in range(len(y[0])):
            weights = mp.qr_solve(stacked, matrix([y[i][j] - less[1][j] for i in train] + [mpf(0)] * p))[0]
            for i in test:
                actual = y[i][j] - less[1][j]
                press += (actual - dot(about(x, less[0], i), list(weights))) ** 2
                total += actual**2
    return 1 - press / total


def linear_predictivity(x, y):
    """Values by their keys; none where a fold leaves nothing to fit on."""
    for k, split, seed, penalty in ((5, "shuffled", 0, 0.001), (3, "shuffled", 9, 0.5), (2, "contiguous", 0, 1e-6), (4, "interleaved", 0, 10.0)):
        if x.rows < max(k, 4):
            continue
        folds = held_out(x.rows, k, split, seed)
        of_x, of_y = predicted(y, x, folds, mpf(penalty)), predicted(x, y, folds, mpf(penalty))
        text = f"folds={k},penalty={penalty!r},split={split}" + (f",split-seed={seed}" if split == "shuffled" else "")
        both = None if of_x is None or of_y is None else (of_x + of_y) / 2
        for direction, value in (("x-from-y", of_x), ("y-from-x", of_y), ("mean", both)):
            if value is not None:
                yield f"linear-predictivity:direction={direction},{text}", value


def values_of(x, y, xc, yc, u_center):
    """Every convention that is defined; `xc` and `yc` have centered columns."""
    out = {
        "distance-correlation": distance_correlation(x, y),
        "distance-correlation:estimator=corrected": bias_corrected(x, y, u_center),
    }
    for metric in ("cosine", "euclidean"):
        for k in (1, 3, x.rows - 2):
            out[f"mutual-knn:k={k},metric={metric},center=no"] = mutual_knn(x, y, k, metric)
    v = covariance_of_dissimilarities(x.rows)
    whiten = lambda r: list(mp.lu_solve(v, matrix(r)))
    for rdm in DISSIMILARITIES:
        if rdm == "correlation" and min(x.cols, y.cols) < 3:
            continue  # Correlations over two neurons are 1, -1 or undefined.
        for comparison, value in rsa(vector_of(x, rdm), vector_of(y, rdm), whiten).items():
            out[f"rsa:rdm={rdm},compare={comparison}"] = value
    for form, value in soft_matching(xc, yc).items():
        out[f"soft-matching:form={form}"] = value
    return out | dict(linear_predictivity(x, y))
