"""The formulas of `mpmath_values.py`: kernels, HSIC, canonical correlations, ridge, at 110 digits."""

from mpmath import mp, mpf, matrix, sqrt, exp, svd_r, eigsy

mp.dps = 110


def columns_centered(x):
    n, p = x.rows, x.cols
    out = x.copy()
    for j in range(p):
        mean = mp.fsum(x[i, j] for i in range(n)) / n
        for i in range(n):
            out[i, j] -= mean
    return out


def frobenius2(a):
    return mp.fsum(a[i, j] ** 2 for i in range(a.rows) for j in range(a.cols))


def trace(a):
    return mp.fsum(a[i, i] for i in range(a.rows))


def singular_values(a):
    a = a if a.rows >= a.cols else a.T
    return sorted((s for s in svd_r(a, compute_uv=False)), reverse=True)


def orthonormal(x):
    """Basis of the column space by twice-repeated Gram-Schmidt; dependent columns are dropped."""
    basis = []
    for j in range(x.cols):
        v = x[:, j]
        size = sqrt(frobenius2(v))
        for _ in range(2):
            for q in basis:
                v = v - q * (q.T * v)[0]
        norm = sqrt(frobenius2(v))
        if norm > size * mpf(10) ** (-60):
            basis.append(v / norm)
    out = matrix(x.rows, len(basis))
    for j, q in enumerate(basis):
        for i in range(x.rows):
            out[i, j] = q[i]
    return out


# Kernels -------------------------------------------------------------------------------------------------------------------------


def gram(x):
    c = columns_centered(x)
    return c * c.T


def squared_distances(x):
    n = x.rows
    return [[mp.fsum((x[i, k] - x[j, k]) ** 2 for k in range(x.cols)) for j in range(n)] for i in range(n)]


def sigma_of(d2, rule, parameter):
    n = len(d2)
    if rule == "fixed":
        return parameter
    if rule == "demo":
        values = sorted(d2[i][j] for i in range(n) for j in range(n))
        middle = len(values) // 2
        median = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
        return parameter * sqrt(median)
    values = sorted(sqrt(d2[i][j]) for i in range(n) for j in range(i))
    middle = len(values) // 2
    if len(values) % 2:
        return parameter * values[middle]
    if rule == "lower-median":
        return parameter * values[middle - 1]
    return parameter * (values[middle - 1] + values[middle]) / 2


def kernel(x, name, options):
    n = x.rows
    if name == "linear":
        return gram(x)
    if name == "polynomial":
        g = gram(x)
        return matrix([[(g[i, j] + options["offset"]) ** options["degree"] for j in range(n)] for i in range(n)])
    if name == "cosine":
        g = gram(x)
        return matrix([[g[i, j] / sqrt(g[i, i] * g[j, j]) for j in range(n)] for i in range(n)])
    d2 = squared_distances(x)
    sigma = sigma_of(d2, options["rule"], options["parameter"])
    if name == "rbf":
        return matrix([[exp(-d2[i][j] / (2 * sigma**2)) for j in range(n)] for i in range(n)])
    return matrix([[exp(-sqrt(d2[i][j]) / sigma) for j in range(n)] for i in range(n)])


def hsic_biased(k, l):
    n = k.rows
    h = mp.eye(n) - mp.ones(n, n) / n
    return trace(k * h * l * h) / (n - 1) ** 2


def u_center(k):
    n = k.rows
    rows = [mp.fsum(k[i, j] for j in range(n) if j != i) for i in range(n)]
    total = mp.fsum(rows)
    return matrix(
        [
            [mpf(0) if i == j else k[i, j] - rows[i] / (n - 2) - rows[j] / (n - 2) + total / ((n - 1) * (n - 2)) for j in range(n)]
            for i in range(n)
        ]
    )


def hsic_unbiased(k, l):
    n = k.rows
    a, b = u_center(k), u_center(l)
    return mp.fsum(a[i, j] * b[i, j] for i in range(n) for j in range(n)) / (n * (n - 3))


