"""sklearn.cross_decomposition.CCA: the mean correlation of its variates, which is what is usually made of it."""

import numpy as np
from protocol import serve, version
from sklearn.cross_decomposition import CCA


def mean_correlation(x, y):
    count = min(x.shape[1], y.shape[1])
    u, v = CCA(n_components=count, max_iter=5000).fit_transform(x, y)
    return np.mean([np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(count)])


note = "CCA(n_components=min(p1, p2), max_iter=5000).fit_transform, mean correlation of the columns"
serve("scikit-learn", version("scikit-learn"), {"CCA": ("cca", mean_correlation, note)})
