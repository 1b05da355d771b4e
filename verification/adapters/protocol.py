"""The protocol of ADAPTERS.md, shared by the adapters in this directory."""

import importlib.metadata
import json
import math
import os
import platform
import sys
import time

import numpy as np


def version(package):
    """The installed version of a package."""
    return importlib.metadata.version(package)


def serve(name, package_version, functions):
    """Answers requests until standard input ends.

    `functions` maps a name to (measure, function, note): the measure that its documentation names, the function of two arrays of examples
    by neurons, and what was done to call it.
    """
    # Whatever a package prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("describe"):
            reply = {
                "name": name,
                "version": package_version,
                "runs_on": f"Python {platform.python_version()}, numpy {np.__version__}",
                "computes": [{"name": key, "measure": measure, "note": note} for key, (measure, _, note) in functions.items()],
            }
        else:
            reply = compare(functions[request["name"]][1], request)
        print(json.dumps(reply), file=answers, flush=True)


def compare(function, request):
    """One comparison: a value, or the exception that the function raised."""
    x, y = np.load(request["x"]), np.load(request["y"])
    if request.get("awake"):
        # Products for a twentieth of a second, as the benchmark does for itself: threads that have to be woken take milliseconds.
        square, until = np.ones((512, 512)), time.perf_counter() + 0.05
        while time.perf_counter() < until:
            square @ square
    began = time.perf_counter()
    try:
        value = float(function(x, y))
    except Exception as error:  # noqa: BLE001 - whatever it raises is how it declines
        return {"error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - began
    if math.isfinite(value):
        return {"value": value, "seconds": seconds}
    return {"value": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf", "seconds": seconds}
