"""The boundary between NumPy and the library, and everything that a person calls."""

import copy
import inspect
import json
import math
import pathlib
import pickle
import threading

import numpy as np
import pytest

import similitude as sim
from similitude import testing

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 7))
Y = X @ RNG.standard_normal((7, 5)) + RNG.standard_normal((60, 5))


def numpy_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)


def test_a_value_is_that_of_the_formula_and_carries_its_convention():
    score = sim.cka(X, Y)
    assert abs(score - numpy_cka(X, Y)) <= score.error_bound + 1e-14
    assert isinstance(score, float) and score.value == float(score)
    assert score.convention == {"kernel": "linear", "estimator": "biased"} and score.measure == "cka:kernel=linear,estimator=biased"
    assert (score.n, score.p1, score.p2, score.direction) == (60, 7, 5, "similarity")
    assert 0 < score.error_bound < 1e-12 and score.diagnostics["space"] == "features"
    assert score.measure in repr(score) and "<table>" in score._repr_html_()
    with pytest.raises(AttributeError):
        score.nothing
    for twin in (pickle.loads(pickle.dumps(score)), copy.deepcopy(score)):
        assert twin == score and twin.diagnostics == score.diagnostics and twin.convention == score.convention


def test_every_measure_is_a_function_with_its_keys_and_words():
    for measure in sim.measures():
        function = getattr(sim, measure["id"].replace("-", "_"))
        parameters = list(inspect.signature(function).parameters)
        assert parameters == ["x", "y"] + [key["name"].replace("-", "_") for key in measure["keys"]]
        assert measure["formula"] in function.__doc__ and "Cost: " in function.__doc__
        for convention in (entry["measure"] for entry in measure["conventions"]):
            keys = dict(pair.split("=") for pair in convention.partition(":")[2].split(","))
            given = {name.replace("-", "_"): float(value) if value.replace(".", "").isdigit() and name != "k" else value for name, value in keys.items()}
            given = {name: int(value) if name in ("k", "degree") else value for name, value in given.items()}
            try:
                score = function(X, Y, **given)
            except sim.UndefinedError:
                continue
            assert score.measure == convention
            assert float(score) == float(sim.compare(X, Y, convention))


def test_golden_vectors():
    directory = pathlib.Path(__file__).resolve().parents[2] / "verification" / "vectors"
    tried = 0
    for path in sorted(directory.glob("*.json")):
        record = json.loads(path.read_text())
        if path.stem not in {measure["id"] for measure in sim.measures()}:
            continue
        for case in record["cases"]:
            x, y = np.load(directory / case["x"]), np.load(directory / case["y"])
            if case["value"] is None:
                with pytest.raises(sim.SimilitudeError):
                    sim.compare(x, y, case["convention"])
                continue
            score = sim.compare(x, y, case["convention"])
            exact = float(case["value"])
            assert abs(score - exact) <= score.error_bound + abs(exact) * 2.3e-16, (case, score)
            tried += 1
    assert tried > 500


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", ">f4", "i1", "u2", "i4", "i8", "?"])
def test_types_are_widened_exactly(dtype):
    whole = RNG.integers(0, 2 if dtype == "?" else 9, (40, 6))
    x, y = whole.astype(dtype), Y[:40]
    before = x.copy()
    assert float(sim.cka(x, y)) == float(sim.cka(whole.astype("f8"), y))
    assert np.array_equal(x, before) and x.dtype == np.dtype(dtype)


def test_strides_orders_and_views_are_the_same_numbers():
    wide = RNG.standard_normal((120, 21))
    views = [wide[::2, ::3], wide[::-2, ::-3], np.asfortranarray(wide)[10:70, 2:9], wide.T[:7, :60].T]
    for view in views:
        frozen = view.view()
        frozen.flags.writeable = False
        assert float(sim.cka(view, Y)) == float(sim.cka(np.ascontiguousarray(view), Y)) == float(sim.cka(frozen, Y))
    repeated = np.broadcast_to(X[:, :1], (60, 4))
    assert float(sim.cka(repeated, Y)) == float(sim.cka(repeated.copy(), Y))
    shifted = np.frombuffer(b"\0" + X.tobytes(), dtype=np.uint8)[1:].view("f8").reshape(X.shape)
    assert shifted.ctypes.data % 8 == 1
    with pytest.raises(sim.InputError, match="ascontiguousarray"):
        sim.cka(shifted, Y)


