"""Cells of an earlier sweep are kept where they are of the same data, and refused where they are not."""

import pickle
import shutil

import numpy as np
import pytest

import similitude as sim


@pytest.fixture
def layers(rng):
    return {"a": rng.standard_normal((60, 4)), "b": rng.standard_normal((60, 3))}


def test_the_same_data_go_on(layers, tmp_path):
    done = sim.sweep(layers, layers)
    others = {
        "copies": {name: x.copy() for name, x in layers.items()},
        "another order in memory": {name: np.asfortranarray(x) for name, x in layers.items()},
        "another type": {name: x.astype(">f8") for name, x in layers.items()},
        "lists": {name: x.tolist() for name, x in layers.items()},
    }
    for kind, other in others.items():
        assert np.array_equal(sim.sweep(other, layers, resume=done)["cka"], done["cka"]), kind
    assert np.array_equal(sim.sweep(layers, resume=pickle.loads(pickle.dumps(done)), null=19)["cka"], done["cka"])
    for name in ("net.npz", "copy.npz"):
        np.savez(tmp_path / name, **layers)
    (tmp_path / "net").mkdir()
    for name, x in layers.items():
        np.save(tmp_path / "net" / f"{name}.npy", x)
    for path in (tmp_path / "net.npz", tmp_path / "net"):
        done = sim.sweep(path, axes="nd")
        assert np.array_equal(sim.sweep(path, axes="nd", resume=done)["cka"], done["cka"])
    done = sim.sweep(tmp_path / "net.npz")
    assert np.array_equal(sim.sweep(tmp_path / "copy.npz", resume=done)["cka"], done["cka"])


def test_large_layers_are_looked_at_beside_the_sweep(rng):
    x = rng.standard_normal((400, 200))
    done = sim.sweep({"x": x})
    assert np.array_equal(sim.sweep({"x": x.copy()}, resume=done)["cka"], done["cka"])
    with pytest.raises(sim.InputError, match="resume"):
        sim.sweep({"x": changed({"b": x})["b"]}, resume=done)


def changed(layers):
    """The layers with one entry that differs in its last digit."""
    x = layers["b"].copy()
    x[59, 2] = np.nextafter(x[59, 2], 9)
    return {**layers, "b": x}


def test_other_data_are_refused(layers):
    done = sim.sweep(layers, layers)
    with pytest.raises(sim.InputError, match=r"resume: a\['b'\] is not what it was") as raised:
        sim.sweep(changed(layers), layers, resume=done)
    assert (raised.value.code, raised.value.network, raised.value.layer) == ("resume_differs", "a", "b")
    with pytest.raises(sim.InputError, match=r"b\['b'\]"):
        sim.sweep(layers, changed(layers), resume=done)
    with pytest.raises(sim.InputError, match="precision='f64', and this one precision='f32'"):
        sim.sweep(layers, layers, resume=done, precision="f32")
    some = sim.sweep(layers, rows="0:30")
    with pytest.raises(sim.InputError, match="resume"):
        sim.sweep(layers, rows="30:60", resume=some)
    assert np.array_equal(sim.sweep({name: x[:30] for name, x in layers.items()}, resume=some)["cka"], some["cka"])
    drawn = sim.sweep(layers, sample=30, seed=1)
    with pytest.raises(sim.InputError, match="resume"):
        sim.sweep(layers, sample=30, seed=2, resume=drawn)
    with pytest.raises(sim.InputError, match=r"other layers or shapes \(b had a 60 x 4, and this one has b 60 x 3"):
        sim.sweep(layers, {"b": layers["b"], "a": layers["a"]}, resume=done)
    with pytest.raises(sim.InputError, match="other measures"):
        sim.sweep(layers, layers, ["rsa"], resume=done)
    with pytest.raises(sim.InputError, match="a Sweep is taken up, and not dict"):
        sim.sweep(layers, resume={})
    done._origin = None
    with pytest.raises(sim.InputError, match="does not say"):
        sim.sweep(layers, layers, resume=done)


def test_other_files_are_refused(layers, tmp_path):
    def write(layers):
        np.savez(tmp_path / "net.npz", **layers)
        shutil.rmtree(tmp_path / "net", ignore_errors=True)
        (tmp_path / "net").mkdir()
        for name, x in layers.items():
            np.save(tmp_path / "net" / f"{name}.npy", x)
        sim.capture(lambda batch: layers, [layers["a"]], out=tmp_path / "net.safetensors")

    paths = [tmp_path / "net.npz", tmp_path / "net", tmp_path / "net.safetensors"]
    write(layers)
    done = [sim.sweep(path) for path in paths]
    positions = sim.sweep(paths[0], rows="0:30")
    write(changed(layers))
    for path, before in zip(paths, done):
        with pytest.raises(sim.InputError, match=r"resume: a\['b'\] is not what it was"):
            sim.sweep(path, resume=before)
        # A layer that is the same may go on.
        assert sim.sweep(path, layers=["a"], resume=sim.sweep(path, layers=["a"])).layers_a == ["a"]
    write(layers)
    with pytest.raises(sim.InputError, match=r"how it is read \(axes=, spatial="):
        sim.sweep(paths[0], rows="10:40", resume=positions)


def test_models_that_run_again_go_on(rng):
    batches = [rng.standard_normal((30, 5)) for _ in range(2)]

    def model(x):
        return {"h": np.tanh(x), "o": x[:, :2]}

    done = sim.compare_models(model, model, batches)
    assert np.array_equal(sim.compare_models(model, model, batches, resume=done)["cka"], done["cka"])
    with pytest.raises(sim.InputError, match="resume"):
        sim.compare_models(model, model, batches[::-1], resume=done)
