"""What the layers of a model say, saved as they run."""

import contextlib
import fnmatch
import hashlib
import json
import os
import shutil
import sys
import tempfile

from . import _batch, _similitude
from ._errors import InputError

#: Samplers of PyTorch that draw.
DRAWN = ("RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler")


def capture(model, loader, layers="*", n=None, out="activations.safetensors", *, call=None, reduce=None, shuffled=False):
    """Runs a model over batches of examples and saves what its layers say, as a .safetensors file that ``sweep`` reads.

    Args:
        model: a PyTorch module; a Flax (linen) module with its variables, ``module.bind(variables)``; or a function from a batch
            to a dict of arrays by name, of any library that has arrays (JAX, Equinox, Keras, NumPy).
        loader: batches, a PyTorch DataLoader or any iterable. A tuple or list is examples first (and labels, which are left
            out); a dict becomes keyword arguments (without ``labels``).
        layers: names of modules as ``named_modules`` has them (of Flax the names of their paths, joined by points), or patterns
            (``"*.attn"``), several between commas.
        n: so many examples; all of them unless given.
        out: the file, whole or absent. Batches are appended on disk, so that memory stays flat; types stay what they are.
        call: ``call(model, batch)`` where the model is called in another way.
        reduce: ``reduce(name, output)`` is saved in place of an output: ``lambda name, x: x.mean((2, 3))``.
        shuffled: takes a loader that shuffles. Two files of one loader would then hold other examples in row i.

    Layers stand in the order in which they run, which is written into the file. A module that runs more than once is
    ``name``, ``name@2``, ...; the parts of a tuple are ``name.0``, ``name.1``, those of a dict ``name.key``. An output that is
    another module's, as that of a container is, is saved once, and what has no axis of examples in front is left out.

    Returns:
        The path of the file.

    Raises:
        InputError: nothing matches, a loader that shuffles, outputs whose shape changes between batches.
    """
    with _Recorder([model], [layers], [out], call, reduce) as recorder:
        recorder.run(_batches(loader, shuffled), n)
    return out


def compare_models(
    model_a,
    model_b=None,
    loader=None,
    measures=("cka",),
    *,
    layers="*",
    layers_b=None,
    n=None,
    call=None,
    reduce=None,
    shuffled=False,
    names=None,
    **options,
):
    """Compares the layers of two models, or of one with each other, on the same batches: capture and sweep in one.

    Args:
        model_a, model_b, loader, layers, layers_b, n, call, reduce: as :func:`similitude.capture` has them.
        measures, options: as :func:`similitude.sweep` has them: ``axes="nchw"``, ``spatial="mean"``, ...

    Returns:
        A :class:`similitude.Sweep`.
    """
    from ._sweep import sweep

    if loader is None:
        raise InputError("compare_models(model_a, model_b, loader): the loader has the examples")
    models = [model_a] if model_b is None else [model_a, model_b]
    patterns = [layers, layers if layers_b is None else layers_b]
    with tempfile.TemporaryDirectory(prefix="similitude-") as directory:
        files = [os.path.join(directory, f"{side}.safetensors") for side, _ in zip("ab", models)]
        with _Recorder(models, patterns, files, call, reduce) as recorder:
            # Both models see each batch, so that row i is the same example in any order.
            recorder.run(_batches(loader, True), n)
        names = names or [_name(model) for model in models]
        return sweep(*files, measures=measures, names=names, **options)


def _name(model):
    return getattr(model, "__name__", None) or type(model).__name__


def examples_of(path):
    """The digest of the examples that a captured file was made of; None where it does not say."""
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return json.loads(file.read(length)).get("__metadata__", {}).get("examples") if length < 10**8 else None
    except (OSError, ValueError):
        return None


def _batches(loader, shuffled):
    sampler = type(getattr(loader, "sampler", None)).__name__
    if sampler in DRAWN and not shuffled:
        raise InputError(f"the loader draws its examples ({sampler}): row i would be another example in the next file; take shuffle=False")
    return loader


