"""An implementation of one's own, judged inside one's own tests.

    from similitude import testing

    def test_my_cka():
        testing.check(my_cka, "cka:estimator=debiased")

With the package installed pytest knows the fixture ``similitude_check``, which is :func:`check`.
"""

from . import _similitude


def check(function, measure, *, cases=24, seed=0):
    """Tries a function of two arrays against everything that is known of a measure: published tables, drawn pairs, every
    law, the edges of its domain.

    ``function(x, y)`` gets float64 arrays, examples x neurons. Where the measure has no value it must raise, or return
    None or NaN.

    Returns the verdict in words. Raises AssertionError with the whole report, which begins with the verdict: what the
    function computes instead, how to mend it, and the smallest inputs that show it.
    """
    __tracebackhide__ = True
    holds, verdict, report = _similitude.check(function, measure, cases, seed)
    if not holds:
        raise AssertionError(report)
    return verdict


def identify(function, family="all"):
    """Says in words which of the known conventions of a measure (or of all of them) a function computes."""
    return _similitude.identify(function, family)
