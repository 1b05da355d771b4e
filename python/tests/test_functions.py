"""One function for each measure: its keys, its words, and what it refuses."""

import concurrent.futures
import inspect
import pickle

import numpy as np
import pytest

import similitude as sim
from similitude._functions import INFERENCE, READING, python_name


def given(convention):
    """The keys of a convention as keyword arguments."""
    keys = dict(pair.split("=") for pair in convention.partition(":")[2].split(",") if pair)

    def value(text):
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                pass
        return text

    return {python_name(name): value(text) for name, text in keys.items()}


def test_every_measure_is_a_function_with_its_keys_and_words(x, y):
    tried = 0
    for measure in sim.measures():
        function = getattr(sim, python_name(measure["id"]))
        parameters = inspect.signature(function).parameters
        assert list(parameters) == ["x", "y", *(python_name(key["name"]) for key in measure["keys"]), *READING, *INFERENCE]
        assert measure["formula"] in function.__doc__ and "Cost: " in function.__doc__
        for key in measure["keys"]:
            assert f"{python_name(key['name'])}: {key['help']}" in function.__doc__
            default = parameters[python_name(key["name"])].default
            assert default is None or default in (key.get("choices") or [key["default"]])
        if measure["convention"]:
            defaults = {key: value.default for key, value in parameters.items() if key not in ("x", "y")}
            try:
                assert function(x, y, **defaults).measure == measure["convention"]
            except sim.UndefinedError:
                pass
        for entry in measure["conventions"]:
            try:
                score = function(x, y, **given(entry["measure"]))
            except sim.UndefinedError:
                continue
            assert score.measure == entry["measure"]
            assert float(score) == float(sim.compare(x, y, entry["measure"]))
            tried += 1
    assert tried > 40


def test_values_of_keys_are_written_as_the_grammar_has_them(x, y):
    assert sim.cka(x, y, kernel="rbf", fraction=np.float32(0.5)).measure == sim.cka(x, y, kernel="rbf", fraction=0.5).measure
    assert sim.cka(x, y, kernel="polynomial", degree=np.int64(2)).convention["degree"] == "2"
    assert sim.cca(x, y, center=False).convention["center"] == sim.cca(x, y, center="no").convention["center"] == "no"
    assert sim.cka(x, y, kernel=None) == sim.cka(x, y)
    # Equal numbers that are written differently are told apart, whichever comes first.
    assert sim.mutual_knn(x, y, k=3).convention["k"] == "3"
    with pytest.raises(sim.InputError, match="k"):
        sim.mutual_knn(x, y, k=3.0)
    with pytest.raises(sim.InputError, match="comma"):
        sim.cka(x, y, kernel="rbf,fraction=0.4")
    with pytest.raises(sim.InputError, match="a text, a number or a bool"):
        sim.cka(x, y, kernel=["rbf"])
    with pytest.raises(TypeError, match="kernel, estimator"):
        sim.cka(x, y, kernal="rbf")


def test_exceptions_carry_their_numbers(x, y):
    bad = x.copy()
    bad[10, 2] = np.inf
    with pytest.raises(sim.InputError, match="row 10, column 2") as raised:
        sim.cka(bad, y)
    error = raised.value
    assert (error.code, error.row, error.column, error.value, error.name) == ("not_finite", 10, 2, np.inf, "x")
    assert error.numbers == {"name": "x", "row": 10, "column": 2, "value": np.inf} and isinstance(error, ValueError)
    with pytest.raises(sim.InputError) as raised:
        sim.cka(x[:59], y)
    assert (raised.value.n_x, raised.value.n_y) == (59, 60)
    with pytest.raises(sim.UndefinedError, match="constant") as raised:
        sim.cka(np.ones((60, 3)), y)
    assert (raised.value.code, raised.value.n, raised.value.p) == ("constant", 60, 3)
    assert raised.value.measure == "cka:kernel=linear,estimator=biased"
    with pytest.raises(sim.DegenerateError, match="degenerate=allow") as raised:
        sim.cca(x[:5], y[:5])
    assert (raised.value.n, raised.value.available, raised.value.dimensions_x) == (5, 4, 4)
    twin = pickle.loads(pickle.dumps(raised.value))
    assert type(twin) is sim.DegenerateError and twin.numbers == raised.value.numbers and str(twin) == str(raised.value)
    assert float(sim.cca(x[:5], y[:5], degenerate="allow")) == pytest.approx(1.0)
    with pytest.raises(sim.InputError, match="did you mean cka:estimator=debiased") as raised:
        sim.compare(x, y, "cka:debiased")
    assert raised.value.meant == "cka:estimator=debiased"
    with pytest.raises(sim.UndefinedError) as raised:
        sim.cka(x[:3], y[:3], estimator="debiased")
    assert (raised.value.n, raised.value.needed) == (3, 4)
    assert sim.InputError("no numbers").code is None


def test_what_is_wrong_with_the_numbers_comes_before_how_few_they_are():
    gap = np.full((2, 1), np.nan)
    for x, y in ((np.ones((1, 1)), gap), (gap, np.ones((1, 1)))):
        for call in (sim.cka, sim.permutation_test, sim.interval):
            with pytest.raises(sim.InputError, match=r"not finite|nan|NaN"):
                call(x, y)


def test_a_score_is_whole_whenever_it_is_looked_at(x, y):
    """Its parts are made when somebody asks: once, for all threads, and before it travels."""
    fresh = sim.cka(x, y)
    twin = pickle.loads(pickle.dumps(sim.cka(x, y)))
    assert twin == fresh and twin.to_dict() == fresh.to_dict() and repr(twin) == repr(fresh)
    assert fresh.diagnostics is fresh.diagnostics
    assert {"value", "measure", "diagnostics", "error_bound"} <= set(dir(sim.cka(x, y)))
    score = sim.cka(x, y)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: id(score.diagnostics), range(64)))
    assert len(set(found)) == 1
    for name in ("nothing", "_nothing"):
        with pytest.raises(AttributeError):
            getattr(score, name)
    with pytest.raises(AttributeError):
        sim.Score.__new__(sim.Score, {"value": 1.0})._found  # noqa: B018