class Exporter:
    """An array that speaks DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_other_arrays():
    assert float(sim.cka(Exporter(X.copy()), Y)) == float(sim.cka(X, Y)) == float(sim.cka(X.tolist(), Y))
    jax = pytest.importorskip("jax")
    assert float(sim.cka(jax.numpy.asarray(X, dtype="float32"), Y)) == float(sim.cka(X.astype("f4"), Y))


def test_a_torch_tensor_that_learns():
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    assert float(sim.cka(x, Y)) == float(sim.cka(X, Y))
    assert float(sim.cka(x.bfloat16(), Y)) == float(sim.cka(x.bfloat16().float().detach().numpy(), Y))


@pytest.mark.parametrize(
    "x, message",
    [
        (X[0], "two axes"),
        (X.reshape(60, 7, 1), "two axes"),
        (np.empty((0, 3)), "holds nothing"),
        (np.empty((60, 0)), "holds nothing"),
        (X[:59], "59"),
        (X + 1j, "complex"),
        (np.array([["a"] * 3] * 60), "no numbers"),
        (np.full((60, 2), np.nan), "row 0, column 0"),
        (np.where(np.arange(420).reshape(60, 7) == 72, np.inf, X), "row 10, column 2"),
        ([[1.0], [1.0, 2.0]], "x"),
        (np.full((60, 2), 2**53 + 1), "2^53"),
    ],
)
def test_what_is_no_representation_is_an_input_error(x, message):
    with pytest.raises(sim.InputError) as raised:
        sim.cka(x, Y)
    assert message in str(raised.value) and isinstance(raised.value, ValueError)


def test_exceptions_say_why():
    with pytest.raises(sim.UndefinedError, match="constant"):
        sim.cka(np.ones((60, 3)), Y)
    with pytest.raises(sim.DegenerateError, match="degenerate=allow"):
        sim.cca(RNG.standard_normal((10, 20)), RNG.standard_normal((10, 3)))
    assert float(sim.cca(RNG.standard_normal((10, 20)), RNG.standard_normal((10, 3)), degenerate="allow")) == pytest.approx(1.0)
    with pytest.raises(sim.InputError, match="did you mean cka:estimator=debiased"):
        sim.compare(X, Y, "cka:debiased")
    with pytest.raises(TypeError, match="kernel, estimator"):
        sim.cka(X, Y, kernal="rbf")


def test_threads_at_once_have_the_same_bits():
    want, found = float(sim.cka(X, Y, kernel="rbf")), []
    threads = [threading.Thread(target=lambda: found.append(float(sim.cka(X, Y, kernel="rbf")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [want] * 8


def test_many_calls_keep_no_memory():
    resource = pytest.importorskip("resource")

    def run(times):
        for _ in range(times):
            sim.cka(X, Y)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = run(2000)
    assert run(20000) <= before + 4096  # KiB


def test_a_sweep_is_its_pairs():
    a = {f"h.{i}": RNG.standard_normal((50, 4 + i)) for i in range(3)}
    b = {name: x @ np.linalg.qr(RNG.standard_normal((x.shape[1],) * 2))[0] for name, x in a.items()}
    b["dead"] = np.ones((50, 2))
    seen = []
    result = sim.sweep(a, b, ["cka", "procrustes:form=angle"], progress=seen.append)
    assert sum(seen) == 2 * 3 * 4 and result["cka"].shape == (3, 4)
    for i, x in enumerate(a.values()):
        for j, y in enumerate(b.values()):
            if j == 3:
                assert math.isnan(result["cka"][i, j])
            else:
                assert result["cka"][i, j] == float(sim.cka(x, y)) and result.error_bounds("cka")[i, j] < 1e-12
    assert len(result.errors) == 6 and result.errors[0][2:4] == ("dead", "undefined")
    assert [match[0] for match in result.best_match("procrustes:form=angle").values()] == ["h.0", "h.1", "h.2"]
    with pytest.raises(sim.InputError, match="correspond"):
        result.accuracy("cka")
    with pytest.raises(sim.InputError, match="which of"):
        result.best_match()
    assert sim.sweep(a, measures="cka").accuracy() == 1.0
    assert len(list(result.records())) == 24 and "h.2" in result._repr_html_()


def test_a_sweep_reads_archives_and_ends_when_it_is_told_to(tmp_path):
    layers = {f"h.{i}": RNG.standard_normal((30, 3)) for i in range(4)}
    np.savez(tmp_path / "net.npz", **layers)
    assert np.array_equal(sim.sweep(tmp_path / "net.npz", measures="cka")["cka"], sim.sweep(layers, measures="cka")["cka"])
    with pytest.raises(sim.InputError, match=".npz"):
        sim.sweep(str(tmp_path / "net.pt"))

    def enough(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sim.sweep(layers, measures="cka", progress=enough)


def test_a_table_on_disk_reads_back(tmp_path):
    result = sim.sweep({"a": X, "b": Y}, measures="cka")
    result.to_csv(tmp_path / "scores.csv")
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert lines[0] == "layer_a,layer_b,measure,value,error_bound" and len(lines) == 5
    assert float(lines[2].split(",")[-2]) == result["cka"][0, 1]


def test_an_implementation_is_judged():
    def guarded(x, y):
        if np.ptp(x, axis=0).max() == 0 or np.ptp(y, axis=0).max() == 0:
            return None
        return numpy_cka(x, y)

    assert "cka:kernel=linear,estimator=biased: yes" in testing.check(guarded, "cka", cases=4)
    with pytest.raises(AssertionError) as raised:
        testing.check(guarded, "cka:estimator=debiased", cases=4)
    first = str(raised.value).splitlines()[0]
    assert first.startswith("cka:kernel=linear,estimator=debiased: no. It computes cka:kernel=linear,estimator=biased")
    assert testing.identify(lambda x, y: 1 - numpy_cka(x, y), "cka").startswith("1 - s, where s is cka")
    with pytest.raises(sim.InputError):
        testing.check(guarded, "ckq")


def test_texts():
    assert "cka:kernel=linear,estimator=biased" in sim.methods("cka") and "@" in sim.bibtex(["cka"])
    assert sim.__version__ == sim.cka(X, Y).version
    with pytest.raises(sim.InputError, match="1 to 1024"):
        sim.set_threads(0)
