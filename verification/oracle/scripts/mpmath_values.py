#!/usr/bin/env python3
"""Values of every measure by other formulas, in mpmath.

    python3 -m pip install mpmath==1.3.0
    python3 scripts/mpmath_values.py > tests/golden/mpmath.json

The tests read the committed output. Nothing is shared with the Rust oracle, formulas included where a second one exists: HSIC by
explicit centering matrices and its unbiased form by U-centering, canonical correlations by singular values of orthonormal bases,
ridge by eigenvectors, Procrustes by a singular value decomposition (`mpmath_formulas.py`); `mpmath_pairs.py` names its own.
"""

import json
import random

import mpmath_pairs

from mpmath import mp, mpf, matrix, sqrt, acos
from mpmath_formulas import (
    above,
    cka,
    columns_centered,
    divisors,
    frobenius2,
    hsic_biased,
    hsic_unbiased,
    kernel,
    leading,
    orthonormal,
    pwcca,
    ridge,
    singular_values,
    spectrum,
    u_center,
)

DIGITS = 50


# Cases ---------------------------------------------------------------------------------------------------------------------------


def integers(generator, n, p):
    return [[float(generator.randint(-9, 9)) for _ in range(p)] for _ in range(n)]


def gaussians(generator, n, p):
    return [[generator.gauss(0, 1) for _ in range(p)] for _ in range(n)]


def beside(a, b):
    return [left + right for left, right in zip(a, b)]


def cases():
    g = random.Random(20190515)
    x = integers(g, 9, 3)
    yield "small integers", x, integers(g, 9, 4), True
    yield "more neurons in X", integers(g, 12, 5), integers(g, 12, 2), True
    yield "wider than long", integers(g, 7, 10), integers(g, 7, 3), False
    base = integers(g, 10, 3)
    yield "rank deficient", [row + [row[0] + row[1]] for row in base], integers(g, 10, 2), True
    noise = gaussians(g, 8, 3)
    x = gaussians(g, 8, 3)
    yield "doubles", x, [[a + b / 2 for a, b in zip(r, s)] for r, s in zip(x, noise)], True
    # Nearly a rotation: 3-4-5 turn of two neurons, off by 1e-12.
    x = gaussians(g, 8, 2)
    turned = [[0.6 * a - 0.8 * b, 0.8 * a + 0.6 * b] for a, b in x]
    yield "nearly rotated", x, [[a + 1e-12 * g.gauss(0, 1) for a in row] for row in turned], True
    scales = [1e-6, 1.0, 1e6]
    x = [[s * a + 1e3 * s for s, a in zip(scales, row)] for row in gaussians(g, 11, 3)]
    yield "graded and shifted", x, [[a[1] + b, b] for a, b in zip(x, [r[0] for r in gaussians(g, 11, 1)])], True


def repeated_cases():
    """Repeated canonical correlations: only PWCCA differs, and only with `degenerate=allow`."""
    g = random.Random(20180614)
    x = integers(g, 11, 4)
    rest = integers(g, 11, 2)
    yield "two shared neurons", x, [[a[0] - a[2], a[1] + 2 * a[2]] + b for a, b in zip(x, rest)]
    # Hadamard columns give rho = 3/5, 3/5 and 5/13 exactly; neurons of X mix them.
    h = [[(-1.0) ** bin(i & j).count("1") for j in range(1, 8)] for i in range(8)]
    mixed = [[r[0] + 2 * r[1] - r[2], 3 * r[1] + r[2], r[0] + r[2]] for r in h]
    turned = [[3 * r[0] + 4 * r[3], 3 * r[1] + 4 * r[4], 5 * r[2] + 12 * r[5]] for r in h]
    yield "equal correlations below one", mixed, turned
    # Two correlations that count, one of them zero, and two more directions of X without a partner.
    yield "a zero beside more", mixed, [[3 * r[0] + 4 * r[3], r[4]] for r in h]
    # One correlation positive; the narrower side has two zeros.
    yield "two zeros", mixed, [[r[2] + r[3], r[4], r[5], r[6]] for r in h]


def repeated_values(x, y):
    xc, yc = columns_centered(x), columns_centered(y)
    return {"pwcca:weights=x,degenerate=allow": pwcca(xc, yc)}