class _Spool:
    """One layer, appended on disk."""

    def __init__(self, path, dtype, shape):
        self.path, self.dtype, self.shape, self.rows = path, dtype, tuple(shape), 0

    def append(self, name, dtype, shape, data):
        if (dtype, tuple(shape[1:])) != (self.dtype, self.shape):
            here, before = (f"{kind} of {list(tail)} for each example" for kind, tail in ((dtype, shape[1:]), (self.dtype, self.shape)))
            raise InputError(f"{name}: a batch is {here}, and those before were {before}; pad examples to one length, or reduce= them")
        with open(self.path, "ab") as file:
            file.write(data)
        self.rows += shape[0]


class _Recorder:
    """Models that run side by side, and the files that their layers go to."""

    def __init__(self, models, patterns, outs, call, reduce):
        self.call, self.reduce = call, reduce
        self.tracks = [_Track(model, pattern, os.fspath(out), reduce) for model, pattern, out in zip(models, patterns, outs)]
        self.digest, self.seen = hashlib.blake2b(digest_size=16), 0

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for track in self.tracks:
                stack.enter_context(track)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, kind, *rest):
        self.stack.__exit__(kind, *rest)

    def run(self, batches, n):
        if n is not None and n < 1:
            raise InputError(f"n={n}: at least one example is needed")
        for batch in batches:
            left = None if n is None else n - self.seen
            size = _batch.size(batch)
            taken = size if left is None else min(size, left)
            for track in self.tracks:
                track.run(batch, size, taken, self.call)
            _batch.add_digest(self.digest, _batch.first(batch), taken)
            self.seen += taken
            if n is not None and self.seen >= n:
                break
        if n is not None and self.seen < n:
            raise InputError(f"the loader has {self.seen} examples, and n={n} were asked for")
        if self.seen == 0:
            raise InputError("the loader has no batch")
        for track in self.tracks:
            track.finish(self.seen, self.digest.hexdigest())


