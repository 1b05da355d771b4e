"""Arrays of every type, order, stride and library."""

import numpy as np
import pytest

import similitude as sim


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", ">f4", "i1", "u2", "i4", "i8", "u8", "?", "g"])
def test_types_are_widened_exactly(dtype, rng, y):
    whole = rng.integers(0, 2 if dtype == "?" else 9, (60, 6))
    x = whole.astype(dtype)
    before = x.copy()
    assert float(sim.cka(x, y)) == float(sim.cka(whole.astype("f8"), y))
    assert float(sim.sweep({"x": x}, {"y": y})["cka"][0, 0]) == float(sim.cka(x, y))
    assert np.array_equal(x, before) and x.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">i8", ">u4", "g", "f8", "i8", "i4"])
def test_every_digit_reaches_sweeps_and_moments(dtype, rng):
    # Neurons far from 0, of which float32 holds no digit that differs.
    x, y = ((rng.integers(-99, 99, (60, p)) + 2**28).astype(dtype) for p in (4, 3))
    x[:, :3] += y
    whole = sim.cka(x.astype("f8"), y.astype("f8"))
    assert float(sim.sweep({"x": x}, {"y": y})["cka"][0, 0]) == float(sim.cka(x, y)) == float(whole)
    for products in ("host", "device"):
        score = sim.Moments(products).update(x, y).score()
        assert abs(score - whole) <= score.error_bound + whole.error_bound


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float6_e3m2fn", "float4_e2m1fn", "int4", "uint2"])
def test_narrow_types(dtype, rng, y):
    types = pytest.importorskip("ml_dtypes")
    if not hasattr(types, dtype):
        pytest.skip(f"ml_dtypes without {dtype}")
    x = rng.integers(0 if dtype == "uint2" else -3, 4, (60, 6)).astype(getattr(types, dtype))
    assert float(sim.cka(x, y)) == float(sim.cka(x.astype("f8"), y)) == float(sim.sweep({"x": x}, {"y": y})["cka"][0, 0])


def test_strides_orders_and_views_are_the_same_numbers(rng, x, y):
    wide = rng.standard_normal((120, 21))
    views = [wide[::2, ::3], wide[::-2, ::-3], np.asfortranarray(wide)[10:70, 2:9], wide.T[:7, :60].T]
    for view in views:
        frozen = view.view()
        frozen.flags.writeable = False
        assert sim.to_array(view) is view
        assert float(sim.cka(view, y)) == float(sim.cka(np.ascontiguousarray(view), y)) == float(sim.cka(frozen, y))
        assert float(sim.cka(view.astype("f4"), y)) == sim.sweep({"x": view.astype("f4")}, {"y": y})["cka"][0, 0]
    repeated = np.broadcast_to(x[:, :1], (60, 4))
    assert float(sim.cka(repeated, y)) == float(sim.cka(repeated.copy(), y))
    shifted = np.frombuffer(b"\0" + x.tobytes(), dtype=np.uint8)[1:].view("f8").reshape(x.shape)
    assert shifted.ctypes.data % 8 == 1
    # Such arrays come over networks: Dask has them.
    assert float(sim.cka(shifted, y)) == float(sim.cka(x, y)) == sim.sweep({"x": shifted}, {"y": y})["cka"][0, 0]
    fields = np.zeros(60, dtype=[("byte", "u1"), ("x", "f8", 3)])
    fields["x"] = x[:, :3]
    assert fields.strides[0] % 8 and float(sim.cka(fields["x"], y)) == float(sim.cka(x[:, :3], y))


