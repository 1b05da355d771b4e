"""rsatoolbox: the whitened cosine of squared Euclidean dissimilarities, which is linear CKA (Diedrichsen et al. 2021)."""

from protocol import serve, version
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm, compare


def dissimilarities(x):
    return calc_rdm(Dataset(x), method="euclidean")


def comparison(method):
    return lambda x, y: compare(dissimilarities(x), dissimilarities(y), method=method).item()


serve(
    "rsatoolbox",
    version("rsatoolbox"),
    {
        "cosine_cov": ("cka", comparison("cosine_cov"), "compare(calc_rdm(., 'euclidean'), ..., 'cosine_cov')"),
    },
)
