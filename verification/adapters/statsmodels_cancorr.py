"""statsmodels: the canonical correlations of CanCorr."""

import numpy as np
from protocol import serve, version
from statsmodels.multivariate.cancorr import CanCorr


def fitted(summary):
    return lambda x, y: summary(CanCorr(y, x).cancorr)


serve(
    "statsmodels",
    version("statsmodels"),
    {
        "CanCorr": ("cca", fitted(np.mean), "mean of CanCorr(y, x).cancorr"),
        "CanCorr_squared": ("cca:summary=r2", fitted(lambda rho: np.mean(rho**2)), "mean square of CanCorr(y, x).cancorr"),
    },
)