def low_rank_case():
    """Products of thin factors in doubles: of full exact rank, of numerical rank 3 and 2."""
    g = random.Random(20260101)

    def product(n, r, p):
        left, right = gaussians(g, n, r), gaussians(g, r, p)
        return [[sum(a * right[k][j] for k, a in enumerate(row)) for j in range(p)] for row in left]

    return "low rank in doubles", product(9, 3, 6), product(9, 2, 5)


def low_rank_values(x, y):
    xc, yc = columns_centered(x), columns_centered(y)
    n, epsilon = x.rows, mpf(2) ** (-52)
    ux, uy = above(xc, epsilon * max(n, x.cols)), above(yc, epsilon * max(n, y.cols))
    assert (ux.cols, uy.cols) == (3, 2)
    rho = singular_values(ux.T * uy)
    x_from_y, y_from_x = frobenius2(uy.T * xc) / frobenius2(xc), frobenius2(ux.T * yc) / frobenius2(yc)
    # The least eigenvalue that counts is far above this, what rounding left far below.
    nothing = mpf(10) ** (-25)
    top_x, top_y = spectrum(xc)[0], spectrum(yc)[0]
    ridges = {}
    for bound in ("trace", "cauchy", "separable"):
        for kx, ky in ((0, 0), (0, 2.5), (0.1, 0), (0.1, 30), (1e-300, 1e-300), (1e300, 0.5)):
            value = ridge(xc, yc, mpf(kx), mpf(ky), bound, nothing)
            ridges[f"canonical-ridge:kappa-x={kx!r},kappa-y={ky!r},bound={bound}"] = value
        value = ridge(xc, yc, mpf(0.1) * top_x, mpf(0.02) * top_y, bound, nothing)
        ridges[f"canonical-ridge:kappa-x=0.1,kappa-y=0.02,kappa=relative,bound={bound}"] = value
    return ridges | {
        "svcca:threshold=1": mp.fsum(rho) / 2,
        "svcca:summary=r2,threshold=1,divisor=max": mp.fsum(r * r for r in rho) / 3,
        "cca": mp.fsum(rho) / 2,
        "cca:divisor=geometric": mp.fsum(rho) / sqrt(mpf(6)),
        "cca:summary=r2,divisor=max": mp.fsum(r * r for r in rho) / 3,
        "pwcca:weights=x": pwcca(xc, yc, ux, uy),
        "pwcca": pwcca(yc, xc, uy, ux),
        "linear-regression": x_from_y,
        "linear-regression:direction=y-from-x": y_from_x,
        "linear-regression:direction=sum": x_from_y + y_from_x,
    }


