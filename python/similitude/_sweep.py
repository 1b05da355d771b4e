"""All layers of one network against all layers of another."""

import html
import os

import numpy as np

from . import _similitude
from ._arrays import to_array
from ._similitude import InputError


def sweep(a, b=None, measures=("cka",), *, memory=None, progress=None):
    """Compares every layer of ``a`` with every layer of ``b``, or of ``a`` itself.

    Args:
        a, b: dicts from names of layers to arrays (examples x neurons), or paths of .npz and .safetensors files.
        measures: texts of the grammar, for example ``["cka", "cca:summary=r2"]``.
        memory: bytes that may be taken; what is free unless given.
        progress: a function that is called with the number of cells that were finished; ``True`` for a bar of tqdm.

    Returns:
        A :class:`Sweep`.

    Raises:
        InputError, and KeyboardInterrupt at once where it is interrupted.
    """
    if isinstance(measures, str):
        measures = [measures]
    layers_a, layers_b = _layers(a, "a"), None if b is None else _layers(b, "b")
    bar = None
    if progress is True:
        from tqdm.auto import tqdm

        bar = tqdm(total=len(layers_a) * len(layers_b or layers_a) * len(measures), unit="cell")
        progress = bar.update
    try:
        tables = _similitude.sweep(layers_a, layers_b, list(measures), memory, progress)
    finally:
        if bar is not None:
            bar.close()
    return Sweep([name for name, _ in layers_a], [name for name, _ in layers_b or layers_a], tables)


def _layers(network, name):
    if isinstance(network, (str, os.PathLike)):
        network = _read(os.fspath(network))
    if not hasattr(network, "items"):
        raise InputError(f"{name}: layers come as a dict from names to arrays, or as a path; not as {type(network).__name__}")
    return [(str(layer), to_array(array, f"{name}[{layer!r}]")) for layer, array in network.items()]


def _read(path):
    if path.endswith(".npz"):
        with np.load(path) as archive:
            return {name: archive[name] for name in archive.files}
    if path.endswith(".safetensors"):
        from safetensors.numpy import load_file

        return load_file(path)
    raise InputError(f"{path}: .npz and .safetensors files hold layers by name")


class Sweep:
    """The values of a sweep: ``sweep["cka"]`` is an array of layers of A x layers of B.

    Attributes:
        layers_a, layers_b: names of layers.
        measures: the measures with their full conventions.
        errors: why a value is missing: tuples (measure, layer of A, layer of B, kind, message).
    """

    def __init__(self, layers_a, layers_b, tables):
        self.layers_a, self.layers_b = layers_a, layers_b
        self.measures = [measure for measure, *_ in tables]
        self._direction = {measure: direction for measure, direction, *_ in tables}
        self._values = {measure: values for measure, _, values, _, _ in tables}
        self._bounds = {measure: bounds for measure, _, _, bounds, _ in tables}
        self.errors = [(measure, layers_a[i], layers_b[j], kind, message)
                       for measure, _, _, _, errors in tables for i, j, kind, message in errors]

    def _full(self, measure=None):
        if measure is None:
            if len(self.measures) > 1:
                raise InputError(f"which of the measures: {', '.join(self.measures)}?")
            return self.measures[0]
        full = _similitude.convention(measure)
        if full not in self._values:
            raise InputError(f"{full} is not in this sweep of {', '.join(self.measures)}")
        return full

    def __getitem__(self, measure):
        return self._values[self._full(measure)]

    def error_bounds(self, measure=None):
        """The bound on the error of each value."""
        return self._bounds[self._full(measure)]

    def best_match(self, measure=None):
        """For each layer of A the layer of B that is most like it, and the value; None where no value is there."""
        measure = self._full(measure)
        matches = {}
        for name, row in zip(self.layers_a, self._values[measure]):
            ordered = -row if self._direction[measure] == "distance" else row
            place = None if np.all(np.isnan(ordered)) else int(np.nanargmax(ordered))
            matches[name] = None if place is None else (self.layers_b[place], float(row[place]))
        return matches

    def accuracy(self, measure=None):
        """The share of layers of A whose best match is the layer of B at the same place (of two networks of one architecture)."""
        if len(self.layers_a) != len(self.layers_b):
            raise InputError(f"{len(self.layers_a)} and {len(self.layers_b)} layers do not correspond")
        found = list(self.best_match(measure).values())
        right = [match is not None and match[0] == layer for match, layer in zip(found, self.layers_b)]
        return sum(right) / len(right)

    def records(self):
        """One dict for each value."""
        for measure in self.measures:
            for i, a in enumerate(self.layers_a):
                for j, b in enumerate(self.layers_b):
                    yield {"layer_a": a, "layer_b": b, "measure": measure, "value": float(self._values[measure][i, j]),
                           "error_bound": float(self._bounds[measure][i, j])}

    def to_pandas(self):
        """A long DataFrame, one value a row."""
        import pandas

        return pandas.DataFrame.from_records(list(self.records()))

    def to_csv(self, path):
        """Writes a long table."""
        import csv

        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, ["layer_a", "layer_b", "measure", "value", "error_bound"])
            writer.writeheader()
            writer.writerows({**record, "value": repr(record["value"]), "error_bound": repr(record["error_bound"])} for record in self.records())

    def plot(self, measure=None, ax=None, **options):
        """A heat map on matplotlib's Axes, which is returned."""
        import matplotlib.pyplot as plt

        measure = self._full(measure)
        ax = ax or plt.subplots()[1]
        image = ax.imshow(self._values[measure], **{"cmap": "magma", "aspect": "auto", **options})
        ax.set_xticks(range(len(self.layers_b)), self.layers_b, rotation=90)
        ax.set_yticks(range(len(self.layers_a)), self.layers_a)
        ax.set_title(measure)
        ax.figure.colorbar(image, ax=ax, label=measure.partition(":")[0])
        return ax

    def __repr__(self):
        return f"Sweep({len(self.layers_a)} x {len(self.layers_b)} layers, {', '.join(self.measures)}, {len(self.errors)} without a value)"

    def _repr_html_(self):
        def table(measure):
            values = self._values[measure]
            head = "".join(f"<th>{html.escape(name)}</th>" for name in self.layers_b)
            rows = "".join(f"<tr><th>{html.escape(name)}</th>" + "".join(f"<td>{value:.4f}</td>" for value in row) + "</tr>"
                           for name, row in zip(self.layers_a, values))
            return f"<p>{html.escape(measure)}</p><table><tr><th></th>{head}</tr>{rows}</table>"

        return "".join(table(measure) for measure in self.measures)
