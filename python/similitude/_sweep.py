"""All layers of one network against all layers of another."""

import hashlib
import os
import sys
import time

import numpy as np

from . import _files, _similitude
from ._arrays import arranged, arrangement, as_numpy, tell_unused
from ._capture import compare_models, examples_of
from ._checks import measure_text, require_same_order, texts, warn, whole
from ._errors import InputError
from ._functions import require_examples
from ._inference import MANY, null_word
from ._names import chosen, natural
from ._origin import beside, of_arrays, of_path, require_same
from ._table import Sweep


def sweep(
    a,
    b=None,
    measures=("cka",),
    *,
    loader=None,
    layers=None,
    layers_b=None,
    exclude=(),
    layer_order=None,
    axes=None,
    spatial=None,
    mask=None,
    lengths=None,
    axes_b=None,
    spatial_b=None,
    mask_b=None,
    lengths_b=None,
    rows=None,
    sample=None,
    seed=1,
    names=None,
    memory=None,
    precision="f64",
    on_error="leave",
    progress=None,
    resume=None,
    out=None,
    null=None,
    adjust=None,
):
    """Compares every layer of ``a`` with every layer of ``b``, or of ``a`` itself.

    Args:
        a, b: dicts from names of layers to arrays, lists of arrays, paths of .npz, .safetensors and .h5 files or of a directory
            of .npy files, or PyTorch modules together with ``loader``. Files are read a layer at a time.
        measures: texts of the grammar, for example ``["cka", "cca:summary=r2"]``.
        loader: batches of examples for modules, as :func:`similitude.capture` takes them.
        layers, layers_b: the layers to take, in this order: names or patterns (``"h.*.attn"``).
        exclude: entries that are no layers, names or patterns. A name is itself before it is a pattern (``"block[0]"``).
        layer_order: of files: ``"names"`` (as the metadata list them, else h.2 before h.10), which it is unless given, or ``"file"``.
        axes, spatial, mask, lengths: as :func:`similitude.to_array` has them; ``axes_b`` ... where they differ for ``b``.
        rows, sample, seed: which examples of both are taken: a text of ranges, numbers or flags; or so many, drawn.
        names: what the two networks are called in tables and pictures, a list of two.
        memory: bytes that may be taken; what is free unless given. Files larger than that are read in parts.
        precision: ``"f64"``, or ``"f32"`` for large products in single precision; the bounds say what that costs.
        on_error: a layer with an entry that is not finite leaves its own cells without a value (``"leave"``), or ends the
            sweep (``"stop"``).
        progress: a function of the numbers of cells that are finished and that there are; True or False for a bar or none
            (tqdm's, if there is one). Unless given, a bar where somebody looks.
        resume: an earlier, interrupted :class:`Sweep` of the same layers by the same measures: its cells are kept. Layers whose
            values are others than in that sweep are refused, and so is another precision.
        out: a directory for scores.csv, scores.json, scores.npz and heat maps, as the program writes them. What an earlier result
            left there is removed (heat maps, the report, the program's provenance.json).
        null: a number of permutations of the examples of ``b``, the same for all pairs, or ``"exact"``: p-values, calibrated
            scores and what else :class:`NullTest` has, as columns and as ``.p("cka")``, ``.calibrated("cka")``. ``seed`` draws.
        adjust: p-values adjusted for the number of pairs: ``"max"`` (by the step-down null of the largest standardised value;
            Westfall and Young), ``"row-max"`` (the same for each layer of A, of whether its best match is more than chance),
            ``"holm"`` or ``"bh"``.

    Returns:
        A :class:`Sweep`.

    Raises:
        InputError: what cannot be compared.
        KeyboardInterrupt: at once; its attribute ``partial`` is the :class:`Sweep` of what was finished, for ``resume``.
    """
    measures = [measures] if isinstance(measures, str) else measures
    if not hasattr(measures, "__iter__"):
        measure_text(measures, "measures")
    measures = [measure_text(measure, "measures") for measure in measures]
    if on_error not in ("leave", "stop"):
        raise InputError(f"on_error={on_error!r}: leave or stop are possible")
    if layer_order not in (None, "names", "file"):
        raise InputError(f"layer_order={layer_order!r}: names or file are possible")
    if resume is not None and not isinstance(resume, Sweep):
        raise InputError(f"resume: a Sweep is taken up, and not {type(resume).__name__}")
    seed, sample = whole(seed, "seed"), None if sample is None else whole(sample, "sample", 1)
    memory = None if memory is None else whole(memory, "memory")
    if _is_module(a) or _is_module(b):
        for network, side in ((a, "a"), (b, "b")):
            if not callable(network) and (side == "a" or network is not None):
                raise InputError(f"{side}: {_kind(network)} beside a module; two modules are compared, or two networks that were captured")
        options = {"exclude": exclude, "axes": axes, "spatial": spatial, "mask": mask, "lengths": lengths}
        options |= {"axes_b": axes_b, "spatial_b": spatial_b, "mask_b": mask_b, "lengths_b": lengths_b}
        options |= {"memory": memory, "precision": precision, "on_error": on_error, "progress": progress, "resume": resume, "out": out}
        options |= {
            "rows": rows,
            "sample": sample,
            "seed": seed,
            "names": names,
            "null": null,
            "adjust": adjust,
            "layer_order": layer_order,
        }
        return compare_models(a, b, loader, measures, layers="*" if layers is None else layers, layers_b=layers_b, **options)
    if loader is not None:
        raise InputError("loader= has the batches of modules and functions (compare_models), and these are layers that are there already")
    in_files = [isinstance(network, (str, os.PathLike)) for network in (a, b)]
    if layer_order is not None and not any(in_files):
        raise InputError(f"layer_order={layer_order!r}: layers of files are put into an order; those of dicts and lists have theirs")
    how = arrangement(axes, spatial, mask, lengths, rows, sample, seed)
    both = [axes_b if axes_b is not None else axes, spatial_b if spatial_b is not None else spatial]
    both += [mask_b if mask_b is not None else mask if lengths_b is None else None]
    both += [lengths_b if lengths_b is not None else lengths if mask_b is None else None]
    if null is not None:
        # Those of files know which rows are of one example.
        in_memory = [word for word, of_file in ((spatial, in_files[0]), (both[1], in_files[1] or b is None)) if not of_file]
        require_examples(*in_memory)
    drawn = None if rows is None else str(rows) if isinstance(rows, str) else np.asarray(rows).tolist(), sample, seed if sample else None
    network_a = _network(a, "a", layers, exclude, layer_order, how, (axes, spatial, _plainly(mask), _plainly(lengths), *drawn))
    network_b = None
    if b is not None:
        how_b = arrangement(*both, rows, sample, seed)
        words = (*both[:2], *map(_plainly, both[2:]), *drawn)
        network_b = _network(b, "b", layers if layers_b is None else layers_b, exclude, layer_order, how_b, words)
    masks, masks_b = {"mask": mask, "lengths": lengths}, {"mask": mask_b, "lengths": lengths_b}
    words_b = {} if b is None else network_b.words
    tell_unused(masks, masks_b, dict(zip(masks, both[2:])), network_a.words.values(), words_b.values(), "b")
    unmatched = network_a.unmatched if b is None else [name for name in network_a.unmatched if name in network_b.unmatched]
    if unmatched:
        there = ", ".join(dict.fromkeys(name for network in (network_a, network_b) if network for name in network.there))
        raise InputError(f"exclude={unmatched[0]!r}: nothing has this name, or matches it; there are {there}")
    if all(in_files):
        _require_same_examples(a, b)
    named_arrays = [pair for network in (network_a, network_b) if network for pair in network.given]
    require_same_order(named_arrays)
    nulls = None if null is None else null_word(null), adjust, seed
    if nulls[0] is not None and nulls[0].isdigit() and int(nulls[0]) >= MANY:
        words = f"null={nulls[0]}: each pair of layers is compared so many times; the least p-value of null=9999 is 0.0001"
        warn(words)
    return _run(network_a, network_b, measures, names, memory, precision, on_error, progress, resume, out, nulls)


