"""Capturing: what is saved, in which order, of which type; what is refused; and that memory stays flat."""

import itertools
import json
import os

import numpy as np
import pytest
from standin import Attention, Linear, Module, Net, Tensor

import similitude as sim


@pytest.fixture
def data(rng):
    return rng.standard_normal((50, 5)).astype("f4")


def batches(data, size=16, labels=True):
    for start in range(0, len(data), size):
        batch = Tensor(data[start : start + size])
        yield (batch, Tensor(np.zeros(len(batch)))) if labels else batch


def read(path):
    """The tensors of a file and its metadata, by the format's own words."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata, types = header.pop("__metadata__"), {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "BOOL": "?"}
    ends = sorted(entry["data_offsets"] for entry in header.values())
    assert ends[0][0] == 0 and all(a[1] == b[0] for a, b in itertools.pairwise(ends)) and ends[-1][1] == len(content) - 8 - length
    found = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        assert start % np.dtype(types[entry["dtype"]]).itemsize == 0
        found[name] = np.frombuffer(content[start:end], types[entry["dtype"]]).reshape(entry["shape"])
    return found, metadata


def test_layers_stand_as_they_ran_with_their_names_and_types(data, tmp_path):
    model, path = Net(), tmp_path / "acts.safetensors"
    assert sim.capture(model, batches(data), out=path) == path
    layers, metadata = read(path)
    assert json.loads(metadata["layers"]) == ["body.0", "body.1", "head"]
    assert {name: layer.dtype.str for name, layer in layers.items()} == {"body.0": "<f4", "body.1": "<f2", "head": "<f8"}
    first = np.tanh(data @ getattr(model.body, "0").weight.array)
    assert np.array_equal(layers["body.0"], first) and layers["head"].shape == (50, 3)
    assert model.training and model.body.training and not model.head.hooks
    assert os.listdir(tmp_path) == ["acts.safetensors"] and metadata["model"] == "Net"
    result = sim.sweep(path)
    assert result.layers_a == ["body.0", "body.1", "head"] and result["cka"][0, 2] == float(sim.cka(first, layers["head"]))


def test_safetensors_reads_it(data, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    sim.capture(Net(), batches(data), out=tmp_path / "acts.safetensors")
    ours, _ = read(tmp_path / "acts.safetensors")
    theirs = safetensors.load_file(tmp_path / "acts.safetensors")
    assert theirs.keys() == ours.keys() and all(np.array_equal(theirs[name], ours[name]) for name in ours)


def test_each_layer_stands_at_a_multiple_of_its_elements(tmp_path):
    def model(batch):
        return {"flags": batch > 0, "half": batch.astype("f2"), "whole": batch.astype("i8"), "double": batch}

    x = np.linspace(-2, 2, 7)[:, None]
    sim.capture(model, [x], out=tmp_path / "acts.safetensors")
    layers, metadata = read(tmp_path / "acts.safetensors")
    assert json.loads(metadata["layers"]) == ["flags", "half", "whole", "double"]
    assert np.array_equal(layers["double"], x) and np.array_equal(layers["half"], x.astype("f2"))


def test_patterns_examples_and_batches(data, tmp_path):
    def layers(name, **options):
        loader = options.pop("loader", batches(data, 7, labels=False))
        sim.capture(Net(), loader, out=tmp_path / name, **options)
        return read(tmp_path / name)

    some, about = layers("a", layers="body.*", n=20)
    assert list(some) == ["body.0", "body.1"] and len(some["body.1"]) == 20
    # How examples come in batches changes nothing but the rounding of the model's own products.
    again, about_again = layers("b", layers=["body.0", "body.1"], n=20, loader=batches(data, 20))
    assert all(np.allclose(some[name], again[name], atol=1e-3) for name in some) and about["examples"] == about_again["examples"]
    pooled, _ = layers("c", layers="head", reduce=lambda name, x: Tensor(x.array.mean(1, keepdims=True)))
    assert pooled["head"].shape == (50, 1)
    twice, _ = layers("d", layers="head", call=lambda model, batch: model(Tensor(batch.array * 2)))
    assert not np.array_equal(twice["head"], layers("e", layers="head")[0]["head"])
    named, _ = layers("f", layers="head", loader=[{"x": Tensor(data), "labels": Tensor(data)}])
    assert len(named["head"]) == 50
    elsewhere = tmp_path / "g"
    sim.capture(Net(device="gpu"), batches(data, 7), out=elsewhere)
    assert np.array_equal(read(elsewhere)[0]["head"], layers("e", layers="head")[0]["head"])


class Twice(Module):
    def __init__(self):
        super().__init__()
        self.shared, self.attention = Linear(5, 5, 3), Attention(5)

    def forward(self, x):
        return self.attention(self.shared(self.shared(x)))


def test_parts_of_outputs_and_modules_that_run_twice(data, tmp_path):
    path = tmp_path / "acts.safetensors"
    sim.capture(Twice(), batches(data), out=path)
    layers, metadata = read(path)
    # What is without examples in front is no layer; attention.out is what attention.inner said.
    assert json.loads(metadata["layers"]) == ["shared", "shared@2", "attention.inner", "attention.weights.0"]
    assert not np.array_equal(layers["shared"], layers["shared@2"])


class Drawing:
    """A loader that draws, as PyTorch's has it."""

    class RandomSampler:
        pass

    def __init__(self, data):
        self.data, self.sampler = data, self.RandomSampler()

    def __iter__(self):
        return batches(self.data)


