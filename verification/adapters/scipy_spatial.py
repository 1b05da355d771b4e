"""scipy.spatial.procrustes: its disparity. It takes equal widths only; zero neurons make up the difference, which changes no distance."""

import numpy as np
from protocol import serve, version
from scipy.spatial import procrustes


def disparity(x, y):
    width = max(x.shape[1], y.shape[1])
    return procrustes(*(np.pad(z, ((0, 0), (0, width - z.shape[1]))) for z in (x, y)))[2]


note = "third result of spatial.procrustes, the narrower of the two padded with zero neurons"
serve("scipy", version("scipy"), {"procrustes": ("procrustes:form=disparity", disparity, note)})
