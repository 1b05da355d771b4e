"""Nulls, intervals and comparisons of scores: the values of the program, and what textbooks say."""

import copy
import csv
import itertools
import json
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import environment, linear_cka

import similitude as sim


def program(directory, *arguments):
    """What the program prints."""
    command = [sys.executable, "-m", "similitude", *map(str, arguments)]
    return subprocess.run(command, cwd=directory, env=environment(), capture_output=True, text=True, timeout=300, check=True).stdout


def rows(path):
    """A long table without the names of its networks, numbers as numbers: the same one is written 1e-5 and 1e-05."""

    def value(text):
        try:
            return float(text)
        except ValueError:
            return text

    with open(path, newline="") as file:
        return [{name: value(text) for name, text in row.items() if name[:5] != "model"} for row in csv.DictReader(file)]


NULLS = {"p", "null_mean", "z", "calibrated"}
ENDS = {"lo", "hi", "se"}


@pytest.mark.parametrize("null", [199, "exact", None])
@pytest.mark.parametrize("interval", ["halves", "bootstrap", "bca", "jackknife", "analytic", None])
def test_a_comparison_has_the_values_of_the_program(tmp_path, pair, null, interval):
    np.save(tmp_path / "x.npy", pair[0])
    np.save(tmp_path / "y.npy", pair[1])
    asked = ["--null", null] if null else []
    asked += ["--interval", interval, "--resamples", 150, "--level", 0.9] if interval else []
    printed = program(tmp_path, "compare", "x.npy", "y.npy", "-m", "cka:estimator=debiased", "--seed", 7, "--format", "json", *asked)
    theirs = json.loads(printed)
    score = sim.compare(*pair, "cka:estimator=debiased", null=null, interval=interval, resamples=150, level=0.9, seed=7)
    assert float(score) == theirs["value"] and score.diagnostics == theirs["diagnostics"]
    expected = (NULLS if null else set()) | (ENDS if interval else set())
    assert expected <= score.diagnostics.keys() and not (NULLS | ENDS) - expected & score.diagnostics.keys()
    if null:
        facts = [score.null.p, score.null.null_mean, score.null.z, score.null.calibrated]
        assert facts == [theirs["diagnostics"][name] for name in ("p", "null_mean", "z", "calibrated")]
        assert score.null.score == float(score) and score.null.seed == (7 if null == 199 else None)
    if interval:
        assert [getattr(score.interval, name) for name in ("lo", "hi", "se")] == [
            theirs["diagnostics"][name] for name in ("lo", "hi", "se")
        ]
        assert score.interval.lo < score < score.interval.hi
    # The function of the measure is the same.
    again = sim.cka(*pair, estimator="debiased", null=null, interval=interval, resamples=150, level=0.9, seed=7)
    assert again.diagnostics == score.diagnostics


def test_a_sweep_has_the_values_of_the_program(tmp_path, rng):
    a = {f"h.{i}": rng.standard_normal((30, 3 + i)) for i in range(3)}
    b = {"one": a["h.0"] + rng.standard_normal((30, 3)), "two": rng.standard_normal((30, 5))}
    for name, network in (("a", a), ("b", b)):
        np.savez(tmp_path / f"{name}.npz", **network)
    measures = ["cka", "rsa:rdm=squared-euclidean,compare=pearson"]
    for null, adjust in [(99, None), (199, "max"), (199, "holm"), ("exact", "bh"), ("exact", None)]:
        more = [] if adjust is None else ["--adjust", adjust]
        program(
            tmp_path,
            "sweep",
            "a.npz",
            "b.npz",
            *itertools.chain(*(("-m", m) for m in measures)),
            "--null",
            null,
            "--seed",
            5,
            *more,
            "-o",
            "out",
        )
        found = sim.sweep(a, b, measures, null=null, adjust=adjust, seed=5, out=tmp_path / "ours")
        found.to_csv(tmp_path / "ours.csv")
        tables = [rows(tmp_path / place) for place in ("out/scores.csv", "ours.csv", "ours/scores.csv")]
        assert len(tables[0]) == 12 and tables[0] == tables[1] == tables[2]
        place = next(place for place, row in enumerate(tables[0]) if row["layer_a"] == "h.1" and row["layer_b"] == "two")
        assert found.p("cka")[1, 1] == tables[0][place]["p"]
        assert found.z("cka")[1, 1] == tables[0][place]["z"]
        assert found.score("h.1", "two", "cka").diagnostics["null_mean"] == found.null_mean("cka")[1, 1]
        alone = sim.permutation_test(a["h.1"], b["two"], "cka", null, seed=5)
        assert (alone.z, alone.calibrated) == (found.z("cka")[1, 1], found.calibrated("cka")[1, 1])
        assert adjust is not None or alone.p == found.p("cka")[1, 1]