class Growing(Module):
    def __init__(self):
        super().__init__()
        self.part = Linear(5, 5, 0)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.part(x)


def test_what_cannot_be_captured_is_refused_and_leaves_no_file(data, tmp_path):
    path = tmp_path / "acts.safetensors"

    class Late(Growing):
        def forward(self, x):
            self.calls += 1
            return self.part(x) if self.calls > 1 else x

    class Ragged(Module):
        def __init__(self):
            super().__init__()
            self.part = Linear(5, 5, 0)
            self.part.forward = lambda x: Tensor(np.ones((len(x), len(x))))

        def forward(self, x):
            return self.part(x)

    for model, loader, options, message in [
        (Net(), Drawing(data), {}, "shuffle=False"),
        (Net(), batches(data), {"layers": "attn.*"}, "no module is called 'attn.*'.*head, body"),
        (Net(), batches(data), {"n": 51}, "50 examples, and n=51"),
        (Net(), batches(data), {"n": 0}, "n=0"),
        (Net(), [], {}, "no batch"),
        (Late(), batches(data), {}, "ran for 34 of 50 examples"),
        (Ragged(), batches(data), {}, "pad examples"),
        (Net(), batches(data), {"reduce": lambda name, x: x.array.sum()}, "examples in front"),
        (Net(), batches(data), {"reduce": lambda name, x: Tensor(x.array.astype("c8"))}, "complex64"),
        (lambda batch: 3, batches(data), {}, "a dict of arrays"),
    ]:
        with pytest.raises(sim.InputError, match=message):
            sim.capture(model, loader, out=path, **options)
        assert os.listdir(tmp_path) == [], message
    sim.capture(Net(), Drawing(data), out=path, shuffled=True)
    # What breaks on the way is raised as it is, and the model is as it was.
    model = Net()
    with pytest.raises(KeyboardInterrupt):
        sim.capture(model, interrupted(data), out=tmp_path / "other")
    assert model.training and not model.head.hooks and os.listdir(tmp_path) == ["acts.safetensors"]


def interrupted(data):
    yield Tensor(data[:10])
    raise KeyboardInterrupt


def test_files_of_other_examples_do_not_meet(data, tmp_path):
    a, b = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    sim.capture(Net(0), batches(data), out=a)
    sim.capture(Net(1), batches(data), out=b)
    assert sim.sweep(a, b)["cka"].shape == (3, 3)
    sim.capture(Net(1), batches(data[::-1]), out=b)
    with pytest.raises(sim.InputError, match="other examples, or from the same in another order"):
        sim.sweep(a, b)


def test_two_models_in_one_line(data, tmp_path):
    models = Net(0), Net(1)
    result = sim.compare_models(*models, batches(data), ["cka", "cka:estimator=debiased"])
    for model, name in zip(models, "ab"):
        sim.capture(model, batches(data), out=tmp_path / name)
    (a, _), (b, _) = (read(tmp_path / name) for name in "ab")
    assert result["cka"][0, 1] == float(sim.cka(a["body.0"], b["body.1"])) and result.models == ["Net", "Net"]
    # Both see each batch, so that a loader may draw.
    assert sim.compare_models(*models, Drawing(data)).n == 50
    itself = sim.compare_models(models[0], loader=batches(data), layers="body.*", n=30)
    assert itself.n == 30 and itself.layers_b == ["body.0", "body.1"]
    assert np.array_equal(sim.sweep(*models, loader=batches(data))["cka"], result["cka"])
    with pytest.raises(sim.InputError, match="loader"):
        sim.sweep(*models)


def test_a_function_of_any_library(data, tmp_path):
    def model(batch):
        return {"first": np.tanh(batch), "second": batch[:, :2].astype("f2"), "other": batch}

    path = tmp_path / "acts.safetensors"
    sim.capture(model, (data[start : start + 20] for start in range(0, 50, 20)), layers="first,second", out=path)
    layers, metadata = read(path)
    assert json.loads(metadata["layers"]) == ["first", "second"] and np.array_equal(layers["first"], np.tanh(data))


