"""Which layers a sweep is of, what it and its networks are called, and what has no effect."""

import numpy as np
import pytest
from standin import Net, Tensor

import similitude as sim


@pytest.fixture
def layers(rng):
    return {"block[0]": rng.standard_normal((40, 4)), "block0": rng.standard_normal((40, 3)), "block[1]": rng.standard_normal((40, 2))}


@pytest.fixture(params=["dict", "npz", "h5"])
def network(request, layers, tmp_path):
    if request.param == "npz":
        np.savez(tmp_path / "net.npz", **layers)
    if request.param == "h5":
        with pytest.importorskip("h5py").File(tmp_path / "net.h5", "w") as file:
            for name, x in layers.items():
                file[name] = x
    return layers if request.param == "dict" else tmp_path / f"net.{request.param}"


def test_a_name_is_itself_before_it_is_a_pattern(network):
    assert sim.sweep(network, layers=["block[0]"]).layers_a == ["block[0]"]
    assert sorted(sim.sweep(network, exclude="block[0]").layers_a) == ["block0", "block[1]"]
    assert sim.sweep(network, layers="block[1],block0").layers_a == ["block[1]", "block0"]
    assert sim.sweep(network, layers="block[01]").layers_a == ["block0"]
    assert sorted(sim.sweep(network, layers="b*", exclude=["block?"]).layers_a) == ["block[0]", "block[1]"]


def test_what_names_no_layer_is_told(network, layers):
    with pytest.raises(sim.InputError, match="exclude='blokc': nothing has this name"):
        sim.sweep(network, exclude=["blokc"])
    # What one network does not have the other may.
    other = {**layers, "labels": np.zeros((40, 1))}
    result = sim.sweep(network, other, exclude="labels")
    assert "labels" not in result.layers_b
    with pytest.raises(sim.InputError, match="nothing has this name"):
        sim.sweep(network, other, exclude="label")
    with pytest.raises(sim.InputError):
        sim.sweep(network, exclude="*")


def test_names_with_commas_and_numbers(rng):
    x = rng.standard_normal((40, 3))
    assert sim.sweep({"a,b": x, "c": x}, layers="c,a,b").layers_a == ["c", "a,b"]
    assert sim.sweep([x, x, x], layers=[2, 0]).layers_a == ["2", "0"]
    with pytest.raises(sim.InputError, match="layers=3"):
        sim.sweep([x, x], layers=3)
    with pytest.raises(sim.InputError, match="surrogate"):
        sim.sweep({"a\ud800": x})


def test_layers_of_h5_stand_as_the_program_has_them(rng, tmp_path):
    h5py = pytest.importorskip("h5py")
    names = ["h.10", "g/b", "h.2", "g/a", "h.02", "h"]
    with h5py.File(tmp_path / "net.h5", "w") as file:
        for name in names:
            file[name] = rng.standard_normal((20, 3))
        file["n"], file["words"] = 3, "text"
    chosen = {"exclude": ["n", "words"]}
    assert sim.sweep(tmp_path / "net.h5", **chosen).layers_a == ["g/a", "g/b", "h", "h.02", "h.2", "h.10"]
    assert sim.sweep(tmp_path / "net.h5", **chosen, layer_order="file").layers_a == ["g/a", "g/b", "h", "h.02", "h.10", "h.2"]
    with pytest.raises(sim.InputError, match=r"'n' is no layer.*exclude='n'"):
        sim.sweep(tmp_path / "net.h5")
    with pytest.raises(sim.InputError, match="no such file"):
        sim.sweep(tmp_path / "none.h5")
    (tmp_path / "broken.h5").write_text("x")
    with pytest.raises(sim.InputError, match=r"broken\.h5"):
        sim.sweep(tmp_path / "broken.h5")