def _require_same_examples(a, b):
    digests = [examples_of(path) for path in (a, b)]
    if None not in digests and digests[0] != digests[1]:
        raise InputError(
            f"{a} and {b} were captured from other examples, or from the same in another order: row i must be the same example"
        )


def _is_module(network):
    return hasattr(network, "named_modules") and hasattr(network, "register_forward_hook")


class _Layers:
    """A network of the library, and what is known of it here."""

    def __init__(self, network, words, digests, given=(), unmatched=(), there=()):
        #: The layers, what was decided of each in words, and its digest.
        self.network, self.words, self.digests = network, words, digests
        #: Arrays as they were given, what of ``exclude`` names none, and what layers there are.
        self.given, self.unmatched, self.there = given, unmatched, there


def _kind(network):
    return "a path" if isinstance(network, (str, os.PathLike)) else "None" if network is None else f"{type(network).__name__}"


def _plainly(mask):
    """A mask as a text that is the same for the same entries."""
    if mask is None:
        return None
    entries = np.ascontiguousarray(as_numpy(mask, "mask"), dtype=float)
    return entries.shape, hashlib.blake2b(entries).hexdigest()


def _network(network, name, layers, exclude, layer_order, how, reading):
    if isinstance(network, (str, os.PathLike)):
        path = os.fspath(network)
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not path.lower().endswith((".h5", ".hdf5")):
            return _of_path(path, layers, exclude, layer_order or "names", how, reading)
        chosen_layers, unmatched, there, read = _read_h5(path, layers, exclude, layer_order or "names", name)
    else:
        if isinstance(network, (list, tuple)):
            network = {str(place): array for place, array in enumerate(network)}
        if _is_module(network) or not hasattr(network, "items"):
            remedy = "; sim.compare_models(a, b, loader) runs modules and functions" if callable(network) else ""
            remedy = "; list(...) makes a list of a generator" if hasattr(network, "__next__") else remedy
            raise InputError(
                f"{name}: layers come as a dict from names to arrays, as a list, or as a path; not as {_kind(network)}{remedy}"
            )
        read = {str(layer): array for layer, array in network.items()}
        if len(read) < len(network):
            raise InputError(f"{name}: two layers have the same name as texts")
        there = list(read)
        chosen_layers, unmatched = chosen(there, layers, exclude, name)
    for layer in chosen_layers:
        try:
            layer.encode()
        except UnicodeEncodeError:
            raise InputError(f"{name}: the name {layer!r} is no text that can be written (a lone surrogate)") from None
    arrays, words = [], {}
    for layer in chosen_layers:
        array, words[layer], _ = arranged(read[layer], f"{name}[{layer!r}]", how, narrow=True)
        arrays.append((layer, array))
    given = [(f"{name}[{layer!r}]", read[layer]) for layer in chosen_layers]
    return _Layers(_similitude.Network.of_arrays(name, arrays), words, lambda: of_arrays(arrays), given, unmatched, there)


