"""An implementation of one's own, judged inside one's own tests.

    from similitude import testing

    def test_my_cka():
        testing.check(my_cka, "cka:estimator=debiased")

With the package installed pytest knows the fixture ``similitude_check``, which is :func:`check`.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _similitude
from ._checks import measure_text, whole
from ._errors import InputError

#: A function of two arrays of float64, examples x neurons. Where there is no value it raises, or returns None or NaN.
Judged = Callable[[NDArray[np.float64], NDArray[np.float64]], Any]


def check(function: Judged, measure: str, *, cases: int = 24, seed: int = 0) -> str:
    """Tries a function of two arrays against everything that is known of a measure: published tables, drawn pairs, every
    law, the edges of its domain.

    ``function(x, y)`` gets float64 arrays, examples x neurons, and must leave them as they are. Where the measure has no
    value it must raise, or return None or NaN.

    Returns the verdict in words. Raises AssertionError with the whole report, which begins with the verdict: what the
    function computes instead, how to mend it, and the smallest inputs that show it.
    """
    __tracebackhide__ = True
    asked = _Asked(function)
    holds, verdict, report = _similitude.check(asked, measure_text(measure), whole(cases, "cases"), whole(seed, "seed"))
    if not holds:
        raise AssertionError(report + (asked.words() if asked.answers == 0 else ""))
    if asked.changed:
        raise AssertionError(f"{verdict} But it changes the arrays that it is given: compute with copies (x = x - x.mean(0), not x -= ...)")
    return verdict


def identify(function: Judged, family: str = "all") -> str:
    """Says in words which of the known conventions of a measure (or of all of them) a function computes.

    Where it answers nothing, the words say what it raised.
    """
    asked = _Asked(function)
    found = _similitude.identify(asked, measure_text(family, "family"))
    return found + (asked.words() if asked.answers == 0 else "")


class _Asked:
    """A function, and what it raised or answered in place of numbers."""

    def __init__(self, function):
        if not callable(function):
            raise InputError(f"function: a function of two arrays is judged, and this is {type(function).__name__}")
        self.function, self.answers, self.said, self.changed = function, 0, {}, False

    def __call__(self, x, y):
        given = x.copy(), y.copy()
        try:
            answer = self.function(x, y)
            if isinstance(answer, complex) or getattr(getattr(answer, "dtype", None), "kind", "") == "c":
                raise TypeError("the answer is a complex number, and a value is a real one")
        except Exception as error:
            self.said.setdefault(f"raised {type(error).__name__}: {error}", True)
            raise
        finally:
            self.changed |= not all(map(np.array_equal, given, (x, y)))
        try:
            with warnings.catch_warnings():
                # Some versions of NumPy warn of arrays of one entry.
                warnings.simplefilter("ignore")
                float(answer)
        except (TypeError, ValueError):
            self.said.setdefault("answered None" if answer is None else f"answered {type(answer).__name__}, which is no number", True)
        else:
            self.answers += 1
        return answer

    def words(self):
        said = list(self.said)
        more = f", and {len(said) - 3} other messages" if len(said) > 3 else ""
        return f". It {'; it '.join(said[:3])}{more}" if said else ""
