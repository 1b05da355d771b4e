import os
import signal

import numpy as np
import pytest

import similitude

try:
    from hypothesis import HealthCheck, settings

    # A processor that others use too is no reason to fail. The same draws each time, so that a run says something of the
    # change that it is run for; SIMILITUDE_DRAW=1 draws anew, to look for more.
    settings.register_profile(
        "similitude", deadline=None, derandomize="SIMILITUDE_DRAW" not in os.environ, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("similitude")
except ImportError:
    pass


@pytest.fixture
def interruptible():
    """Python's own answer to an interrupt: what a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def x(rng):
    return rng.standard_normal((60, 7))


@pytest.fixture
def y(x, rng):
    return x @ rng.standard_normal((7, 5)) + rng.standard_normal((60, 5))


@pytest.fixture
def pair(rng):
    x = rng.standard_normal((40, 3))
    return x, x[:, :2] + 2 * rng.standard_normal((40, 2))


def linear_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)


def environment(**more):
    """The variables of this process, with which another finds the package that is under test."""
    place = os.path.dirname(os.path.dirname(similitude.__file__))
    return {**os.environ, **({} if "site-packages" in place else {"PYTHONPATH": place, "MYPYPATH": place}), **more}