def test_jax(data, tmp_path):
    jax = pytest.importorskip("jax")

    @jax.jit
    def model(batch):
        hidden = jax.numpy.tanh(batch)
        return {"hidden": hidden, "half": hidden.astype("bfloat16")}

    sim.capture(model, [jax.numpy.asarray(data)], out=tmp_path / "acts.safetensors")
    assert sim.sweep(tmp_path / "acts.safetensors").layers_a in (["hidden", "half"], ["half", "hidden"])


def test_torch(data, tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3).bfloat16())
    model[1].register_forward_hook(lambda module, inputs, output: output.bfloat16())
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(data)), batch_size=16)
    sim.capture(model, loader, out=tmp_path / "acts.safetensors")
    with torch.no_grad():
        # In the batches of the loader: products of other numbers of rows round in another way.
        hidden = torch.cat([model[0](part) for part in torch.tensor(data).split(16)])
    layers, _ = read(tmp_path / "acts.safetensors")
    assert np.array_equal(layers["0"], hidden.numpy()) and layers["2"].dtype == np.uint16
    with pytest.raises(sim.InputError, match="RandomSampler"):
        sim.capture(model, torch.utils.data.DataLoader(torch.tensor(data), shuffle=True), out=tmp_path / "other")


def test_memory_stays_flat(tmp_path):
    tracemalloc = pytest.importorskip("tracemalloc")

    def examples():
        for seed in range(64):
            yield np.random.default_rng(seed).standard_normal((256, 64))

    tracemalloc.start()
    sim.capture(lambda batch: {"a": batch, "b": batch * 2}, examples(), out=tmp_path / "acts.safetensors")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = os.path.getsize(tmp_path / "acts.safetensors")
    assert size > 16_000_000 and peak < 4_000_000, (size, peak)


def test_flax(data, tmp_path):
    jax, linen = pytest.importorskip("jax"), pytest.importorskip("flax.linen")

    class Block(linen.Module):
        @linen.compact
        def __call__(self, x):
            return x + linen.Dense(5, name="zz")(linen.relu(linen.Dense(7, name="inner")(x)))

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x, scale=1.0):
            shared = Block(name="shared")
            return {"logits": linen.Dense(3, name="head")(shared(shared(x * scale))), "size": scale}

    net = Net()
    variables = net.init(jax.random.key(0), data[:2])
    bound = net.bind(variables)
    loader = [(jax.numpy.asarray(data[:32]), None), (jax.numpy.asarray(data[32:]), None)]
    sim.capture(bound, loader, out=tmp_path / "acts.safetensors")
    found, metadata = read(tmp_path / "acts.safetensors")
    # In the order in which they run, and again where they run again.
    order = ["shared.inner", "shared.zz", "shared", "shared.inner@2", "shared.zz@2", "shared@2", "head"]
    assert json.loads(metadata["layers"]) == order and metadata["model"] == "Net"
    once = Block().apply({"params": variables["params"]["shared"]}, data)
    assert np.allclose(found["shared"], once, atol=1e-6) and found["head"].shape == (50, 3)
    assert np.allclose(found["head"], net.apply(variables, data)["logits"], atol=1e-5)
    # Patterns, arguments of one's own, and both models on the same batches.
    sim.capture(bound, loader, "*.inner,head", out=tmp_path / "some.safetensors", call=lambda model, batch: model(batch[0], scale=2.0))
    some = read(tmp_path / "some.safetensors")[0]
    assert set(some) == {"shared.inner", "shared.inner@2", "head"} and not np.allclose(some["head"], found["head"])
    assert sim.compare_models(bound, net.bind(net.init(jax.random.key(1), data[:2])), loader).layers_a == order
    for wrong, words in [(net, r"bind\(variables\)"), (bound, "no module that ran is called 'none'; there are head, shared")]:
        with pytest.raises(sim.InputError, match=words.replace("'none'", "'none', or matches it")):
            sim.capture(wrong, loader, "none", out=tmp_path / "none.safetensors")
    assert not (tmp_path / "none.safetensors").exists()


def test_flax_nnx_is_asked_for_a_function(data, tmp_path):
    nnx = pytest.importorskip("flax.nnx")
    layer = nnx.Linear(5, 3, rngs=nnx.Rngs(0))
    with pytest.raises(sim.InputError, match="a function from a batch to a dict"):
        sim.capture(layer, [data], out=tmp_path / "acts.safetensors")
    sim.capture(lambda batch: {"linear": layer(batch)}, [data], out=tmp_path / "acts.safetensors")
    assert read(tmp_path / "acts.safetensors")[0]["linear"].shape == (50, 3)
