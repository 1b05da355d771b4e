"""What capturing leaves of a model, what is written in place, and batches of every kind."""

import json
import os
from collections import namedtuple

import numpy as np
import pytest
from standin import Linear, Module, Net, Tensor
from test_capture import batches, read

import similitude as sim

W = np.arange(15.0).reshape(5, 3) - 7


@pytest.fixture
def data(rng):
    return rng.standard_normal((50, 5)).astype("f4")


class Affine(Module):
    def __init__(self):
        super().__init__()
        self.weight = Tensor(W)

    def parameters(self):
        yield self.weight

    def forward(self, x):
        return Tensor(x.array @ self.weight.array)


class ReLU(Module):
    """It writes into what it is given, as ``inplace=True`` does."""

    def forward(self, x):
        np.maximum(x.array, 0, out=x.array)
        if hasattr(x, "_version"):
            x._version += 1
        return x


class Counted(Affine):
    """Its outputs count how often they are written to, as those of PyTorch do."""

    def forward(self, x):
        answer = super().forward(x)
        answer._version = 0
        return answer


class Rectified(Module):
    def __init__(self, affine):
        super().__init__()
        self.affine, self.relu = affine, ReLU()

    def forward(self, x):
        return self.relu(self.affine(x))


@pytest.mark.parametrize("affine", [Affine, Counted])
@pytest.mark.parametrize("layers", ["*", "affine"])
def test_what_a_later_layer_writes_in_place_is_another_layer(affine, layers, data, tmp_path):
    path = tmp_path / "acts.safetensors"
    sim.capture(Rectified(affine()), batches(data), layers, out=path)
    found, metadata = read(path)
    assert np.array_equal(found["affine"], data @ W) and found["affine"].min() < 0
    if layers == "*":
        assert json.loads(metadata["layers"]) == ["affine", "relu"] and np.array_equal(found["relu"], np.maximum(data @ W, 0))


def test_torch_in_place(data, tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(inplace=True), torch.nn.Sequential(torch.nn.Linear(8, 3)))
    model[0].eval()
    sim.capture(model, [torch.tensor(data)], out=tmp_path / "acts.safetensors")
    with torch.no_grad():
        hidden = model[0](torch.tensor(data)).numpy()
    found, metadata = read(tmp_path / "acts.safetensors")
    assert json.loads(metadata["layers"]) == ["0", "1", "2.0"]
    assert np.array_equal(found["0"], hidden) and np.array_equal(found["1"], np.maximum(hidden, 0))
    assert model.training and not model[0].training and not model[1]._forward_hooks


def state(model):
    return {name: (module.training, len(module.hooks)) for name, module in model.named_modules()}


def test_the_model_is_what_it_was(data, tmp_path):
    model = Net()
    model.head.training = False  # a part that is frozen
    before = state(model)
    sim.capture(model, batches(data), out=tmp_path / "acts.safetensors")
    assert state(model) == before

    def broken():
        yield from batches(data, 10)
        raise KeyboardInterrupt

    (tmp_path / "folder").mkdir()
    for options, error in [
        ({"out": tmp_path / "nowhere" / "acts.safetensors"}, sim.InputError),
        ({"out": tmp_path / "folder"}, sim.InputError),
        ({"out": tmp_path / "acts.npz"}, sim.InputError),
        ({"layers": ["head", "none"]}, sim.InputError),
        ({"loader": broken()}, KeyboardInterrupt),
        ({"reduce": lambda name, x: None}, sim.InputError),
        ({"reduce": lambda name, x: 1 / 0}, ZeroDivisionError),
        ({"loader": None}, sim.InputError),
        ({"n": 20.5}, sim.InputError),
    ]:
        with pytest.raises(error):
            sim.capture(model, **{"loader": batches(data), "out": tmp_path / "other.safetensors", **options})
        assert state(model) == before, options
    other = Net()
    with pytest.raises(sim.InputError, match="none"):
        sim.compare_models(model, other, batches(data), layers_b="none")
    assert state(model) == before
    assert sorted(os.listdir(tmp_path)) == ["acts.safetensors", "folder"]


