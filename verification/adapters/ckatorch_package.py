"""ckatorch: its function for one pair of matrices."""

import torch
from ckatorch.core import cka_base
from protocol import serve, version


def of_pair(**options):
    return lambda x, y: cka_base(torch.from_numpy(x), torch.from_numpy(y), **options)


serve(
    "ckatorch",
    version("ckatorch"),
    {
        "cka_base": ("cka", of_pair(), "cka_base(kernel='linear')"),
        "cka_base_unbiased": ("cka:estimator=debiased", of_pair(unbiased=True), "cka_base(kernel='linear', unbiased=True)"),
        "cka_base_hsic": ("cka", of_pair(method="hsic"), "cka_base(kernel='linear', method='hsic')"),
        "cka_base_rbf": ("cka:kernel=rbf", of_pair(kernel="rbf"), "cka_base(kernel='rbf', threshold=1.0): fraction of the median Euclidean distance"),
    },
)
