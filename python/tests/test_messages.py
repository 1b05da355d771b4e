"""What cannot be used is refused in words that name the argument, and never by an error of Python's own."""

import decimal

import numpy as np
import pytest

import similitude as sim


@pytest.mark.parametrize(
    "measure, words",
    [(["cka"], "a list"), (None, "None"), (5, "an int"), (b"cka", "bytes"), (sim.mutual_knn, 'write "mutual-knn"')],
)
def test_a_measure_is_a_text(measure, words, x, y):
    asked = [
        lambda: sim.compare(x, y, measure),
        lambda: sim.permutation_test(x, y, measure),
        lambda: sim.interval(x, y, measure),
        lambda: sim.sample_size(x, y, measure),
        lambda: sim.compare_scores((x, y), (x, x), measure),
        lambda: sim.row_maximum(x, {"x": x, "y": y}, measure),
        lambda: sim.noise_ceiling({"x": x, "y": y}, measure),
        lambda: sim.Moments().update(x, y).score(measure),
        lambda: sim.sweep({"x": x}, measures=[measure]),
        lambda: sim.testing.check(sim.cka, measure),
    ]
    for ask in asked:
        with pytest.raises(sim.InputError, match="a text such as.*" + words):
            ask()


def test_numbers_are_looked_at(x, y):
    for wrong, words in [
        (lambda: sim.set_threads(True), "threads=True"),
        (lambda: sim.set_threads(-1), "threads=-1: from 1 to 1024"),
        (lambda: sim.set_threads("2"), "threads='2'"),
        (lambda: sim.cka(x, y, null=9, seed=None), "seed=None"),
        (lambda: sim.cka(x, y, null=9, seed="a"), "seed='a'"),
        (lambda: sim.cka(x, y, null=9, seed=-1), "seed=-1: at least 0"),
        (lambda: sim.cka(x, y, interval=True), "interval: halves"),
        (lambda: sim.interval(x, y, resamples=1.5), "resamples=1.5"),
        (lambda: sim.interval(x, y, level="95"), "level='95'"),
        (lambda: sim.interval(x, y, groups=10), "groups=10.*method='halves'"),
        (lambda: sim.interval(x, y, resamples=1), r"^1 draw is too few .*\(resamples= of an interval, null= of a test\)"),
        (lambda: sim.sample_size(x, y, tolerances="x"), "tolerances='x'"),
        (lambda: sim.sample_size(x, y, tolerances=None), "tolerances=None"),
        (lambda: sim.testing.check(sim.cka, "cka", cases=-1), "cases=-1"),
        (lambda: sim.adjust([0.1 + 2j]), "p: p-values"),
        (lambda: sim.adjust(["0.1"]), "p: p-values"),
        (lambda: sim.adjust(np.ma.array([0.1, 0.2], mask=[0, 1])), r"p\.compressed"),
        (lambda: sim.row_maximum(x, [x, y]), "candidates: a dict"),
        (lambda: sim.row_maximum(x, {1: x, "1": y}), "candidates: two names are the same as texts, '1'"),
        (lambda: sim.noise_ceiling([x, y]), "networks: a dict"),
        (lambda: sim.noise_ceiling({1: x, "1": y, "c": x}), "networks: two names are the same"),
        (lambda: sim.compare_scores(3, (x, y)), "first: a pair.*int"),
        (lambda: sim.testing.identify(3), "function: .*int"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            wrong()
    with pytest.warns(UserWarning, match="resamples=5 has no effect") as told:
        sim.cka(x, y, resamples=5)
    assert told[0].filename == __file__
    with pytest.warns(UserWarning, match="level=0.9 has no effect"):
        sim.compare(x, y, level=0.9)
    with pytest.warns(UserWarning, match="method='jackknife' draws none") as told:
        sim.interval(x, y, method="jackknife", resamples=50)
    assert told[0].filename == __file__


def test_texts_are_texts(x, y):
    assert sim.bibtex("cka") == sim.bibtex(["cka"]) and sim.methods("cka").startswith("Representations")
    for wrong, words in [
        (lambda: sim.methods(["cka"]), "a text such as"),
        (lambda: sim.bibtex([3]), "measures: a text"),
        (lambda: sim.cka(x[:, :6].reshape(60, 2, 3), y, axes=("n", "t", "d"), spatial="mean"), r"axes=\('n', 't', 'd'\): a text"),
        (lambda: sim.to_array(x, spatial=3), "spatial=3"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            wrong()


def test_keys_are_called_as_python_has_them(x, y):
    with pytest.raises(sim.InputError, match=r"the argument kappa_x must be given"):
        sim.canonical_ridge(x, y)
    with pytest.raises(sim.InputError, match=r"^cka: fraction=0.4 needs kernel='rbf' or kernel='laplace'$"):
        sim.cka(x, y, fraction=0.4)
    with pytest.raises(sim.InputError, match=r"center=yes needs kernel='polynomial' or kernel='cosine'"):
        sim.cka(x, y, center=True)
    with pytest.raises(sim.InputError, match=r"center=1 needs kernel='polynomial'"):
        sim.cka(x, y, center=1)
    with pytest.raises(sim.InputError, match="bandwidth=fixed"):
        sim.cka(x, y, kernel="rbf", sigma=2.0)
    for half in (decimal.Decimal("0.5"), np.array(0.5), np.float32(0.5)):
        assert sim.cka(x, y, kernel="rbf", fraction=half) == sim.cka(x, y, kernel="rbf", fraction=0.5)


def test_labels_are_those_that_were_given(x, y):
    with pytest.raises(sim.InputError, match="labelled 'cat' and 'dog' have 10 and 50 examples") as raised:
        sim.permutation_test(x, y, blocks=["cat"] * 10 + ["dog"] * 50, null=9)
    assert (raised.value.first, raised.value.other, raised.value.numbers["first"]) == ("cat", "dog", "cat")
    with pytest.raises(sim.InputError, match="labelled -5 and 7 have"):
        sim.permutation_test(x, y, blocks=[-5] * 10 + [7] * 50, null=9)
    mixed = sim.permutation_test(x, y, within=[1, "a"] * 30, null=19)
    assert mixed.p == sim.permutation_test(x, y, within=[0, 1] * 30, null=19).p
    for labels, words in [
        (["a", None] * 30, "within: label 1 .* None"),
        ([1.0, np.nan] * 30, "label 1"),
        (["a", float("nan")] * 30, "label 1"),
        (True, "within=True"),
        ([[1]] * 60, "one label each"),
        ([[1], [2, 3]] * 30, "one label each"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.permutation_test(x, y, within=labels, null=9)
    with pytest.raises(sim.InputError, match=r"shifts: .*this is 1"):
        sim.permutation_test(x, y, shifts=1, null=9)


def test_shapes_have_their_codes(x, y):
    with pytest.raises(sim.InputError, match="two axes") as raised:
        sim.cka(x[:, 0], y)
    assert (raised.value.code, raised.value.name, raised.value.shape) == ("axes", "x", (60,))
    for options in ({}, {"axes": "nchw"}, {"axes": "ntd"}, {"axes": "ntd", "spatial": "mean", "mask": np.ones((60, 9))}):
        with pytest.raises(sim.InputError, match=r"^x") as raised:
            sim.cka(x[:, :6].reshape(60, 2, 3), y, **options)
        assert raised.value.code == "axes" and raised.value.shape == (60, 2, 3)
        assert "a file does not" not in str(raised.value)
    with pytest.raises(sim.InputError) as raised:
        sim.cka(x[:50, :6].reshape(50, 2, 3), y, axes="ntd", spatial="mean")
    assert (raised.value.code, raised.value.n_x, raised.value.n_y) == ("examples_differ", 50, 60)
    with pytest.raises(sim.InputError) as raised:
        sim.to_array(x[:, :0])
    assert raised.value.code == "empty"


def test_what_is_no_array_says_what_it_is(x, y):
    for wrong, words in [
        ((row for row in x), r"x: no array, and this is generator; list\(x\)"),
        ({"a": x}, "x: no array, and this is dict"),
        (None, "x: no array, and this is None"),
        (x.astype(object), r"object.*x\.astype\(float\)"),
        (x.astype(str), r"x\.astype\(float\)"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.cka(wrong, y)


def test_matrices_between_examples_beside_tensors(x, y):
    tensor, k = y[:, :4].reshape(60, 2, 2), sim.Gram(x @ x.T)
    want = sim.cka(k, y[:, :4])
    assert float(sim.cka(k, tensor, axes_y="ntd", spatial_y="flatten")) == float(want)
    assert float(sim.cka(tensor, k, axes="ntd", spatial="flatten")) == pytest.approx(float(want), abs=1e-13)
    d = sim.RDM(np.linalg.norm(x[:, None] - x[None], axis=2)[np.triu_indices(60, 1)])
    assert float(sim.rsa(d, tensor, axes_y="ntd", spatial_y="flatten")) == float(sim.rsa(d, y[:, :4]))
    with pytest.raises(sim.InputError, match="x: a matrix between examples has no axes"):
        sim.cka(k, tensor, axes="ntd", spatial="flatten")
    with pytest.raises(sim.InputError, match="60 examples and y has 50"):
        sim.cka(k, tensor[:50], axes_y="ntd", spatial_y="flatten")


def test_many_permutations_say_how_long_they_take(x, y, monkeypatch):
    import similitude._inference as inference

    monkeypatch.setattr(inference, "_asked", lambda *rest, **more: 1 / 0)
    with pytest.warns(UserWarning, match=r"null=1000000000000: so many comparisons may take .* days"), pytest.raises(ZeroDivisionError):
        sim.permutation_test(x, y, null=10**12)
    with (
        pytest.warns(UserWarning, match="each pair of layers is compared so many times"),
        pytest.raises(sim.InputError, match="60 examples"),
    ):
        sim.sweep({"x": x}, {"y": y[:1]}, null=10**12)


def test_what_a_function_raised_is_said(x):
    def broken(x, y):
        raise ZeroDivisionError("a norm of 0")

    said = sim.testing.identify(broken, "cka")
    assert "answered 0 of" in said and "raised ZeroDivisionError: a norm of 0" in said
    with pytest.raises(AssertionError, match="raised ZeroDivisionError"):
        sim.testing.check(broken, "cka", cases=1)
    assert "missing 1 required positional argument" in sim.testing.identify(lambda x, y, z: 0.5, "cka")
    assert "answered None" in sim.testing.identify(lambda x, y: None, "cka")
    assert "answered str, which is no number" in sim.testing.identify(lambda x, y: "a", "cka")


class TestFrames:
    """Rows of frames are paired by their place, which their labels must not deny."""

    @pytest.fixture
    def frames(self, x, y):
        pandas = pytest.importorskip("pandas")
        index = [f"s{i}" for i in range(60)]
        return pandas.DataFrame(x, index), pandas.DataFrame(y, index)

    def test_the_same_labels_in_another_order(self, frames, x, y):
        a, b = frames
        mixed = b.sample(frac=1, random_state=0)
        asked = [
            lambda: sim.cka(a, mixed),
            lambda: sim.cka(a, mixed, null=9),
            lambda: sim.compare(a, mixed, "rsa"),
            lambda: sim.permutation_test(a, mixed, null=9),
            lambda: sim.interval(a, mixed),
            lambda: sim.sample_size(a, mixed),
            lambda: sim.compare_scores((a, b), (a, mixed)),
            lambda: sim.row_maximum(a, {"b": b, "c": mixed}),
            lambda: sim.noise_ceiling({"a": a, "b": mixed}),
            lambda: sim.sweep({"a": a}, {"b": b, "c": mixed}),
            lambda: sim.sweep({"a": a, "b": mixed}),
            lambda: sim.Moments().update(a, mixed),
        ]
        for ask in asked:
            with pytest.raises(sim.InputError, match=r"the same labels in another order.*\.loc\[.*reset_index") as raised:
                ask()
            assert raised.value.code == "labels_differ"
        label = b[0].round()
        with pytest.raises(sim.InputError, match="x and within have the same labels in another order"):
            sim.permutation_test(a, b, null=9, within=label.loc[mixed.index])
        assert sim.permutation_test(a, b, null=9, within=label).p == sim.permutation_test(x, y, null=9, within=label.to_numpy()).p
        assert float(sim.cka(a, mixed.loc[a.index])) == float(sim.cka(x, y))
        assert float(sim.cka(a, mixed.reset_index(drop=True))) == float(sim.cka(x, mixed.to_numpy()))

    def test_other_labels_are_nobody_s_order(self, frames, x, y):
        a, b = frames
        other = b.set_axis([f"t{i}" for i in range(60)])
        assert float(sim.cka(a, other)) == float(sim.cka(a, b)) == float(sim.cka(a, y)) == float(sim.cka(x, y))
        with pytest.raises(sim.InputError, match="x has 60 examples and y has 50"):
            sim.cka(a, b[:50])

    def test_nullable_columns_name_the_remedy(self, frames, y):
        a, _ = frames
        with pytest.raises(sim.InputError, match=r"x\.astype\(float\)"):
            sim.cka(a.convert_dtypes(), y)
        assert float(sim.cka(a.convert_dtypes().astype(float), y)) == float(sim.cka(a, y))
