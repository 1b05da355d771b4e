"""dcor: distance correlation has no counterpart in the registry; with squared distances (exponent 2) its square is linear CKA."""

import dcor
from protocol import serve, version

serve(
    "dcor",
    version("dcor"),
    {
        "distance_correlation_sqr": ("cka", lambda x, y: dcor.distance_correlation_sqr(x, y, exponent=2), "distance_correlation_sqr(exponent=2)"),
        "u_distance_correlation_sqr": (
            "cka:estimator=debiased",
            lambda x, y: dcor.u_distance_correlation_sqr(x, y, exponent=2),
            "u_distance_correlation_sqr(exponent=2)",
        ),
    },
)