def test_exact_moments_are_those_of_all_orders(rng):
    x, y = rng.standard_normal((6, 2)), rng.standard_normal((6, 3))
    all_values = np.array([linear_cka(x, y[list(order)]) for order in itertools.permutations(range(6))])
    exact = sim.permutation_test(x, y, null="exact")
    assert exact.null_mean == pytest.approx(all_values.mean(), rel=1e-13)
    assert exact.null_sd == pytest.approx(all_values.std(), rel=1e-12)
    assert exact.skewness == pytest.approx(((all_values - all_values.mean()) ** 3).mean() / all_values.std() ** 3, rel=1e-10)
    assert exact.z == pytest.approx((float(exact.score) - exact.null_mean) / exact.null_sd, rel=1e-12)
    assert exact.values is None and exact.seed is None and exact.floor == 0
    drawn = sim.permutation_test(x, y, null=20_000, seed=3)
    share = (all_values >= float(drawn.score) - 1e-12).mean()
    assert abs(drawn.p - share) < 5 * math.sqrt(share / 20_000)
    assert drawn.null_mean == pytest.approx(drawn.values.mean(), rel=1e-12) and drawn.values.shape == (20_000,)
    assert set(np.round(drawn.values, 9)) <= set(np.round(all_values, 9))


def test_what_the_numbers_of_a_test_mean(pair):
    test = sim.permutation_test(*pair, "procrustes", null=99, level=0.1, seed=2)
    value = float(test.score)
    assert test.score.direction == "distance" and test.floor == 0.01
    assert test.p == (test.reached + 1) / 100 and test.reached == (test.values <= value).sum()
    assert test.z == pytest.approx((test.values.mean() - value) / test.values.std(ddof=1), rel=1e-12)
    assert test.critical == np.sort(test.values)[9]
    assert test.calibrated == pytest.approx((test.critical - value) / test.critical, rel=1e-12)
    assert test.excess == pytest.approx((test.null_mean - value) / test.null_mean, rel=1e-12)
    # So few permutations reach no level of 0.05.
    few = sim.permutation_test(*pair, null=9)
    assert few.critical is None and few.calibrated is None and few.floor == 0.1


def test_orders_within_labels(rng):
    label = np.repeat(["cat", "dog", "owl"], 20)
    means = {"cat": -3.0, "dog": 0.0, "owl": 3.0}
    x = np.array([[means[word]] for word in label]) + rng.standard_normal((60, 2))
    y = np.array([[means[word]] for word in label]) + rng.standard_normal((60, 2))
    assert sim.permutation_test(x, y, null=499).p == 0.002
    within = sim.permutation_test(x, y, null=499, within=label)
    assert within.p > 0.02 and "within their labels" in within.scheme, "labels alone explain the similarity"
    blocks = sim.permutation_test(x, y, null=99, blocks=np.repeat(np.arange(12), 5))
    assert "whole blocks" in blocks.scheme
    shifts = sim.permutation_test(x, y, null=1000, shifts=True)
    assert len(shifts.values) == 59 and "circular shifts" in shifts.scheme
    assert shifts.values[0] == pytest.approx(linear_cka(x, np.roll(y, -1, axis=0)), rel=1e-12)
    assert len(sim.permutation_test(x, y, null=99, shifts=label).values) == 99