def values_of(x, y, simple):
    """`simple`: neither rank reaches n - 1, so that the CCA family compares."""
    out = {}
    xc, yc = columns_centered(x), columns_centered(y)
    kernels = [
        ("linear", {}, ""),
        ("polynomial", {"degree": 3, "offset": mpf(1)}, ""),
        ("polynomial", {"degree": 2, "offset": mpf("0.5")}, ",degree=2,offset=0.5"),
        ("rbf", {"rule": "median", "parameter": mpf(1)}, ""),
        ("rbf", {"rule": "median", "parameter": mpf(0.4)}, ",fraction=0.4"),
        ("rbf", {"rule": "lower-median", "parameter": mpf(1)}, ",bandwidth=lower-median"),
        ("rbf", {"rule": "demo", "parameter": mpf(0.5)}, ",bandwidth=demo,fraction=0.5"),
        ("rbf", {"rule": "fixed", "parameter": mpf(3)}, ",bandwidth=fixed,sigma=3"),
        ("laplace", {"rule": "median", "parameter": mpf(1)}, ""),
        ("laplace", {"rule": "demo", "parameter": mpf(0.8)}, ",bandwidth=demo,fraction=0.8"),
        ("laplace", {"rule": "fixed", "parameter": mpf(0.75)}, ",bandwidth=fixed,sigma=0.75"),
        ("cosine", {}, ""),
    ]
    for name, options, text in kernels:
        k, l = kernel(x, name, options), kernel(y, name, options)
        if min(k[1, 0], l[1, 0]) < mpf(2) ** (-10000):
            continue  # A fixed bandwidth far below every distance: the oracle does not resolve such exponents.
        out[f"hsic:kernel={name}{text}"] = hsic_biased(k, l)
        out[f"hsic:kernel={name},estimator=unbiased{text}"] = hsic_unbiased(k, l)
        out[f"cka:kernel={name}{text}"] = cka(k, l, hsic_biased)
        out[f"cka:kernel={name},estimator=debiased{text}"] = cka(k, l, hsic_unbiased)
    widths = [x.cols, y.cols]
    if simple:
        for center, a, b in (("yes", xc, yc), ("no", x, y)):
            qa, qb = orthonormal(a), orthonormal(b)
            rho = singular_values(qa.T * qb)
            for name, value in divisors([qa.cols, qb.cols], widths).items():
                out[f"cca:center={center},divisor={name}"] = mp.fsum(rho) / value
                out[f"cca:summary=r2,center={center},divisor={name}"] = mp.fsum(r * r for r in rho) / value
        out["pwcca:weights=x"] = pwcca(xc, yc)
        out["pwcca:weights=y"] = pwcca(yc, xc)
        qx, qy = orthonormal(xc), orthonormal(yc)
        x_from_y = frobenius2(qy.T * xc) / frobenius2(xc)
        y_from_x = frobenius2(qx.T * yc) / frobenius2(yc)
        out["linear-regression"] = x_from_y
        out["linear-regression:direction=y-from-x"] = y_from_x
        out["linear-regression:direction=sum"] = x_from_y + y_from_x
        for bound in ("trace", "cauchy", "separable"):
            out[f"canonical-ridge:kappa-x=0,kappa-y=0,bound={bound}"] = ridge(xc, yc, mpf(0), mpf(0), bound)
            out[f"canonical-ridge:kappa-x=0,kappa-y=2.5,bound={bound}"] = ridge(xc, yc, mpf(0), mpf(2.5), bound)
    for threshold in (0.5, 0.8, 0.99):
        ux, uy = leading(xc, mpf(threshold)), leading(yc, mpf(threshold))
        if max(ux.cols, uy.cols) == x.rows - 1:
            continue
        rho = singular_values(ux.T * uy)
        for name, value in divisors([ux.cols, uy.cols], widths).items():
            out[f"svcca:threshold={threshold},divisor={name}"] = mp.fsum(rho) / value
        out[f"svcca:summary=r2,threshold={threshold}"] = mp.fsum(r * r for r in rho) / min(ux.cols, uy.cols)
    top_x, top_y = spectrum(xc)[0], spectrum(yc)[0]
    for bound in ("trace", "cauchy", "separable"):
        out[f"canonical-ridge:kappa-x=0.1,kappa-y=30,bound={bound}"] = ridge(xc, yc, mpf(0.1), mpf(30), bound)
        relative = ridge(xc, yc, mpf(0.1) * top_x, mpf(0.02) * top_y, bound)
        out[f"canonical-ridge:kappa-x=0.1,kappa-y=0.02,kappa=relative,bound={bound}"] = relative
    s = mp.fsum(singular_values(xc.T * yc)) / sqrt(frobenius2(xc) * frobenius2(yc))
    out["procrustes"] = sqrt(2 - 2 * s)
    out["procrustes:form=squared"] = 2 - 2 * s
    out["procrustes:form=angle"] = acos(s)
    out["procrustes:form=similarity"] = s
    out["procrustes:form=disparity"] = 1 - s * s
    return out | mpmath_pairs.values_of(x, y, xc, yc, u_center)


def csv(rows):
    """Text, because JSON readers differ in how they round numbers; repr reads back to the same double."""
    return "\n".join(",".join(repr(value) for value in row) for row in rows)


def main():
    out = []
    found = [(name, x, y, values_of(matrix(x), matrix(y), simple)) for name, x, y, simple in cases()]
    found += [(name, x, y, repeated_values(matrix(x), matrix(y))) for name, x, y in repeated_cases()]
    name, x, y = low_rank_case()
    found.append((name, x, y, low_rank_values(matrix(x), matrix(y))))
    for name, x, y, values in found:
        printed = {spec: mp.nstr(value, DIGITS, strip_zeros=False) for spec, value in values.items()}
        out.append({"name": name, "x": csv(x), "y": csv(y), "values": printed})
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
