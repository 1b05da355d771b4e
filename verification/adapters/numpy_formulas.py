"""The formulas of Kornblith et al. 2019 in numpy, as one writes them from the paper: what speeds are compared with."""

import numpy as np
from protocol import serve, version


def centered(x):
    return x - x.mean(axis=0)


def linear_cka(x, y):
    x, y = centered(x), centered(y)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def linear_hsic(x, y):
    return np.linalg.norm(centered(y).T @ centered(x)) ** 2 / (len(x) - 1) ** 2


def hsic_unbiased(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    mixed = k.sum(axis=0) @ l.sum(axis=0)
    return (np.sum(k * l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 * mixed / (n - 2)) / (n * (n - 3))


def debiased_cka(x, y):
    k, l = (centered(z) @ centered(z).T for z in (x, y))
    return hsic_unbiased(k, l) / np.sqrt(hsic_unbiased(k, k) * hsic_unbiased(l, l))


def squared_distances(x):
    gram = x @ x.T
    norms = np.diag(gram)
    return np.maximum(norms[:, None] + norms - 2 * gram, 0)


def center_gram(k):
    return k - k.mean(axis=0) - k.mean(axis=1)[:, None] + k.mean()


def rbf_cka(x, y, bandwidth):
    grams = []
    for z in (x, y):
        distances = squared_distances(centered(z))
        grams.append(center_gram(np.exp(-distances / (2 * bandwidth(distances)))))
    k, l = grams
    return np.sum(k * l) / (np.linalg.norm(k) * np.linalg.norm(l))


def median_of_pairs(distances):
    return np.median(np.sqrt(distances[np.triu_indices(len(distances), 1)])) ** 2


def basis(x):
    return np.linalg.qr(centered(x))[0]


def correlations(x, y):
    return np.linalg.svd(basis(x).T @ basis(y), compute_uv=False)


def pwcca(x, y):
    """Weights of the first representation."""
    qx, x = basis(x), centered(x)
    u, rho, _ = np.linalg.svd(qx.T @ basis(y), full_matrices=False)
    alpha = np.abs((qx @ u).T @ x).sum(axis=1)
    return alpha @ rho / alpha.sum()


def kept(x, share=0.99):
    u, s, _ = np.linalg.svd(centered(x), full_matrices=False)
    count = np.searchsorted(np.cumsum(s**2) / np.sum(s**2), share) + 1
    return u[:, :count] * s[:count]


def svcca(x, y):
    return correlations(kept(x), kept(y)).mean()


def regression(x, y):
    """R^2 of the first representation from the second."""
    return np.linalg.norm(basis(y).T @ centered(x)) ** 2 / np.linalg.norm(centered(x)) ** 2


def procrustes(x, y):
    x, y = (centered(z) / np.linalg.norm(centered(z)) for z in (x, y))
    return 2 - 2 * np.linalg.svd(x.T @ y, compute_uv=False).sum()


serve(
    "numpy formulas",
    version("numpy"),
    {
        "linear_cka": ("cka", linear_cka, "feature products"),
        "linear_hsic": ("hsic", linear_hsic, "feature products"),
        "debiased_cka": ("cka:estimator=debiased", debiased_cka, "Gram matrices, Song's three sums"),
        "rbf_cka": ("cka:kernel=rbf,fraction=1.0", lambda x, y: rbf_cka(x, y, median_of_pairs), "median of the distances of pairs"),
        "rbf_cka_all": ("cka:kernel=rbf,bandwidth=demo,fraction=1.0", lambda x, y: rbf_cka(x, y, np.median), "median of all squared distances"),
        "mean_correlation": ("cca", lambda x, y: correlations(x, y).mean(), "unpivoted QR"),
        "mean_squared_correlation": ("cca:summary=r2", lambda x, y: (correlations(x, y) ** 2).mean(), "unpivoted QR"),
        "svcca": ("svcca", svcca, "0.99 of the variance"),
        "pwcca": ("pwcca:weights=x", pwcca, "weights of the first argument"),
        "regression": ("linear-regression:direction=x-from-y", regression, "unpivoted QR"),
        "procrustes": ("procrustes:form=squared", procrustes, "2 - 2 nuclear norm"),
    },
)