def _of_path(path, layers, exclude, layer_order, how, reading):
    how = how or _similitude.Arrangement()
    layers = None if layers is None else texts(layers, "layers")
    network = _similitude.Network.of_path(path, layers, texts(exclude, "exclude"), layer_order, how)
    names = [layer for layer, _, _ in network.layers()]
    words = dict(zip(names, network.readings()))
    return _Layers(network, words, lambda: of_path(path, names, reading), unmatched=network.unmatched, there=names)


def _read_h5(path, layers, exclude, layer_order, of):
    """Which datasets are taken, what of ``exclude`` names none, which there are, and those that are taken."""
    try:
        import h5py
    except ImportError:
        raise InputError(f"{path}: h5py reads this file, and is not installed (pip install h5py)") from None
    if not os.path.exists(path):
        raise InputError(f"{path}: no such file or directory")
    names = []
    try:
        with h5py.File(path, "r") as file:
            file.visititems(lambda name, entry: names.append(name) if isinstance(entry, h5py.Dataset) else None)
            if layer_order == "names":
                names.sort(key=natural)
            taken, unmatched = chosen(names, layers, exclude, of)
            read = {name: file[name][()] for name in taken}
    except OSError as error:
        raise InputError(f"{path}: {error}") from error
    for name, array in read.items():
        if np.ndim(array) == 0 or array.dtype.kind not in "biuf":
            kind = getattr(array, "dtype", type(array).__name__)
            remedy = f"leave it out with exclude={name!r}, or name the layers with layers="
            raise InputError(f"{path}: {name!r} is no layer (shape {np.shape(array)}, type {kind}); {remedy}")
    return taken, unmatched, names, read


