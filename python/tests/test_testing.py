"""Somebody's own implementation, judged in his own tests."""

import importlib.metadata

import numpy as np
import pytest
from conftest import linear_cka

import similitude as sim
from similitude import testing

pytest_plugins = ["pytester"]


def guarded(x, y):
    if np.ptp(x, axis=0).max() == 0 or np.ptp(y, axis=0).max() == 0:
        return None
    return linear_cka(x, y)


def test_an_implementation_is_judged():
    assert "cka:kernel=linear,estimator=biased: yes" in testing.check(guarded, "cka", cases=4)
    assert testing.check(sim.cka, "cka", cases=4)
    with pytest.raises(AssertionError) as raised:
        testing.check(guarded, "cka:estimator=debiased", cases=4)
    first = str(raised.value).splitlines()[0]
    assert first.startswith("cka:kernel=linear,estimator=debiased: no. It computes cka:kernel=linear,estimator=biased")
    with pytest.raises(AssertionError, match="edge::"):
        testing.check(linear_cka, "cka", cases=4)
    assert testing.identify(lambda x, y: 1 - linear_cka(x, y), "cka").startswith("1 - s, where s is cka")
    with pytest.raises(sim.InputError):
        testing.check(guarded, "ckq")


def test_what_is_no_real_number_and_what_writes_into_its_arguments():
    with pytest.raises(AssertionError, match="complex number"):
        testing.check(lambda x, y: np.complex128(linear_cka(x, y) + 0.3j), "cka", cases=2)

    def overwriting(x, y):
        value = guarded(x.copy(), y.copy())
        x -= x.mean(0)
        return value

    with pytest.raises(AssertionError, match=r"yes\. All .* But it changes the arrays that it is given"):
        testing.check(overwriting, "cka", cases=2)


def test_every_error_is_an_answer_but_what_ends_a_run_ends_it():
    calls = []

    def broken(x, y):
        calls.append(1)
        raise OSError("no disk")

    with pytest.raises(AssertionError, match="no disk"):
        testing.check(broken, "cka", cases=2)
    calls.clear()

    def stopped(x, y):
        calls.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        testing.check(stopped, "cka", cases=2)
    assert len(calls) == 1
    with pytest.raises(pytest.skip.Exception):
        testing.check(lambda x, y: pytest.skip("not here"), "cka", cases=2)
    with pytest.raises(KeyboardInterrupt):
        testing.identify(stopped, "cka")


def test_the_fixture(pytester):
    pytester.makepyfile(
        """
        import numpy as np
        import similitude

        def test_right(similitude_check):
            similitude_check(similitude.cka, "cka", cases=2)

        def test_wrong(similitude_check):
            similitude_check(similitude.cka, "cka:estimator=debiased", cases=2)
        """
    )
    # Where the package is installed pytest knows the fixture; where it is not, it is told.
    known = any(entry.value == "similitude._pytest" for entry in importlib.metadata.entry_points(group="pytest11"))
    result = pytester.runpytest(*([] if known else ["-p", "similitude._pytest"]))
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E*cka:kernel=linear,estimator=debiased: no. It computes cka:kernel=linear,estimator=biased*"])
    # The failure stands at the user's own line.
    result.stdout.no_fnmatch_line("*similitude/testing.py:*")
