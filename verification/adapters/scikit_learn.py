"""scikit-learn: the mean correlation of its CCA's variates, which is what is usually made of it, and R2 of its linear regression."""

import numpy as np
from protocol import serve, version
from sklearn.cross_decomposition import CCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score


def mean_correlation(x, y):
    count = min(x.shape[1], y.shape[1])
    u, v = CCA(n_components=count, max_iter=5000).fit_transform(x, y)
    return np.mean([np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(count)])


def explained(x, y):
    return r2_score(x, LinearRegression().fit(y, x).predict(y), multioutput="variance_weighted")


serve(
    "scikit-learn",
    version("scikit-learn"),
    {
        "CCA": ("cca", mean_correlation, "CCA(n_components=min(p1, p2), max_iter=5000).fit_transform, mean correlation of the columns"),
        "LinearRegression": (
            "linear-regression:direction=x-from-y",
            explained,
            "r2_score(x, LinearRegression().fit(y, x).predict(y), multioutput='variance_weighted')",
        ),
    },
)