def test_names_of_files_and_layers(data, tmp_path):
    with pytest.raises(sim.InputError, match=r"call it .*acts\.safetensors"):
        sim.capture(Net(), batches(data), out=tmp_path / "acts.npz")
    # A link stays one.
    (tmp_path / "real.safetensors").write_text("old")
    os.symlink(tmp_path / "real.safetensors", tmp_path / "link.safetensors")
    sim.capture(Net(), batches(data), out=tmp_path / "link.safetensors")
    assert os.path.islink(tmp_path / "link.safetensors") and "head" in read(tmp_path / "real.safetensors")[0]
    seen = []

    def model(batch):
        seen.append(len(batch))
        return {"__metadata__": batch, "x": batch}

    with pytest.raises(sim.InputError, match="__metadata__"):
        sim.capture(model, [data, data], out=tmp_path / "other.safetensors")
    assert seen == [50]
    sim.capture(model, [data], "x", out=tmp_path / "other.safetensors")
    # A name is itself before it is a pattern.
    brackets = {"block[0]": data, "block0": data[:, :2], "block[1]": data[:, :3]}
    sim.capture(lambda batch: brackets, [data], "block[0]", out=tmp_path / "other.safetensors")
    assert list(read(tmp_path / "other.safetensors")[0]) == ["block[0]"]
    with pytest.raises(sim.InputError, match="two names are the same as texts, '1'"):
        sim.capture(lambda batch: {1: batch, "1": batch}, [data], out=tmp_path / "none.safetensors")
    with pytest.raises(sim.InputError, match=r"no array is called 'none', or matches it; there are block\[0\], block0"):
        sim.capture(lambda batch: brackets, [data], ["block0", "none"], out=tmp_path / "none.safetensors")
    net = Net()
    vars(net)["body[0]"], vars(net)["body0"] = Linear(5, 2, 3), Linear(5, 2, 4)
    net.forward = lambda x: [getattr(net, "body[0]")(x), net.body0(x)]
    sim.capture(net, batches(data), "body[0]", out=tmp_path / "other.safetensors")
    assert list(read(tmp_path / "other.safetensors")[0]) == ["body[0]"]


Batch = namedtuple("Batch", "x y")


def test_functions_take_batches_as_modules_do(data, tmp_path):
    path = tmp_path / "acts.safetensors"

    def model(x):
        return {"h": x @ W}

    halves = [data[:20], data[20:]]
    for loader in [
        halves,
        [(half, np.zeros(len(half))) for half in halves],
        [[half, np.zeros(len(half))] for half in halves],
        [{"x": half, "labels": 0} for half in halves],
        [Batch(half, None) for half in halves],
        [half.astype(">f4") for half in halves],
    ]:
        sim.capture(model, loader, out=path)
        assert np.array_equal(read(path)[0]["h"], data @ W)
    sim.capture(lambda batch: {"h": (batch[0] @ W).astype(">f8")}, [(data, 1)], out=path, call=lambda model, batch: model(batch))
    assert np.array_equal(read(path)[0]["h"], data @ W)
    # Tuples with names keep them for modules.
    sim.capture(Net(), [Batch(Tensor(data), Tensor(data))], out=path)
    assert len(read(path)[0]["head"]) == 50
    for loader, words in [
        (data, r"\[array\]"),
        ({"x": data}, r"\[batch\]"),
        ("texts", "str"),
        (3, "int"),
        ([3.0], "float"),
        ([{}], "empty"),
        ([np.float64(1)], "float64"),
    ]:
        with pytest.raises(sim.InputError, match=words):
            sim.capture(model, loader, out=path)


def test_texts_are_examples_however_they_are_batched(tmp_path):
    texts = [f"text number {i:03d}" + "!" * (i % 7) for i in range(60)]

    def model(batch):
        return {"h": np.array([[len(text), ord(text[12]), ord(text[13]), ord(text[14])] for text in batch], dtype=float)}

    def several(kind, size):
        return [kind(texts[start : start + size]) for start in range(0, 60, size)]

    want, digests = None, set()
    for loader in [
        several(list, 20),
        several(list, 7),
        several(tuple, 60),
        several(np.array, 20),
        several(np.array, 7),
        [(batch, np.zeros(20)) for batch in several(tuple, 20)],
        [{"batch": batch, "labels": 0} for batch in several(list, 12)],
    ]:
        sim.capture(model, loader, out=tmp_path / "acts.safetensors")
        found, metadata = read(tmp_path / "acts.safetensors")
        want = found["h"] if want is None else want
        assert np.array_equal(found["h"], want)
        digests.add(metadata["examples"])
    assert len(digests) == 1
    sim.capture(model, [texts[::-1]], out=tmp_path / "acts.safetensors")
    assert read(tmp_path / "acts.safetensors")[1]["examples"] not in digests
    # "ab", "c" and "a", "bc" are other examples.
    digests = set()
    for loader in (["ab", "c"], ["a", "bc"]):
        sim.capture(lambda batch: {"h": np.ones((len(batch), 2))}, [loader], out=tmp_path / "acts.safetensors")
        digests.add(read(tmp_path / "acts.safetensors")[1]["examples"])
    assert len(digests) == 2
