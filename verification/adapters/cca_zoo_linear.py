"""cca-zoo: the mean canonical correlation of its linear CCA."""

import numpy as np
from cca_zoo.linear import CCA
from protocol import serve, version


def mean_correlation(x, y):
    count = min(x.shape[1], y.shape[1])
    u, v = CCA(n_components=count).fit([x, y]).transform([x, y])
    return np.mean([np.corrcoef(u[:, i], v[:, i])[0, 1] for i in range(count)])


note = "linear.CCA(n_components=min(p1, p2)), mean correlation of the transformed views"
serve("cca-zoo", version("cca-zoo"), {"CCA": ("cca", mean_correlation, note)})
