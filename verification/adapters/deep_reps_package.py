"""deep-reps: functions of two tensors. Where one is documented for centered representations, the adapter centers them."""

import torch
from deep_reps import alignment_measures, cca_measures, rsm_measures
from protocol import serve, version


def of_pair(function, center=False):
    def value(x, y):
        x, y = (z - z.mean(axis=0) if center else z for z in (x, y))
        return function(torch.from_numpy(x).float(), torch.from_numpy(y).float())

    return value


serve(
    "deep-reps",
    version("deep-reps"),
    {
        "centered_kernel_alignment": ("cka", of_pair(rsm_measures.centered_kernel_alignment), "single precision, which its identity matrix asks for"),
        "compute_standard_cca": ("cca", of_pair(cca_measures.compute_standard_cca), "single precision"),
        "compute_yanai_cca": ("cca:summary=r2", of_pair(cca_measures.compute_yanai_cca), "single precision"),
        "compute_standard_svcca": ("svcca", of_pair(cca_measures.compute_standard_svcca), "single precision"),
        "orthogonal_procrustes": ("procrustes:form=distance", of_pair(alignment_measures.orthogonal_procrustes, True), "centered by the adapter, single precision"),
        "aligned_linear_regression": (
            "linear-regression:direction=x-from-y",
            of_pair(alignment_measures.aligned_linear_regression, True),
            "centered by the adapter, single precision",
        ),
        "normalized_bures_similarity": ("procrustes:form=similarity", of_pair(rsm_measures.normalized_bures_similarity, True), "centered by the adapter, single precision"),
    },
)
