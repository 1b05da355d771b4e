"""repsim: CKA, HSIC, CCA, SVCCA and PWCCA of a list of representations."""

import repsim
from protocol import serve, version


def of_pair(function, **options):
    return lambda x, y: function([x, y], **options)[0, 1]


serve(
    "repsim",
    version("repsim"),
    {
        "cka_linear": ("cka", of_pair(repsim.cka, kernel_type="linear", estimator="gretton"), "cka(kernel_type='linear', estimator='gretton')"),
        "cka_linear_song": ("cka:estimator=debiased", of_pair(repsim.cka, kernel_type="linear", estimator="song"), "cka(kernel_type='linear', estimator='song')"),
        "cka": ("cka:kernel=rbf", of_pair(repsim.cka), "cka with its defaults: rbf, gretton"),
        "hsic_linear": ("hsic", of_pair(repsim.hsic, kernel_type="linear", estimator="gretton"), "hsic(kernel_type='linear', estimator='gretton')"),
        "hsic_linear_song": ("hsic:estimator=unbiased", of_pair(repsim.hsic, kernel_type="linear", estimator="song"), "hsic(kernel_type='linear', estimator='song')"),
        "cca_yanai": ("cca:summary=r2,divisor=geometric", of_pair(repsim.cca, summary_type="yanai"), "cca(summary_type='yanai')"),
        "cca_pillai": ("cca:summary=r2", of_pair(repsim.cca, summary_type="pillai"), "cca(summary_type='pillai')"),
        "svcca_yanai": ("svcca:summary=r2,divisor=geometric", of_pair(repsim.svcca, summary_type="yanai"), "svcca(summary_type='yanai')"),
        "svcca_pillai": ("svcca:summary=r2", of_pair(repsim.svcca, summary_type="pillai"), "svcca(summary_type='pillai')"),
        "pwcca": ("pwcca:weights=x", of_pair(repsim.pwcca), "pwcca, entry (0, 1)"),
    },
)
