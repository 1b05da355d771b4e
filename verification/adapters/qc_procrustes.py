"""qc-procrustes: the error of the optimal orthogonal transformation, translated and scaled to unit norm."""

from procrustes import orthogonal
from protocol import serve, version

serve(
    "qc-procrustes",
    version("qc-procrustes"),
    {
        "orthogonal": (
            "procrustes:form=squared",
            lambda x, y: orthogonal(x, y, translate=True, scale=True, pad=True).error,
            "orthogonal(translate=True, scale=True, pad=True).error",
        )
    },
)
