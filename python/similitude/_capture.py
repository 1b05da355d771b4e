"""What the layers of a model say, saved as they run."""

import contextlib
import fnmatch
import hashlib
import inspect
import json
import os
import shutil
import sys
import tempfile

from . import _batch, _files, _similitude
from ._checks import measure_text, named, texts, whole
from ._errors import InputError
from ._names import meant, words

#: Samplers of PyTorch that draw.
DRAWN = ("RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler")

#: What files of other formats are called.
OTHERS = (".npz", ".npy", ".h5", ".hdf5", ".pt", ".pth", ".bin", ".ckpt", ".csv", ".tsv", ".pkl", ".parquet", ".onnx", ".json", ".zip")


def capture(model, loader, layers="*", n=None, out="activations.safetensors", *, call=None, reduce=None, shuffled=False):
    """Runs a model over batches of examples and saves what its layers say, as a .safetensors file that ``sweep`` reads.

    Args:
        model: a PyTorch module; a Flax (linen) module with its variables, ``module.bind(variables)``; or a function from a batch
            to a dict of arrays by name, of any library that has arrays (JAX, Equinox, Keras, NumPy).
        loader: batches, a PyTorch DataLoader or any iterable. A tuple or list is examples first (and labels, which are left
            out), and a list of texts is examples; a dict becomes keyword arguments (without ``labels``).
        layers: names of modules as ``named_modules`` has them (of Flax the names of their paths, joined by points), or patterns
            (``"*.attn"``), several between commas; of a function the names of its dict. A name is itself before it is a pattern.
        n: so many examples; all of them unless given.
        out: the file, ``.safetensors``, whole or absent. Batches are appended on disk, so that memory stays flat; types stay what they are.
        call: ``call(model, batch)`` where the model is called in another way.
        reduce: ``reduce(name, output)`` is saved in place of an output: ``lambda name, x: x.mean((2, 3))``.
        shuffled: takes a loader that shuffles. Two files of one loader would then hold other examples in row i.

    Layers stand in the order in which they run, which is written into the file. A module that runs more than once is
    ``name``, ``name@2``, ...; the parts of a tuple are ``name.0``, ``name.1``, those of a dict ``name.key``. An output that is
    another module's, as that of a container is, is saved once, and what has no axis of examples in front is left out. Each is
    saved as it is when its module answers, whatever a later one does to it in place (``ReLU(inplace=True)``). Modes of training
    are afterwards what they were.

    Returns:
        The path of the file.

    Raises:
        InputError: nothing matches, a loader that shuffles, outputs whose shape changes between batches.
    """
    loader, n = _batches(loader, shuffled), None if n is None else whole(n, "n", 1)
    with _Recorder([model], [layers], [out], call, reduce) as recorder:
        recorder.run(loader, n)
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
    loader, n = _batches(loader, True), None if n is None else whole(n, "n", 1)
    for key in options:
        if key not in inspect.signature(sweep).parameters or key in ("a", "b", "layers", "layers_b", "loader"):
            raise TypeError(f"compare_models() got an unexpected keyword argument {key!r}")
    for measure in [measures] if isinstance(measures, str) else measures:
        _similitude.Measure(measure_text(measure, "measures"))
    models = [model_a] if model_b is None else [model_a, model_b]
    patterns = [layers, layers if layers_b is None else layers_b]
    with tempfile.TemporaryDirectory(prefix="similitude-") as directory:
        files = [os.path.join(directory, f"{side}.safetensors") for side, _ in zip("ab", models)]
        with _Recorder(models, patterns, files, call, reduce) as recorder:
            # Both models see each batch, so that row i is the same example in any order.
            recorder.run(loader, n)
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
    iterable = any(hasattr(loader, name) for name in ("__iter__", "__getitem__"))
    if not iterable or isinstance(loader, (str, bytes)) or hasattr(loader, "items"):
        one = "; [batch] is a loader of one batch" if hasattr(loader, "items") else ""
        raise InputError(f"loader: batches of examples are wanted, and this is {'None' if loader is None else type(loader).__name__}{one}")
    if hasattr(loader, "shape") and hasattr(loader, "dtype"):
        raise InputError("loader: an array is one batch, and not a loader; [array] is a loader of one batch")
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
        self.tracks = [_Track(model, pattern, out, reduce) for model, pattern, out in zip(models, patterns, outs)]
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
        self.model, self.out, self.reduce = model, _place(out), reduce
        self.patterns = texts(patterns, "layers")
        self.spools, self.hooks, self.modes = {}, [], []
        self.is_module = hasattr(model, "named_modules") and hasattr(model, "register_forward_hook")
        self.linen, self.called = _linen(model), {}
        if not self.is_module and self.linen is None and not callable(model):
            raise InputError(f"model: a module or a function is captured, and this is {'None' if model is None else type(model).__name__}")

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix=os.path.basename(self.out) + ".parts-", dir=os.path.dirname(self.out) or ".")
        try:
            if self.is_module:
                self.listen()
        except BaseException:
            self.__exit__()
            raise
        return self

    def listen(self):
        modules = {name: module for name, module in self.model.named_modules() if name}
        wanted = self.wanted(list(modules), "no module is called")
        self.modes = [(module, module.training) for _, module in self.model.named_modules() if hasattr(module, "training")]
        for name, module in modules.items():
            if name in wanted:
                self.hooks.append(module.register_forward_hook(lambda _module, _inputs, output, name=name: self.heard(name, output)))
        if hasattr(self.model, "eval"):
            self.model.eval()

    def wanted(self, names, missing):
        """Which of these names are meant.

        Raises:
            InputError: a name or pattern that is none of them.
        """
        found = set()
        for word in words(self.patterns, names):
            more = meant(word, names)
            if not more and word != "*":
                raise InputError(f"{_name(self.model)}: {missing} {word!r}, or matches it; there are {', '.join(names)}")
            found.update(more)
        if "__metadata__" in found:
            raise InputError("__metadata__: .safetensors files keep this name for themselves; leave the layer out, or call it otherwise")
        return found

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()
        # Each part has a mode of its own: some may be frozen.
        for module, mode in self.modes:
            module.training = mode
        shutil.rmtree(self.directory, ignore_errors=True)

    def intercepted(self):
        """While this lasts, what Flax modules of the model answer is heard."""
        if self.linen is None:
            return contextlib.nullcontext()

        def listen(next_function, arguments, keywords, context):
            output = next_function(*arguments, **keywords)
            name = ".".join(context.module.path)
            if name and context.method_name == "__call__":
                self.called[name] = True
                # Which names there are is known once all have run.
                if any(word == name or fnmatch.fnmatchcase(name, word) for text in self.patterns for word in text.split(",")):
                    self.later.append((name, output))
            return output

        return self.linen.intercept_methods(listen)

    def heard(self, name, output):
        """Saves what a module answers, as it is now."""
        self.calls[name] = self.calls.get(name, 0) + 1
        called = name if self.calls[name] == 1 else f"{name}@{self.calls[name]}"
        for full, array in _batch.flat(called, output):
            # A container answers what its last part does. What was written to in between is another output.
            before, version = self.saved.get(id(array)), _batch.version(array)
            if before is not None and version is not None and before[1] == version:
                continue
            if version is None:
                version = hashlib.blake2b(_bytes(array)).digest()
                if before is not None and before[1] == version:
                    continue
            # The array is kept: another one may have its place in memory otherwise.
            self.saved[id(array)] = array, version
            self.save(full, array)

    def save(self, name, array):
        if self.reduce is not None:
            array = self.reduce(name, array)
            if not hasattr(array, "shape"):
                kind = "None" if array is None else type(array).__name__
                raise InputError(f"reduce: answered {kind} for {name!r}; an array with the examples in front is wanted")
        if len(array.shape) >= 1 and array.shape[0] == self.size:
            self.append(name, array, self.taken)

    def run(self, batch, size, taken, call):
        self.saved, self.calls, self.later, self.size, self.taken = {}, {}, [], size, taken
        with _without_gradients(self.is_module), self.intercepted():
            if call is not None:
                answer = call(self.model, batch)
            else:
                answer = _batch.called(self.model, _batch.moved(batch, self.model) if self.is_module else batch)
        if self.linen is not None:
            # What nothing matches is told in the end: other batches may run other modules.
            wanted = {name for word in words(self.patterns, self.called) for name in meant(word, self.called)}
            self.later = [(name, output) for name, output in self.later if name in wanted]
        elif not self.is_module:
            if not hasattr(answer, "items"):
                raise InputError(
                    f"{_name(self.model)} answers {type(answer).__name__}; a function that is captured answers a dict of arrays by name"
                )
            answer = named(answer, _name(self.model))
            wanted = self.wanted(list(answer), "no array is called")
            self.later = [(name, output) for name, output in answer.items() if name in wanted]
        for name, output in self.later:
            self.heard(name, output)
        self.saved, self.later = {}, []

    def append(self, name, array, taken):
        dtype, shape, data = _batch.stored(name, array[:taken])
        if name not in self.spools:
            self.spools[name] = _Spool(os.path.join(self.directory, str(len(self.spools))), dtype, shape[1:])
        self.spools[name].append(name, dtype, shape, data)

    def finish(self, n, digest):
        if self.linen is not None:
            # Which modules there are is known once they have run.
            self.wanted(sorted(self.called), "no module that ran is called")
        if not self.spools:
            raise InputError(f"{_name(self.model)}: nothing that matches {','.join(self.patterns)} has an output with examples in front")
        for name, spool in self.spools.items():
            if spool.rows != n:
                raise InputError(f"{name}: ran for {spool.rows} of {n} examples; leave it out of layers=")
        _write(self.out, self.spools, {"examples": digest, "model": _name(self.model), "similitude": _similitude.__version__})


def _bytes(array):
    try:
        return _batch.stored("", array)[2]
    except InputError:
        return repr(id(array)).encode()


def _place(out):
    """Where a file is to be: a path whose directory is there, of the format that is written, links followed.

    Raises:
        InputError: no such directory, a pipe, or the name of another format.
    """
    path = _files.path_of(out, "out")
    stem, suffix = os.path.splitext(path)
    if suffix.lower() in OTHERS:
        raise InputError(f"out={path!r}: a .safetensors file is written; call it {stem + '.safetensors'!r}")
    if _files.is_stream(path):
        raise InputError(f"out={path!r}: a regular file is written, and this is none")
    path = os.path.realpath(path)
    if not os.path.isdir(os.path.dirname(path)):
        raise InputError(f"out={path!r}: there is no directory {os.path.dirname(path)!r}")
    return path


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
    with _files.whole(out) as unfinished, open(unfinished, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, spool in ordered:
            with open(spool.path, "rb") as part:
                shutil.copyfileobj(part, file, 1 << 20)
            os.remove(spool.path)


def _without_gradients(is_module):
    torch = sys.modules.get("torch") if is_module else None
    return torch.no_grad() if torch is not None and hasattr(torch, "no_grad") else contextlib.nullcontext()
