"""Heat maps of a sweep, on matplotlib's axes and in notebooks."""

import html
import math

import numpy as np

from ._errors import InputError

#: Colors of a heat map from 0 to 1: nine of matplotlib's magma.
MAGMA = [
    (0, 0, 4),
    (28, 16, 68),
    (79, 18, 123),
    (129, 37, 129),
    (181, 54, 122),
    (229, 80, 100),
    (251, 135, 97),
    (254, 194, 135),
    (252, 253, 191),
]


class Pictures:
    """What a sweep draws of its tables."""

    def _ends(self, measure):
        """The least and the greatest color: the range of the measure, or of the values where it has none.

        What may be negative and hardly ever is (a debiased estimator) is drawn from 0, or from the least value.
        """
        (lower, upper), values = self._tables[measure]["range"], self[measure]
        seen = values[np.isfinite(values)]
        lower = lower if lower >= 0 else min(0.0, seen.min(initial=0.0))
        upper = upper if math.isfinite(upper) else seen.max(initial=lower)
        return lower, upper if upper > lower else lower + 1.0

    def _by_chance(self, measure, level):
        """Whether a cell has a p-value, and one above the level."""
        if level is None or not self._has("p", measure):
            return np.zeros_like(self[measure], dtype=bool)
        return self.p(measure) > level

    def plot(self, measure=None, ax=None, *, of="value", level=0.05, colorbar=True, title=None, **options):
        """A heat map on matplotlib's Axes, which is returned: layers of A upwards, layers of B to the right.

        Colors run over the range of the measure, so that pictures can be compared, from 0 or the least value where it is
        signed; ``vmin``, ``vmax``, ``cmap`` and what else
        ``imshow`` takes go on to it. Cells without a value are gray. Where the sweep has p-values, cells with p > ``level`` are
        hatched; ``level=None`` leaves that out. ``of="calibrated"`` draws the calibrated scores, and ``of="z"`` or another fact
        that, over the values that there are.
        """
        import matplotlib.pyplot as plt

        measure = self._full(measure)
        if ax is None:
            ax = plt.subplots()[1]
        if not hasattr(ax, "imshow"):
            raise InputError(f"ax: Axes of matplotlib are drawn on, one of them, and this is {type(ax).__name__}")
        shown = self[measure] if of == "value" else self.fact(of, measure)
        lower, upper = self._ends(measure) if of == "value" else _span(shown, of)
        colors = plt.get_cmap(options.pop("cmap", "magma")).with_extremes(bad="0.6")
        wanted = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
        # A norm has ends of its own.
        wanted |= options if options.get("norm") is not None else {"vmin": lower, "vmax": upper, **options}
        image = ax.imshow(np.ma.masked_invalid(shown), cmap=colors, **wanted)
        hatched = self._by_chance(measure, level)
        if hatched.any():
            from matplotlib.patches import Rectangle

            def hatch(patch, row, column):
                value = shown[row, column]
                # What a color is dark enough for.
                dark = not math.isfinite(value) or sum(image.cmap(image.norm(value))[:3]) < 1.5
                patch.set(fill=False, hatch="////", edgecolor="0.85" if dark else "0.25", linewidth=0)
                return patch

            for row, column in np.argwhere(hatched):
                ax.add_patch(hatch(Rectangle((column - 0.5, row - 0.5), 1, 1), row, column))
        for set_ticks, names, rotation in ((ax.set_xticks, self.layers_b, 90), (ax.set_yticks, self.layers_a, 0)):
            step = max(1, math.ceil(len(names) / 40))
            set_ticks(range(0, len(names), step), [plain(name) for name in names[::step]], rotation=rotation)
        words = f"hatched: p > {level:g}" if hatched.any() else ""
        ax.set_xlabel(plain(self.models[1]) if colorbar or not words else f"{plain(self.models[1])} ({words})")
        ax.set_ylabel(plain(self.models[0]))
        ax.set_title(measure if title is None else title)
        if colorbar:
            shown_is = measure.partition(":")[0] + ("" if of == "value" else f", {of}")
            ax.figure.colorbar(image, ax=ax, label=f"{shown_is}; {words}" if words else shown_is)
        return ax

    def _repr_html_(self):
        return "".join(self._map(measure) for measure in self.measures)

    def _map(self, measure):
        """A heat map as SVG: a cell says its layers and its value where the mouse stands."""
        values, (lower, upper) = self[measure], self._ends(measure)
        rows, columns = values.shape
        side = max(4, min(24, 480 // max(rows, columns)))

        def color(value):
            if not math.isfinite(value):
                return "#999999"
            place = min(max((value - lower) / (upper - lower), 0.0), 1.0) * (len(MAGMA) - 1)
            first, part = MAGMA[int(place)], place - int(place)
            second = MAGMA[min(int(place) + 1, len(MAGMA) - 1)]
            return "#" + "".join(f"{round(a + part * (b - a)):02x}" for a, b in zip(first, second))

        hatched = self._by_chance(measure, 0.05)
        p = self.p(measure) if self._has("p", measure) else None
        cells = []
        for i, layer_a in enumerate(self.layers_a):
            for j, layer_b in enumerate(self.layers_b):
                value = float(values[i, j])
                words = html.escape(f"{layer_a}, {layer_b}: {value:.4g}" if math.isfinite(value) else f"{layer_a}, {layer_b}: no value")
                if p is not None and math.isfinite(p[i, j]):
                    words += f", p = {p[i, j]:.2g}"
                where = f'x="{j * side}" y="{(rows - 1 - i) * side}" width="{side}" height="{side}" fill="{color(value)}"'
                cells.append(f"<rect {where}><title>{words}</title></rect>")
                if hatched[i, j]:
                    x, y, half = j * side, (rows - 1 - i) * side, side / 2
                    lines = ((x, y + side, side), (x, y + half, half), (x + half, y + side, half))
                    path = "".join(f"M{left} {low}l{length} {-length}" for left, low, length in lines)
                    cells.append(f'<path d="{path}" stroke="#888888" stroke-width="1" pointer-events="none"/>')
        size = f'width="{columns * side}" height="{rows * side}"'
        ends = f"{self.models[0]} upwards, {self.models[1]} to the right; {lower:.3g} (dark) to {upper:.3g} (light), gray: no value"
        ends += "; hatched: p > 0.05" if hatched.any() else ""
        return f"<p><b>{html.escape(measure)}</b><br>{html.escape(ends)}</p><svg {size}>{''.join(cells)}</svg>"


def plain(name):
    """A name as matplotlib writes it: what stands between two dollars would be a formula."""
    return str(name).replace("$", r"\$")


def _span(values, of):
    """The ends of the colors of a fact: from 0 to 1 where it is calibrated, and no less than the values."""
    seen = values[np.isfinite(values)]
    least, most = seen.min(initial=math.inf), seen.max(initial=-math.inf)
    if of in ("calibrated", "p"):
        return 0.0, 1.0
    return (least, most) if most > least else (least, least + 1.0)