class _Track:
    """One model and its file."""

    def __init__(self, model, patterns, out, reduce):
        self.model, self.out, self.reduce = model, out, reduce
        self.patterns = patterns.split(",") if isinstance(patterns, str) else list(patterns)
        self.spools, self.hooks, self.outputs = {}, [], {}
        self.is_module = hasattr(model, "named_modules") and hasattr(model, "register_forward_hook")
        self.linen, self.called = _linen(model), set()

    def __enter__(self):
        self.was_training = getattr(self.model, "training", None)
        if self.is_module:
            self.listen()
        self.directory = tempfile.mkdtemp(prefix=os.path.basename(self.out) + ".parts-", dir=os.path.dirname(self.out) or ".")
        return self

    def listen(self):
        names = [name for name, _ in self.model.named_modules() if name]
        for pattern in self.patterns:
            if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
                raise InputError(f"{_name(self.model)}: no module is called {pattern!r}, or matches it; there are {', '.join(names)}")
        for name, module in self.model.named_modules():
            if name and any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns):
                self.hooks.append(module.register_forward_hook(lambda _module, _inputs, output, name=name: self.heard(name, output)))
        if hasattr(self.model, "eval"):
            self.model.eval()

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()
        if self.was_training and hasattr(self.model, "train"):
            self.model.train(True)
        shutil.rmtree(self.directory, ignore_errors=True)

    def intercepted(self):
        """While this lasts, what Flax modules of the model answer is heard."""
        if self.linen is None:
            return contextlib.nullcontext()

        def listen(next_function, arguments, keywords, context):
            output = next_function(*arguments, **keywords)
            name = ".".join(context.module.path)
            if name and context.method_name == "__call__":
                self.called.add(name)
                if any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns):
                    self.heard(name, output)
            return output

        return self.linen.intercept_methods(listen)

    def heard(self, name, output):
        call = 1
        while (name if call == 1 else f"{name}@{call}") in self.outputs:
            call += 1
        self.outputs[name if call == 1 else f"{name}@{call}"] = output

    def run(self, batch, size, taken, call):
        self.outputs = {}
        with _without_gradients(self.is_module), self.intercepted():
            if call is not None:
                answer = call(self.model, batch)
            elif self.is_module:
                answer = _batch.called(self.model, _batch.moved(batch, self.model))
            elif self.linen is not None:
                answer = _batch.called(self.model, batch)
            else:
                answer = self.model(batch)
        if not self.is_module and self.linen is None:
            if not hasattr(answer, "items"):
                raise InputError(
                    f"{_name(self.model)} answers {type(answer).__name__}; a function that is captured answers a dict of arrays by name"
                )
            self.outputs = {
                str(name): value
                for name, value in answer.items()
                if any(fnmatch.fnmatchcase(str(name), pattern) for pattern in self.patterns)
            }
        saved = set()
        for name, output in self.outputs.items():
            for full, array in _batch.flat(name, output):
                if id(array) in saved:
                    continue
                saved.add(id(array))
                if self.reduce is not None:
                    array = self.reduce(full, array)
                if len(array.shape) >= 1 and array.shape[0] == size:
                    self.append(full, array, taken)
        self.outputs = {}

    def append(self, name, array, taken):
        dtype, shape, data = _batch.stored(name, array[:taken])
        if name not in self.spools:
            self.spools[name] = _Spool(os.path.join(self.directory, str(len(self.spools))), dtype, shape[1:])
        self.spools[name].append(name, dtype, shape, data)

    def finish(self, n, digest):
        if self.linen is not None:
            # Which modules there are is known once they have run.
            for pattern in self.patterns:
                if not any(fnmatch.fnmatchcase(name, pattern) for name in self.called):
                    there = ", ".join(sorted(self.called))
                    raise InputError(f"{_name(self.model)}: no module that ran is called {pattern!r}, or matches it; there are {there}")
        if not self.spools:
            raise InputError(f"{_name(self.model)}: nothing that matches {','.join(self.patterns)} has an output with examples in front")
        for name, spool in self.spools.items():
            if spool.rows != n:
                raise InputError(f"{name}: ran for {spool.rows} of {n} examples; leave it out of layers=")
        _write(self.out, self.spools, {"examples": digest, "model": _name(self.model), "similitude": _similitude.__version__})


def _linen(model):
    """Flax's linen, where the model is a module of it.

    Raises:
        InputError: a module without its variables, or one of Flax's nnx.
    """
    linen = sys.modules.get("flax.linen")
    if linen is not None and isinstance(model, linen.Module):
        if model.scope is None:
            raise InputError(f"{_name(model)}: a Flax module without its variables; capture {_name(model)}.bind(variables)")
        return linen
    nnx = sys.modules.get("flax.nnx")
    if nnx is not None and isinstance(model, nnx.Module):
        raise InputError(f"{_name(model)}: a module of flax.nnx has no hooks; capture a function from a batch to a dict of arrays by name")
    return None


def _write(out, spools, metadata):
    """One .safetensors file of all spools: whole, or not there."""
    header = {"__metadata__": {"layers": json.dumps(list(spools)), **metadata}}
    end, sizes = 0, {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
    # Wide elements first: each tensor stands at a multiple of its element's size.
    ordered = sorted(spools.items(), key=lambda item: -sizes.get(item[1].dtype, 1))
    for name, spool in ordered:
        start, end = end, end + os.path.getsize(spool.path)
        header[name] = {"dtype": spool.dtype, "shape": [spool.rows, *spool.shape], "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    unfinished = out + ".unfinished"
    try:
        with open(unfinished, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for _, spool in ordered:
                with open(spool.path, "rb") as part:
                    shutil.copyfileobj(part, file, 1 << 20)
                os.remove(spool.path)
        os.replace(unfinished, out)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(unfinished)
        raise


def _without_gradients(is_module):
    torch = sys.modules.get("torch") if is_module else None
    return torch.no_grad() if torch is not None and hasattr(torch, "no_grad") else contextlib.nullcontext()
