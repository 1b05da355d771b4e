"""What does not fit into memory is refused before it starts: an allocation that fails would end the process."""

import os
import subprocess
import sys

import pytest
from conftest import environment

#: A row that stands for many takes no memory.
WORDS = """
import numpy as np, similitude as sim
x, y = (np.broadcast_to(np.arange(float(p))[None], (2_000_000, p)) for p in (2, 3))
wide = np.broadcast_to(1.0, (2, 3_000_000))
"""


@pytest.mark.skipif(not os.path.exists("/proc/meminfo"), reason="how much memory is free is not known here")
@pytest.mark.parametrize(
    "call",
    [
        'sim.cka(x, y, kernel="rbf")',
        'sim.rsa(x, y, rdm="euclidean")',
        "sim.distance_correlation(x, y, null=9)",
        'sim.interval(x, y, "mutual-knn")',
        'sim.row_maximum(x, {"x": x, "y": y}, "rsa")',
        'sim.noise_ceiling({"x": x, "y": y})',
        "sim.Moments().update(wide, wide)",
    ],
)
def test_what_does_not_fit_says_so(call):
    said = "print(error, error.code, error.needed > error.free > 0, sep='\\n')"
    words = f"{WORDS}\ntry:\n    {call}\nexcept sim.InputError as error:\n    {said}"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, env=environment(), timeout=300)
    assert done.returncode == 0, done.stderr
    message, *numbers = done.stdout.splitlines()
    assert "GiB of memory are needed, and " in message and numbers == ["memory", "True"]
