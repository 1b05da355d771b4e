"""The fixture that judges an implementation, for pytest."""

import pytest


@pytest.fixture
def similitude_check():
    """``similitude.testing.check``: ``similitude_check(my_cka, "cka:estimator=debiased")``."""
    from .testing import check

    return check