def cka(k, l, hsic):
    return hsic(k, l) / sqrt(hsic(k, k) * hsic(l, l))


# CCA family ----------------------------------------------------------------------------------------------------------------------


def divisors(ranks, widths):
    return {"min-rank": min(ranks), "min-width": min(widths), "geometric": sqrt(mpf(ranks[0] * ranks[1])), "max": max(ranks)}


def pwcca(weighting, other, q=None, r=None):
    """Equal correlations use the principal directions of their block: the left singular vectors of H_block' X.

    A block of zeros may have more directions than correlations that count: then the first ones count."""
    q, r = q or orthonormal(weighting), r or orthonormal(other)
    m = q.T * r
    values, vectors = eigsy(m * m.T)
    order = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    left = min(m.rows, m.cols)
    blocks = []
    for i in order:
        if blocks and abs(values[blocks[-1][0]] - values[i]) < mpf(10) ** (-60):
            blocks[-1].append(i)
        else:
            blocks.append([i])
    top = bottom = mpf(0)
    for block in blocks:
        h = matrix(weighting.rows, len(block))
        for j, i in enumerate(block):
            h[:, j] = q * vectors[:, i]
        projected = h.T * weighting
        sizes, axes = eigsy(projected * projected.T)
        turned = axes.T * projected
        longest = sorted(range(len(block)), key=lambda j: sizes[j], reverse=True)[:left]
        left -= len(longest)
        for j, i in zip(longest, block):
            alpha = mp.fsum(abs(turned[j, k]) for k in range(weighting.cols))
            top += alpha * sqrt(max(values[i], mpf(0)))
            bottom += alpha
    return top / bottom


def leading(xc, threshold):
    values, vectors = eigsy(xc * xc.T)
    order = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    total = frobenius2(xc)
    held, kept = mpf(0), []
    for i in order:
        kept.append(i)
        held += values[i]
        if held >= threshold * total - total * mpf(10) ** (-80):
            break
    out = matrix(xc.rows, len(kept))
    for j, i in enumerate(kept):
        for row in range(xc.rows):
            out[row, j] = vectors[row, i]
    return out


def above(xc, tolerance):
    """Left singular vectors whose singular value exceeds the tolerance times the largest."""
    values, vectors = eigsy(xc * xc.T)
    kept = [i for i in range(len(values)) if values[i] > max(values) * tolerance**2]
    out = matrix(xc.rows, len(kept))
    for j, i in enumerate(kept):
        out[:, j] = vectors[:, i]
    return out


NOTHING = mpf(10) ** (-60)


def spectrum(xc, nothing=NOTHING):
    values = sorted(eigsy(xc * xc.T, eigvals_only=True), reverse=True)
    return [v for v in values if v > values[0] * nothing]


def ridge(xc, yc, kx, ky, bound, nothing=NOTHING):
    """Eigenvalues up to `nothing` times the largest do not count."""
    lx, ux = eigsy(xc * xc.T)
    ly, uy = eigsy(yc * yc.T)
    cut_x, cut_y = max(lx) * nothing, max(ly) * nothing
    total = mpf(0)
    for i in range(len(lx)):
        for j in range(len(ly)):
            if lx[i] > cut_x and ly[j] > cut_y:
                dot = (ux[:, i].T * uy[:, j])[0]
                total += lx[i] * ly[j] * dot**2 / ((lx[i] + kx) * (ly[j] + ky))
    a = [v / (v + kx) for v in spectrum(xc, nothing)]
    b = [v / (v + ky) for v in spectrum(yc, nothing)]
    m = min(len(a), len(b))
    if bound == "trace":
        return total / mp.fsum(a[i] * b[i] for i in range(m))
    if bound == "separable":
        m = max(len(a), len(b))
    return total / sqrt(mp.fsum(v * v for v in a[:m]) * mp.fsum(v * v for v in b[:m]))
