"""hyppo.independence: the statistics RV, CCA and Hsic."""

from hyppo.independence import CCA, RV, Hsic
from protocol import serve, version

serve(
    "hyppo",
    version("hyppo"),
    {
        "RV": ("cka", lambda x, y: RV().statistic(x, y), "RV().statistic"),
        "CCA": ("cca:summary=r2", lambda x, y: CCA().statistic(x, y), "CCA().statistic"),
        "Hsic_biased": ("cka:kernel=rbf", lambda x, y: Hsic(bias=True).statistic(x, y), "Hsic(bias=True).statistic, Gaussian kernel, median"),
        "Hsic": ("cka:kernel=rbf,estimator=debiased", lambda x, y: Hsic().statistic(x, y), "Hsic().statistic, Gaussian kernel, median"),
    },
)