@pytest.mark.parametrize(
    "given, words",
    [
        ({"within": [0, 1]}, "40 examples need one label each"),
        ({"blocks": [0] * 40}, "nothing to permute"),
        ({"blocks": [0] * 30 + [1] * 10}, "30 and 10 examples"),
        ({"within": np.arange(40)}, "nothing to permute"),
        ({"within": np.full(40, np.nan)}, "label 0 .* not finite"),
        ({"within": [0] * 40, "shifts": True}, "within= and shifts="),
        ({"null": 0}, "neither a number of permutations"),
        ({"null": 2.5}, "number of permutations"),
        ({"null": True}, "number of permutations"),
        ({"null": "all"}, "neither a number of permutations"),
        ({"null": "exact", "within": [0] * 40}, "null=1000"),
        ({"null": 99, "level": 1.5}, "level 1.5"),
        ({"null": 9, "level": 0.0}, "level 0"),
    ],
)
def test_a_test_that_cannot_be_is_refused(pair, given, words):
    with pytest.raises(sim.InputError, match=words):
        sim.permutation_test(*pair, **given)


def test_refusals_carry_their_numbers(pair):
    x, y = pair
    with pytest.raises(sim.InputError, match="null=1000") as caught:
        sim.permutation_test(x, y, "procrustes", null="exact")
    assert caught.value.code == "not_an_inner_product" and caught.value.measure.startswith("procrustes")
    with pytest.raises(sim.UndefinedError) as caught:
        sim.permutation_test(x, np.ones((40, 2)))
    assert caught.value.code == "constant"
    with pytest.raises(sim.InputError, match=r"0.99") as caught:
        sim.interval(x, y, resamples=20, level=0.99)
    assert (caught.value.given, caught.value.needed) == (20, 200)
    with pytest.raises(sim.DegenerateError, match="half of the examples, number 0") as caught:
        sim.interval(np.random.default_rng(0).standard_normal((12, 6)), y[:12], "cca", resamples=50)
    assert caught.value.n == 6 and caught.value.number == 0 and caught.value.seed == 1
    with pytest.raises(sim.InputError, match="none of halves, bootstrap, bca, jackknife"):
        sim.interval(x, y, method="normal")
    with pytest.raises(sim.InputError, match="2 to 40"):
        sim.interval(x, y, method="jackknife", groups=41)
    with pytest.raises(sim.InputError, match="largest value") as caught:
        sim.sweep({"x": x}, {"y": y}, null="exact", adjust="max")
    assert caught.value.code == "maximum_of_moments"
    with pytest.raises(sim.InputError, match="adjust= needs p-values"):
        sim.sweep({"x": x}, {"y": y}, adjust="holm")
    with pytest.raises(sim.InputError, match="none of max, row-max, holm, bh"):
        sim.sweep({"x": x}, {"y": y}, null=9, adjust="fdr")
    many = {str(i): np.random.default_rng(i).standard_normal((400, 1)) for i in range(30)}
    assert sim.sweep(many, memory=2**26).finished.all()
    with pytest.raises(sim.InputError, match=r"null= keeps all layers .* 64 MiB may be taken \(memory=\)"):
        sim.sweep(many, null=9, memory=2**26)
    one = np.zeros((40, 1))
    one[0] = 1
    with pytest.raises(sim.UndefinedError, match="half of the examples") as caught:
        sim.interval(one, y, resamples=50)
    assert (caught.value.code, caught.value.count) == ("constant", 50) and not isinstance(caught.value, sim.DegenerateError)
    with pytest.raises(TypeError, match=r"nul'.*null"):
        sim.cka(x, y, nul=9)
    with pytest.raises(TypeError, match="seeds"):
        sim.interval(x, y, seeds=9)


def test_adjusted_p_values():
    p = np.array([[0.01, 0.04], [0.03, 0.5]])
    assert np.allclose(sim.adjust(p, "holm"), [[0.04, 0.09], [0.09, 0.5]])
    stats = pytest.importorskip("scipy.stats")
    assert np.allclose(sim.adjust(p, "bh"), stats.false_discovery_control(p.ravel()).reshape(2, 2), rtol=1e-14)
    with pytest.raises(sim.InputError, match="p-value 1") as caught:
        sim.adjust([0.5, math.nan])
    assert caught.value.number == 1
    with pytest.raises(sim.InputError, match='adjust="max"'):
        sim.adjust(p, "max")


