"""How alike are two neural representations, and is the number right?

    import similitude as sim
    score = sim.cka(X, Y, estimator="debiased")     # X is examples x neurons, rows of Y are the same examples
    float(score), score.error_bound, score.convention

There is a function for every measure (``sim.measures()`` lists them), ``sim.compare(X, Y, "cka:kernel=rbf")`` with the
grammar of the program and of result files, ``sim.sweep(a, b, measures=[...])`` for all layers of two networks,
``sim.capture(model, loader)`` for the layers of a model, ``sim.permutation_test``, ``sim.interval``, ``sim.compare_scores``
and ``sim.sample_size`` for what a value is worth, ``sim.Moments()`` for examples that are never together, and
``similitude.testing`` for an implementation of one's own.
"""

from . import testing
from ._arrays import RDM, Gram, to_array
from ._capture import capture, compare_models
from ._errors import DegenerateError, InputError, SimilitudeError, UndefinedError
from ._functions import FUNCTIONS as _FUNCTIONS
from ._functions import bibtex, compare, measures, methods, set_threads
from ._inference import (
    Difference,
    Interval,
    NoiseCeiling,
    NullTest,
    SampleSizes,
    Stability,
    adjust,
    compare_scores,
    interval,
    noise_ceiling,
    permutation_test,
    row_maximum,
    sample_size,
)
from ._moments import Moments
from ._score import Score
from ._similitude import __version__, get_threads
from ._sweep import sweep
from ._table import Sweep

globals().update(_FUNCTIONS)
_own = (bibtex, compare, measures, methods, set_threads, to_array, sweep, capture, compare_models, Gram, RDM, Score, Sweep, Moments)
_inferred = (adjust, compare_scores, interval, noise_ceiling, permutation_test, row_maximum, sample_size)
for _public in _own + _inferred:
    _public.__module__ = "similitude"

__all__ = [
    "DegenerateError",
    "Difference",
    "Gram",
    "InputError",
    "Interval",
    "Moments",
    "NoiseCeiling",
    "NullTest",
    "RDM",
    "SampleSizes",
    "Score",
    "SimilitudeError",
    "Stability",
    "Sweep",
    "UndefinedError",
    "__version__",
    "adjust",
    "bibtex",
    "capture",
    "compare",
    "compare_models",
    "compare_scores",
    "get_threads",
    "interval",
    "measures",
    "methods",
    "noise_ceiling",
    "permutation_test",
    "row_maximum",
    "sample_size",
    "set_threads",
    "sweep",
    "testing",
    "to_array",
    *_FUNCTIONS,
]
