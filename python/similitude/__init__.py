"""How alike are two neural representations, and is the number right?

    import similitude as sim
    score = sim.cka(X, Y, estimator="debiased")     # X is examples x neurons, rows of Y are the same examples
    float(score), score.error_bound, score.convention

There is a function for every measure (``sim.measures()`` lists them), ``sim.compare(X, Y, "cka:kernel=rbf")`` with the
grammar of the program and of result files, ``sim.sweep(a, b, measures=[...])`` for all layers of two networks, and
``similitude.testing`` for an implementation of one's own.
"""

from ._arrays import to_array
from ._score import Score
from ._similitude import (
    DegenerateError,
    InputError,
    SimilitudeError,
    UndefinedError,
    __version__,
    bibtex,
    methods,
    set_threads,
)
from ._sweep import Sweep, sweep
from . import _functions, testing

_functions.install(globals())
compare = _functions.compare
measures = _functions.measures

__all__ = [
    "DegenerateError",
    "InputError",
    "Score",
    "SimilitudeError",
    "Sweep",
    "UndefinedError",
    "__version__",
    "bibtex",
    "compare",
    "measures",
    "methods",
    "set_threads",
    "sweep",
    "testing",
    "to_array",
    *_functions.NAMES,
]
