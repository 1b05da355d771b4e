"""All layers of one network against all layers of another."""

import os
import sys
import time

from . import _similitude
from ._arrays import arranged, arrangement
from ._capture import compare_models, examples_of
from ._errors import InputError
from ._functions import require_examples
from ._inference import null_word
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
    layer_order="names",
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
        exclude: entries that are no layers, names or patterns.
        layer_order: of files: ``"names"`` (as the metadata list them, else h.2 before h.10) or ``"file"``.
        axes, spatial, mask, lengths: as :func:`similitude.to_array` has them; ``axes_b`` ... where they differ for ``b``.
        rows, sample, seed: which examples of both are taken: a text of ranges, numbers or flags; or so many, drawn.
        names: what the two networks are called in tables and pictures.
        memory: bytes that may be taken; what is free unless given. Files larger than that are read in parts.
        precision: ``"f64"``, or ``"f32"`` for large products in single precision; the bounds say what that costs.
        on_error: a layer with an entry that is not finite leaves its own cells without a value (``"leave"``), or ends the
            sweep (``"stop"``).
        progress: a function of the numbers of cells that are finished and that there are; True or False for a bar or none
            (tqdm's, if there is one). Unless given, a bar where somebody looks.
        resume: an earlier, interrupted :class:`Sweep` of the same layers by the same measures: its cells are kept.
        out: a directory for the files that the program writes: scores.csv, scores.json, scores.npz, heat maps.
        null: a number of permutations of the examples of ``b``, the same for all pairs, or ``"exact"``: p-values, calibrated
            scores and what else :class:`NullTest` has, as columns and as ``.p("cka")``, ``.calibrated("cka")``. ``seed`` draws.
        adjust: p-values adjusted for the number of pairs: ``"max"`` (by the step-down null of the largest standardised value;
            Westfall and Young), ``"holm"`` or ``"bh"``.

    Returns:
        A :class:`Sweep`.

    Raises:
        InputError: what cannot be compared.
        KeyboardInterrupt: at once; its attribute ``partial`` is the :class:`Sweep` of what was finished, for ``resume``.
    """
    if isinstance(measures, str):
        measures = [measures]
    if on_error not in ("leave", "stop"):
        raise InputError(f"on_error={on_error!r}: leave or stop are possible")
    if _is_module(a):
        options = {"axes": axes, "spatial": spatial, "mask": mask, "lengths": lengths, "axes_b": axes_b, "spatial_b": spatial_b}
        options |= {"mask_b": mask_b, "lengths_b": lengths_b, "memory": memory, "precision": precision, "on_error": on_error}
        options |= {"progress": progress, "resume": resume, "out": out, "rows": rows, "sample": sample, "seed": seed, "names": names}
        options |= {"null": null, "adjust": adjust}
        return compare_models(a, b, loader, measures, layers=layers or "*", layers_b=layers_b, **options)
    how = arrangement(axes, spatial, mask, lengths, rows, sample, seed)
    both = [axes_b if axes_b is not None else axes, spatial_b if spatial_b is not None else spatial]
    both += [mask_b if mask_b is not None else mask if lengths_b is None else None]
    both += [lengths_b if lengths_b is not None else lengths if mask_b is None else None]
    if null is not None:
        # Those of files know which rows are of one example.
        in_memory = [word for word, network in ((spatial, a), (both[1], b)) if not isinstance(network, (str, os.PathLike, type(None)))]
        require_examples(*in_memory)
    network_a = _network(a, "a", layers, exclude, layer_order, how)
    how_b = arrangement(*both, rows, sample, seed)
    network_b = None if b is None else _network(b, "b", layers_b if layers_b is not None else layers, exclude, layer_order, how_b)
    if isinstance(a, (str, os.PathLike)) and isinstance(b, (str, os.PathLike)):
        _require_same_examples(a, b)
    nulls = None if null is None else null_word(null), adjust, seed
    return _run(network_a, network_b, measures, names, memory, precision, on_error, progress, resume, out, nulls)


def _require_same_examples(a, b):
    digests = [examples_of(path) for path in (a, b)]
    if None not in digests and digests[0] != digests[1]:
        raise InputError(
            f"{a} and {b} were captured from other examples, or from the same in another order: row i must be the same example"
        )


def _is_module(network):
    return hasattr(network, "named_modules") and hasattr(network, "register_forward_hook")


def _network(network, name, layers, exclude, layer_order, how):
    """The network, and what was decided of its layers, in words."""
    if isinstance(layers, str):
        layers = layers.split(",")
    exclude = exclude.split(",") if isinstance(exclude, str) else list(exclude)
    if isinstance(network, (str, os.PathLike)):
        path = os.fspath(network)
        if not path.endswith((".h5", ".hdf5")):
            return _of_path(path, layers, exclude, layer_order, how)
        network = _read_h5(path)
    if isinstance(network, (list, tuple)):
        network = {str(place): array for place, array in enumerate(network)}
    if not hasattr(network, "items"):
        raise InputError(f"{name}: layers come as a dict from names to arrays, as a list, or as a path; not as {type(network).__name__}")
    named = {str(layer): array for layer, array in network.items()}
    if len(named) < len(network):
        raise InputError(f"{name}: two layers have the same name as texts")
    arrays, words = [], {}
    for layer in _chosen(list(named), layers, exclude, name):
        array, words[layer], _ = arranged(named[layer], f"{name}[{layer!r}]", how, narrow=True)
        arrays.append((layer, array))
    return _similitude.Network.of_arrays(name, arrays), words


def _of_path(path, layers, exclude, layer_order, how):
    how = how or _similitude.Arrangement()
    network = _similitude.Network.of_path(os.fspath(path), layers, list(exclude), layer_order, how)
    return network, {layer: words for (layer, _, _), words in zip(network.layers(), network.readings())}


def _chosen(names, layers, exclude, of):
    import fnmatch

    left = [name for name in names if not any(fnmatch.fnmatchcase(name, pattern) for pattern in exclude)]
    if layers is None:
        return left
    chosen = {}
    for pattern in layers:
        found = [name for name in left if name == pattern or fnmatch.fnmatchcase(name, pattern)]
        if not found:
            raise InputError(f"{of}: no layer is called {pattern!r}, or matches it; there are {', '.join(left)}")
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def _read_h5(path):
    try:
        import h5py
    except ImportError:
        raise InputError(f"{path}: h5py reads this file, and is not installed (pip install h5py)") from None
    layers = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, entry: layers.update({name: entry[()]}) if isinstance(entry, h5py.Dataset) else None)
    return layers


def _run(a, b, measures, names, memory, precision, on_error, progress, resume, out, nulls):
    (network_a, words_a), (network_b, words_b) = a, b or (None, None)
    measures = [str(_similitude.Measure(measure)) for measure in measures]
    if len(set(measures)) < len(measures):
        raise InputError(f"a measure is given twice: {', '.join(measures)}")
    layers_a = network_a.layers()
    layers_b = layers_a if network_b is None else network_b.layers()
    done = None if resume is None else resume.outcomes_for(layers_a, layers_b, measures)
    names = list(names or [network_a.name, network_a.name if network_b is None else network_b.name])
    out = None if out is None else os.fspath(out)
    with _progress(progress) as tell:
        tables, ended = _similitude.sweep(network_a, network_b, measures, memory, precision, on_error == "stop", done, tell, out, *nulls)
    found = Sweep(tables, layers_a, layers_b, (names * 2)[:2], {"a": words_a, "b": words_a if network_b is None else words_b})
    if ended is None:
        return found
    ended.partial = found
    if hasattr(ended, "add_note"):
        cells = found.finished.sum()
        ended.add_note(
            f"{cells} of {found.finished.size} cells were finished: error.partial has them, and sweep(..., resume=error.partial) goes on"
        )
    raise ended


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