class Exporter:
    """An array that speaks DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Elsewhere(Exporter):
    """An array on a device that NumPy does not reach."""

    def __dlpack_device__(self):
        return (2, 0)

    def __dlpack__(self, **options):
        raise BufferError("not on the processor")


def test_other_arrays(x, y):
    assert float(sim.cka(Exporter(x.copy()), y)) == float(sim.cka(x, y)) == float(sim.cka(x.tolist(), y))
    assert np.shares_memory(sim.to_array(Exporter(x)), x)
    with pytest.raises(sim.InputError, match="Elsewhere does not become a NumPy array"):
        sim.cka(Elsewhere(x), y)
    masked = np.ma.masked_greater(x, 1.0)
    with pytest.raises(sim.InputError, match="masked"):
        sim.cka(masked, y)
    assert float(sim.cka(np.ma.array(x), y)) == float(sim.cka(x, y))


def test_sparse_matrices_name_the_remedy(x, y):
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(sim.InputError, match="toarray"):
        sim.cka(sparse.csr_matrix(x), y)


def test_tables(x, y):
    pandas = pytest.importorskip("pandas")
    assert float(sim.cka(pandas.DataFrame(x), y)) == float(sim.cka(x, y))


def test_jax(x, y):
    jax = pytest.importorskip("jax")
    narrow = jax.numpy.asarray(x, dtype="float32")
    assert float(sim.cka(narrow, y)) == float(sim.cka(x.astype("f4"), y))
    assert float(sim.cka(narrow.astype("bfloat16"), y)) == float(sim.cka(np.asarray(narrow.astype("bfloat16")).astype("f8"), y))


def test_a_torch_tensor_that_learns(x, y):
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(x, requires_grad=True)
    assert float(sim.cka(tensor, y)) == float(sim.cka(x, y))
    assert float(sim.cka(tensor.bfloat16(), y)) == float(sim.cka(tensor.bfloat16().float().detach().numpy(), y))


@pytest.mark.parametrize(
    "bad, message",
    [
        (lambda x: x[0], "two axes"),
        (lambda x: x.reshape(60, 7, 1)[:, :, [0, 0]], "axes="),
        (lambda x: np.float64(1.0), "two axes"),
        (lambda x: np.empty((0, 3)), "holds nothing"),
        (lambda x: np.empty((60, 0)), "holds nothing"),
        (lambda x: np.empty((60, 0, 2)), "holds nothing"),
        (lambda x: x[:1], "1 example"),
        (lambda x: x[:59], "59"),
        (lambda x: x + 1j, "complex"),
        (lambda x: np.array([["a"] * 3] * 60), "no numbers"),
        (lambda x: x.astype("M8[s]"), "no numbers"),
        (lambda x: np.full((60, 2), np.nan), "row 0, column 0"),
        (lambda x: [[1.0], [1.0, 2.0]], "x"),
        (lambda x: None, "x"),
        (lambda x: "x.npy", "numpy.load"),
        (lambda x: np.full((60, 2), 2**53 + 1), "2^53"),
        (lambda x: np.full((60, 2), 2**64 - 1, dtype="u8"), "2^53"),
        (lambda x: np.full((60, 2), -(2**53) - 1), "2^53"),
    ],
)
def test_what_is_no_representation_is_an_input_error(bad, message, x, y):
    with pytest.raises(sim.SimilitudeError) as raised:
        sim.cka(bad(x), y)
    assert message in str(raised.value) and isinstance(raised.value, ValueError)


def test_axes_are_named_and_positions_chosen(rng, y):
    images = rng.standard_normal((60, 3, 4, 5))
    flat = float(sim.cka(images.reshape(60, -1), y))
    score = sim.cka(images, y, axes="nchw", spatial="flatten")
    assert float(score) == flat and score.reading == {"x": "axes nchw, spatial flatten", "y": None}
    assert "nchw" in score._repr_html_()
    last = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    assert abs(sim.cka(images.mean((2, 3)), y) - sim.cka(last, y, axes="nhwc", spatial="mean")) < 1e-14
    assert float(sim.compare(images, y, "cka", axes="nchw", spatial="max")) == float(sim.cka(images.max((2, 3)), y))
    positions = last.reshape(-1, 3)
    assert float(sim.cka(images, last, axes="nchw", axes_y="nhwc", spatial="positions")) == float(sim.cka(positions, positions))
    assert float(sim.cka(images.astype("f4"), y, axes="nchw", spatial="flatten")) == float(sim.cka(images.astype("f4").reshape(60, -1), y))
    for options, message in [
        ({}, "axes=nchw"),
        ({"axes": "nchw"}, "spatial="),
        ({"axes": "nchq"}, "'q' names no axis"),
        ({"axes": "nchw", "spatial": "average"}, "average"),
    ]:
        with pytest.raises(sim.InputError) as raised:
            sim.cka(images, y, **options)
        assert message in str(raised.value) and "--" not in str(raised.value)


def test_padding_is_left_out(rng, y):
    tokens, lengths = rng.standard_normal((60, 6, 4)), rng.integers(1, 7, 60)
    mask = np.arange(6) < lengths[:, None]
    means = np.stack([row[:length].mean(0) for row, length in zip(tokens, lengths)])
    read = {"axes": "ntd", "spatial": "mean"}
    padded = np.where(mask[:, :, None], tokens, np.nan)
    for padding in ({"mask": mask}, {"mask": mask.tolist()}, {"lengths": lengths}):
        assert abs(sim.cka(padded, y, **read, **padding) - sim.cka(means, y)) < 1e-14
    other = rng.standard_normal((60, 6, 3))
    rows = (
        np.concatenate([row[:length] for row, length in zip(tokens, lengths)]),
        np.concatenate([row[:length] for row, length in zip(other, lengths)]),
    )
    positions = {"axes": "ntd", "spatial": "positions", "mask": mask}
    assert float(sim.cka(tokens, other, **positions)) == float(sim.cka(*rows))
    # Rows that are other positions are no pairs.
    swapped = mask[::-1]
    assert swapped.sum() == mask.sum()
    with pytest.raises(sim.InputError, match="both must have the same ones"):
        sim.cka(tokens, other, **positions, mask_y=swapped)
    with pytest.raises(sim.InputError, match="30 examples and y has 60"):
        sim.cka(tokens.reshape(30, 12, 4), other, axes="ntd", spatial="positions")
    with pytest.raises(sim.InputError, match="one of them can be given"):
        sim.cka(tokens, y, **read, mask=mask, lengths=lengths)
    with pytest.raises(sim.InputError, match="mask"):
        sim.cka(tokens, y, **read, mask=mask * 2)


def test_a_mask_of_arrays_without_positions_is_told(x, y, rng):
    mask, read = np.ones((len(x), 4)), {"axes": "ntd", "spatial": "mean"}
    tokens = rng.standard_normal((len(x), 4, 3))
    for asked in ({"mask": mask}, {"lengths": mask.sum(1)}, {"mask_y": mask}, {"lengths_y": mask.sum(1)}):
        (key,) = asked
        with pytest.warns(UserWarning, match=f"^{key}= has no effect") as told:
            score = sim.cka(x, y, **asked)
        assert score == sim.cka(x, y) and [warning.filename for warning in told] == [__file__]
        other = (tokens, y) if key.endswith("_y") else (y, tokens)
        # Those of x are those of y too, unless y has its own.
        if key.endswith("_y"):
            with pytest.warns(UserWarning, match=f"^{key}= has no effect"):
                sim.cka(*other, **read, **asked)
        else:
            sim.cka(*other, **read, **asked)
    with pytest.warns(UserWarning, match=r"^mask= has no effect"):
        sim.cka(x, tokens, **read, mask=mask, mask_y=mask)
    with pytest.warns(UserWarning, match=r"^mask= has no effect"):
        sim.to_array(x, mask=mask)
    sim.cka(tokens, tokens, **read, mask=mask)
    sim.to_array(tokens, **read, mask=mask)


def test_arrays_that_need_another_look_are_looked_at(x, y):
    """What is no float64 array of two axes in this machine's order of bytes goes the other way, to the same value."""
    known = sim.cka(x, y)
    masked = np.ma.masked_array(x, mask=False)
    for same in (x.astype(x.dtype.newbyteorder()), x.view(type("Sub", (np.ndarray,), {})), masked, x[::-1][::-1], np.asfortranarray(x)):
        assert sim.cka(same, y) == known == sim.cka(y, same)
    narrow = x.astype(np.float32)
    assert sim.cka(narrow, y) == sim.cka(narrow.astype(float), y)
    for wrong, words in ((x[:, 0], "two axes"), (x[:, :, None, None] * np.ones((2, 2)), "axes"), (x[:0], "holds nothing")):
        with pytest.raises(sim.InputError, match=words):
            sim.cka(wrong, y)
