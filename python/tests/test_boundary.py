"""Any array: the value of the same numbers in a plain array, or the exception of its kind; never a crash."""

import math

import numpy as np
import pytest

import similitude as sim

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

MEASURES = [
    "cka",
    "cka:estimator=debiased",
    "cka:kernel=rbf",
    "cca",
    "linear-regression",
    "procrustes",
    "mutual-knn:k=2",
    "rsa:rdm=euclidean",
]
REAL = ["f2", "f4", "f8", ">f2", ">f4", ">f8", "i1", "u1", "i2", "u4", "i8", "u8", ">i4", "?", "g"]
OTHER = ["c8", "c16", "S3", "U2", "O", "M8[s]", "m8[s]", "V4"]


@st.composite
def laid_out(draw, n, p, dtype):
    """An array of n x p in any order, strides and alignment of rows, read-only or not."""
    steps = draw(st.tuples(st.sampled_from([1, 2, 3, -1, -2]), st.sampled_from([1, 2, -1, -3])))
    start = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    whole = [abs(step) * length + first for step, length, first in zip(steps, (n, p), start)]
    # Most entries are numbers of a measure's daily work; some are what it must refuse.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    base = (rng.standard_normal(whole) * draw(st.sampled_from([1, 10, 60]))).astype(dtype)
    if base.size and draw(st.integers(0, 9)) == 0:
        places = tuple(rng.integers(0, length) for length in whole)
        kind = base.dtype.kind
        extremes = [np.nan, np.inf, -np.inf, 1.0] if kind == "f" else [np.iinfo(dtype).max, np.iinfo(dtype).min] if kind in "iu" else [True]
        base[places if draw(st.booleans()) else ...] = draw(st.sampled_from(extremes))
    if draw(st.booleans()):
        base = np.asfortranarray(base)
    if draw(st.booleans()):
        base = np.ascontiguousarray(base.T).T
    cut = base[start[0] :, start[1] :][:: steps[0], :: steps[1]][:n, :p]
    if draw(st.integers(0, 9)) == 0 and n and p:
        cut = np.broadcast_to(cut[:, :1], (n, p)) if draw(st.booleans()) else np.broadcast_to(cut[:1], (n, p))
    if draw(st.booleans()):
        cut = cut.view()
        cut.flags.writeable = False
    return cut


def answer(x, y, measure):
    """The value, or the exception with its words."""
    try:
        return sim.compare(x, y, measure)
    except sim.SimilitudeError as error:
        return type(error), str(error), tuple(sorted((key, str(value)) for key, value in error.numbers.items()))


def same(a, b):
    return type(a) is type(b) and (
        float(a) == float(b) and str(a.diagnostics) == str(b.diagnostics) if isinstance(a, sim.Score) else a == b
    )


@settings(max_examples=400)
@given(st.data())
def test_any_real_array_is_its_numbers(data):
    n, p, q = data.draw(st.one_of(st.tuples(st.integers(6, 30), st.integers(1, 4), st.integers(1, 4)), st.tuples(*[st.integers(0, 5)] * 3)))
    x = data.draw(laid_out(n, p, data.draw(st.sampled_from(REAL))))
    y = data.draw(laid_out(n if data.draw(st.integers(0, 9)) else n + 1, q, data.draw(st.sampled_from(REAL))))
    before = [z.tobytes() for z in (x, y)]
    measure = data.draw(st.sampled_from(MEASURES))
    found = answer(x, y, measure)
    hypothesis.event("a value" if isinstance(found, sim.Score) else found[0].__name__)
    exact = all((z.dtype.kind != "i" and z.dtype.kind != "u") or all(int(float(int(v))) == int(v) for v in z.flat) for z in (x, y))
    exact = exact and all(z.dtype.itemsize <= 8 or np.array_equal(z.astype("f8").astype(z.dtype), z, equal_nan=True) for z in (x, y))
    if exact:
        plain = [np.array(z.astype("f8"), order="C") for z in (x, y)]
        # A value of other strides is the value of the same numbers within the bounds; the bits are those of the same layout.
        want = answer(*plain, measure)
        if isinstance(found, sim.Score) and isinstance(want, sim.Score):
            assert math.isfinite(found) and abs(found - want) <= found.error_bound + want.error_bound
        else:
            assert same(found, want), (found, want)
    else:
        assert found[0] is sim.InputError
    assert before == [z.tobytes() for z in (x, y)]
    for z in (x, y):
        if z.size == 0:
            assert isinstance(found, tuple) and found[0] is sim.InputError
        elif exact and not np.all(np.isfinite(z.astype("f8"))):
            assert found[0] is sim.InputError


@pytest.mark.parametrize("dtype", OTHER)
def test_any_other_array_is_an_input_error(dtype):
    for shape in [(4, 2), (0, 2), (4, 0), (4, 2, 2), (4,), ()]:
        with pytest.raises(sim.InputError):
            sim.cka(np.zeros(shape, dtype), np.eye(4)[:, :2])


@settings(max_examples=150)
@given(st.data())
def test_any_shape_and_axes(data):
    shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=5)))
    x = np.arange(math.prod(shape), dtype="f4").reshape(shape)
    x = np.sin(x * x) if data.draw(st.booleans()) else x
    options = {
        "axes": data.draw(st.sampled_from([None, "n", "nd", "nchw", "nhwc", "ntd", "tnd", "nLd", "nn", "xyz", "ntd,nchw", ""])),
        "spatial": data.draw(st.sampled_from([None, "flatten", "mean", "max", "first", "last", "token=1", "positions", "sum"])),
        "mask": data.draw(st.sampled_from([None, np.ones((4, 3)), np.ones(4), np.eye(4), 1])),
        "lengths": data.draw(st.sampled_from([None, [1, 2, 1, 1], [0, 1, 1, 1], 2.5])),
    }
    try:
        array = sim.to_array(x, **options)
    except sim.InputError as error:
        assert str(error)
        return
    assert array.ndim == 2 and array.dtype == np.float64 and array.size
    # Pooled values are among, or between, those that there were.
    assert array.min() >= x.min() and array.max() <= x.max()


@settings(max_examples=100)
@given(st.text(max_size=30), st.sampled_from(["", "cka:", "cka:kernel=", "rsa:rdm=", "mutual-knn:k="]))
def test_any_text_is_a_measure_or_an_input_error(text, before):
    x = np.sin(np.arange(24.0).reshape(8, 3) ** 2)
    try:
        assert isinstance(sim.compare(x, x[:, :2], before + text), float)
    except sim.SimilitudeError as error:
        assert str(error)
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for letter in text)