def test_modules_have_their_choices_too(rng, layers):
    data = rng.standard_normal((40, 5)).astype("f4")
    loader = [Tensor(data[:20]), Tensor(data[20:])]
    assert sim.sweep(Net(), Net(1), loader=loader, exclude="head").layers_a == ["body.0", "body.1"]
    assert sim.sweep(Net(), loader=loader, layer_order="file", layers="body.*").layers_b == ["body.0", "body.1"]
    for wrong, words in [
        ({"exclude": "none"}, "nothing has this name"),
        ({"layer_order": "runs"}, "names or file"),
        ({"loader": None}, "loader"),
        ({"b": layers}, "b: dict beside a module"),
        ({"b": "net.npz"}, "b: a path beside a module"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.sweep(**{"a": Net(), "loader": loader, **wrong})
    with pytest.raises(sim.InputError, match="a: dict beside a module"):
        sim.sweep(layers, Net(), loader=loader)
    with pytest.raises(sim.InputError, match="compare_models"):
        sim.sweep(lambda x: {"x": x}, loader=None)
    with pytest.raises(TypeError, match="exclud"):
        sim.compare_models(Net(), loader=loader, exclud="head")


def test_what_networks_are_called(layers):
    for wrong, words in [("seed1", "two networks"), (["x"], "1 names"), (["x", "y", "z"], "3 names"), (3, "names=3")]:
        with pytest.raises(sim.InputError, match=words):
            sim.sweep(layers, layers, names=wrong)
    assert sim.sweep(layers, layers, names=(1, "y")).models == ["1", "y"]
    assert sim.sweep(layers, names="seed1").models == sim.sweep(layers, names=["seed1"]).models == ["seed1", "seed1"]


def test_what_would_have_no_effect_is_refused(layers):
    for wrong, words in [
        ({"layer_order": "file"}, "of dicts and lists have theirs"),
        ({"loader": [1]}, "loader="),
        ({"layer_order": "zzz"}, "names or file"),
        ({"memory": "1GB"}, "memory='1GB'.*a whole number"),
        ({"memory": -1}, "memory=-1: at least 0"),
        ({"sample": 0.5}, "sample=0.5"),
        ({"sample": 20, "seed": None}, "seed=None"),
        ({"seed": 2**64}, "seed=.*at most"),
        ({"measures": None}, "measures: a text.*None"),
        ({"measures": [sim.cka]}, 'measures.*write "cka"'),
        ({"measures": [["cka"]]}, "measures: a text.*list"),
        ({"a": (x for x in layers.values())}, r"not as generator; list\(...\)"),
        ({"a": None}, "not as None"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.sweep(**{"a": layers, **wrong})


def test_a_sweep_is_read_and_not_written(layers):
    import pickle

    result = sim.sweep(layers, {"x": layers["block0"]}, null=19, names=["left", "right"])
    for kept in (result, pickle.loads(pickle.dumps(result))):
        with pytest.raises(ValueError, match="read-only"):
            kept["cka"][0, 0] = 9
        kept["cka"].copy()[0, 0] = 9
    assert list(result) == result.measures and "cka" in result and "rsa" not in result and "nonsense" not in result and 3 not in result
    with pytest.raises(sim.InputError, match=r"layer_a='none': no layer of left; there are block\[0\], block0"):
        result.score("none", "x")
    with pytest.raises(sim.InputError, match="measure: a text"):
        result[0]
    score = result.score("block0", "x")
    assert score.null.p == score.diagnostics["p"] == result.p()[1, 0] and score.null.floor == 0.05 and score.null.seed == 1
    assert score.null.z == result.z()[1, 0] and float(score.null.score) == float(score) and "p" in score._repr_html_()
    assert sim.sweep(layers).score("block0", "block0").null is None
    exact = sim.sweep(layers, null="exact", adjust="holm").score("block0", "block[0]").null
    assert exact.floor == 0.0 and exact.seed is None and "holm" in exact.scheme


def test_a_mask_that_no_layer_has_positions_for_is_told(layers, rng, tmp_path):
    mask, read = np.ones((40, 4)), {"axes": "ntd", "spatial": "mean"}
    tokens = {"block[0]": rng.standard_normal((40, 4, 3)), "head": rng.standard_normal((40, 2))}
    np.savez(tmp_path / "layers.npz", **layers)
    for there in (layers, tmp_path / "layers.npz"):
        for asked in ({"mask": mask}, {"lengths": mask.sum(1)}):
            (key,) = asked
            with pytest.warns(UserWarning, match=f"^{key}= has no effect") as told:
                found = sim.sweep(there, **asked)
            assert [warning.filename for warning in told] == [__file__]
            assert np.array_equal(found["cka"], sim.sweep(there)["cka"])
            # One layer that has positions is enough, of either network.
            sim.sweep(tokens, there, **read, **asked)
            sim.sweep(there, tokens, **read, **asked)
    with pytest.warns(UserWarning, match=r"^mask_b= has no effect"):
        sim.sweep(tokens, layers, **read, mask=mask, mask_b=mask)
    with pytest.warns(UserWarning, match=r"^mask= has no effect"):
        sim.sweep(layers, tokens, **read, mask=mask, mask_b=mask)
    with pytest.warns(UserWarning, match=r"^mask_b= has no effect"):
        sim.sweep(tokens, **read, mask=mask, mask_b=mask)