def test_results_are_pickled_copied_and_shown(pair, rng):
    z = rng.standard_normal((40, 2))
    results = [
        sim.permutation_test(*pair, null=49),
        sim.permutation_test(*pair, null="exact"),
        sim.interval(*pair, resamples=50),
        sim.compare_scores(pair, (pair[0], z), resamples=50),
        sim.row_maximum(pair[0], {"y": pair[1], "<z>": z}, resamples=50),
        sim.sample_size(*pair, resamples=50),
    ]
    for result in results:
        for twin in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
            assert json.dumps(twin.to_dict()) == json.dumps(result.to_dict())
        assert repr(result).startswith(type(result).__name__ + "(") and "<table>" in result._repr_html_()
        assert type(result).__module__ == "similitude" and "<z>" not in result._repr_html_()
        with pytest.raises(AttributeError):
            result.seed = 3
    score = sim.compare(*pair, null=99, interval="halves")
    twin = pickle.loads(pickle.dumps(score))
    assert twin.null.p == score.null.p and twin.interval.hi == score.interval.hi and "p</th>" in score._repr_html_()
    assert json.dumps(score.to_dict()) and sim.cka(*pair).null is None and sim.cka(*pair).interval is None


def test_arrays_of_more_axes(rng):
    x, y = rng.standard_normal((30, 3, 4, 4)), rng.standard_normal((30, 2, 4, 4))
    flat = sim.permutation_test(x.reshape(30, -1), y.reshape(30, -1), null=99)
    assert sim.permutation_test(x, y, null=99, axes="nchw", spatial="flatten").p == flat.p
    score = sim.cka(x, y, axes="nchw", spatial="flatten", null=99)
    assert score.null.p == flat.p and score.reading["x"]
    assert sim.interval(x, y, resamples=60, axes="nchw", spatial="mean").score == sim.cka(x, y, axes="nchw", spatial="mean")


def test_any_number_of_threads_gives_the_same_values(pair):
    try:
        found = []
        for threads in (1, 2, 3):
            sim.set_threads(threads)
            found.append([sim.permutation_test(*pair, measure, null=99).values.tolist() for measure in ("cka", "procrustes")])
            found[-1].append(sim.interval(*pair, resamples=60).values.tolist())
        assert found[0] == found[1] == found[2]
    finally:
        sim.set_threads()


def test_a_sweep_says_what_has_no_null(rng):
    a = {"one": rng.standard_normal((30, 3)), "dead": np.ones((30, 2))}
    for null in (99, "exact"):
        found = sim.sweep(a, measures=["cka", "cca:summary=r2"], null=null)
        assert found.p("cka")[0, 0] < 0.05 and np.isnan(found.p("cka")).sum() == 3
    plain = sim.sweep(a)
    with pytest.raises(sim.InputError, match="null=1000"):
        plain.p()
    assert plain.columns()[-1] == "reading_b" and found.columns()[-1] == "seed"
    # A pair without a value beside others that have one: permutations are the same for all.
    x = rng.standard_normal((40, 3))
    a = {"x": x, "u": rng.standard_normal((40, 3))}
    # Two neurons in both: canonical correlations are equal, and PWCCA's weights arbitrary.
    b = {"y": np.c_[x[:, :2], rng.standard_normal(40)], "z": rng.standard_normal((40, 3))}
    with pytest.warns(UserWarning, match="no null, because x and y have no value.*null=exact"):
        found = sim.sweep(a, b, ["pwcca:weights=x", "cka"], null=99)
    assert math.isnan(found["pwcca:weights=x"][0, 0]) and not found._has("p", found.measures[0]) and found.p("cka").shape == (2, 2)
    assert "p" in next(found.records())
    # What an earlier sweep found is not what this one was asked for.
    again = sim.sweep(a, b, ["pwcca:weights=x", "cka"], resume=found)
    assert again.columns() == plain.columns() and np.array_equal(again["cka"], found["cka"])