def _run(of_a, of_b, measures, names, memory, precision, on_error, progress, resume, out, nulls):
    network_a, network_b = of_a.network, None if of_b is None else of_b.network
    measures = [str(_similitude.Measure(measure)) for measure in measures]
    if len(set(measures)) < len(measures):
        raise InputError(f"a measure is given twice: {', '.join(measures)}")
    names = _called(names, network_a, network_b)
    layers_a = network_a.layers()
    layers_b = layers_a if network_b is None else network_b.layers()
    done = None if resume is None else resume.outcomes_for(layers_a, layers_b, measures)

    def look():
        digests = of_a.digests()
        return {"precision": precision, "a": digests, "b": digests if of_b is None else of_b.digests()}

    # Beside the sweep, which takes longer.
    origin = beside(look, sum(n * p for _, n, p in layers_a + layers_b))
    if resume is not None:
        require_same(resume._origin, origin())
    directory = _files.Directory(out)
    with _progress(progress) as tell:
        tables, ended = _similitude.sweep(
            network_a, network_b, measures, memory, precision, on_error == "stop", done, tell, directory.path, *nulls
        )
    words = {"a": of_a.words, "b": of_a.words if of_b is None else of_b.words}
    found = Sweep(tables, layers_a, layers_b, names, words, origin(), nulls)
    if ended is None:
        directory.remove_earlier()
        return found
    ended.partial = found
    if hasattr(ended, "add_note"):
        cells = found.finished.sum()
        ended.add_note(
            f"{cells} of {found.finished.size} cells were finished: error.partial has them, and sweep(..., resume=error.partial) goes on"
        )
    raise ended


def _called(names, network_a, network_b):
    """What both networks are called."""
    if names is None:
        return [network_a.name, network_a.name if network_b is None else network_b.name]
    count = 1 if network_b is None else 2
    asked = [names] if isinstance(names, str) and count == 1 else names
    if isinstance(asked, str):
        raise InputError(f"names={names!r}: two networks have a name each, names=({names!r}, ...)")
    asked = texts(asked, "names")
    if len(asked) != 2 and len(asked) != count:
        raise InputError(
            f"names={names!r}: {count} {'network is' if count == 1 else 'networks are'} compared, and {len(asked)} names are given"
        )
    return (asked * 2)[:2]


class _progress:
    """A bar, somebody's own function, or nothing."""

    def __init__(self, asked):
        self.asked, self.bar, self.start = asked, None, time.monotonic()

    def __enter__(self):
        if callable(self.asked):
            return self.asked
        if self.asked is None and not (sys.stderr.isatty() or "ipykernel" in sys.modules):
            return None
        return None if self.asked is False else self.tell

    def tell(self, finished, total):
        if self.bar is None:
            # What ends within a moment needs no bar.
            if self.asked is None and (finished == total or time.monotonic() - self.start < 0.5):
                return
            try:
                from tqdm.auto import tqdm

                self.bar = tqdm(total=total, unit="cell")
            except ImportError:
                self.bar = _Line(total)
        self.bar.update(finished - self.bar.n)

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()


class _Line:
    """A line on standard error, where there is no tqdm."""

    def __init__(self, total):
        self.total, self.n = total, 0

    def update(self, more):
        self.n += more
        print(f"\r{self.n} of {self.total} cells", end="", file=sys.stderr, flush=True)

    def close(self):
        print(file=sys.stderr)