def test_what_is_not_significant_is_hatched(rng, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib.patches import Rectangle

    a = {f"h{i}": rng.standard_normal((40, 4)) for i in range(3)}
    b = {name: x + 0.3 * rng.standard_normal((40, 4)) for name, x in a.items()}
    with pytest.warns(UserWarning, match="179 permutations or more"):
        out_of_reach = sim.sweep(a, b, null=178, adjust="holm")
    assert out_of_reach.p().min() > 0.05
    found = sim.sweep(a, b, null=199, adjust="holm")
    assert [found.p()[i, i] < 0.05 for i in range(3)] == [True] * 3 and (found.p() > 0.05).sum() >= 4

    def hatched(ax):
        patches = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_hatch()]
        return {(round(patch.get_y() + 0.5), round(patch.get_x() + 0.5)) for patch in patches}

    expected = {(int(i), int(j)) for i, j in np.argwhere(found.p() > 0.05)}
    ax = found.plot()
    ax.figure.savefig(tmp_path / "hatched.png")
    assert hatched(ax) == expected and ax.figure.axes[1].get_ylabel() == "cka; hatched: p > 0.05"
    assert "hatched: p > 0.05" in found.plot(colorbar=False).get_xlabel()
    assert hatched(found.plot(level=None)) == set() and hatched(found.plot(level=1e-9)) == {(i, j) for i in range(3) for j in range(3)}
    assert found._repr_html_().count("<path") == len(expected) and "p = " in found._repr_html_()
    image = found.plot(of="calibrated").images[0]
    assert np.allclose(image.get_array(), found.calibrated()) and image.get_clim() == (0, 1)
    assert hatched(sim.sweep(a, b).plot()) == set()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent another way")
@pytest.mark.parametrize("what", ["test", "interval", "sweep"])
def test_an_interrupt_ends_inference_at_once(rng, interruptible, what):
    x = rng.standard_normal((400, 30))
    y = rng.standard_normal((400, 20))
    calls = {
        "test": lambda: sim.permutation_test(x, y, "procrustes", null=20_000),
        "interval": lambda: sim.interval(x, y, "procrustes", resamples=20_000),
        "sweep": lambda: sim.sweep({"x": x, "again": x}, {"y": y}, ["procrustes", "cka"], null=20_000),
    }
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        calls[what]()
    assert time.monotonic() - start < 1.3
    if what == "sweep":
        partial = caught.value.partial
        assert partial.finished.all() and partial["procrustes"][0, 0] == sim.procrustes(x, y)
    # What was begun does not go on for long.
    start = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - start < 0.6, "permutations that nobody waits for are still drawn"


def test_a_null_that_cannot_be_had_of_these_data_costs_no_value(rng):
    """HSIC of a constant side is 0 in every order of the examples; what no data could have stays an error."""
    constant, y = np.ones((40, 1)), rng.standard_normal((40, 3))
    for interval in (None, "jackknife"):
        with pytest.warns(UserWarning, match="no null, and the value stands: .*every permutation") as told:
            score = sim.hsic(constant, y, null="exact", interval=interval)
        assert (float(score), score.null) == (0.0, None) and "p" not in score.diagnostics
        assert told[0].filename == __file__ and (score.interval is None) == (interval is None)
    with pytest.raises(sim.UndefinedError, match="every permutation"):
        sim.permutation_test(constant, y, "hsic", null="exact")
    # Before anything is computed: arrays that nobody could compare.
    for measure, asked, words in (
        ("procrustes", {"null": "exact"}, "null=1000"),
        ("cka", {"null": "some"}, "null"),
        ("cka", {"interval": "analytic"}, "unbiased"),
        ("cka", {"interval": "quarters"}, "quarters"),
        ("cka", {"interval": "halves", "resamples": 10}, "at least 40"),
        ("cka", {"interval": "halves", "level": 2}, "between 0 and 1"),
        ("linear-predictivity", {"interval": "bootstrap"}, "interval=halves"),
    ):
        with pytest.raises(sim.InputError, match=words):
            sim.compare(constant[:7], y, measure, **asked)
