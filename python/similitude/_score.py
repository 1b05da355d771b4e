"""A value with everything that it rests on."""

import html

from ._similitude import Found


class Score(float):
    """The value of a measure: a ``float`` that carries its convention, the bound on its error, and what was seen on the way.

    Attributes:
        value: the number.
        error_bound: how far it may be from the exact value for these very numbers.
        measure: the measure with its full convention, which ``similitude.compare`` reads back.
        convention: the keys of that as a dict of texts.
        direction: ``"similarity"`` (more is more alike) or ``"distance"``.
        n, p1, p2: examples, and neurons of X and of Y.
        diagnostics: ranks, bandwidths, correlations, ... as a dict.
        reading: what was decided of the axes of X and of Y, in words; None where there were two.
        null, interval: the :class:`similitude.NullTest` and the :class:`similitude.Interval` that were asked for; else None.
        version: the version of similitude.
    """

    def __new__(cls, parts):
        if type(parts) is Found:
            self = super().__new__(cls, parts.value)
            self._found = parts
        else:
            self = super().__new__(cls, parts["value"])
            self._parts = parts
        return self

    def __getattr__(self, name):
        if name == "_parts" and "_found" in self.__dict__:
            # Made when somebody looks: most scores are read as numbers. Whoever is second takes what is there.
            return self.__dict__.setdefault("_parts", self._found.parts())
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._parts[name]
        except KeyError:
            raise AttributeError(f"a Score has no attribute {name!r}; it has {', '.join(self._names())}") from None

    def _names(self):
        return sorted({*self._parts, "error_bound", "convention", "reading", "null", "interval"})

    def __dir__(self):
        return [*super().__dir__(), *self._names()]

    @property
    def error_bound(self):
        return self._parts["diagnostics"]["error_bound"]

    @property
    def convention(self):
        keys = self._parts["measure"].partition(":")[2]
        return dict(pair.split("=", 1) for pair in keys.split(",")) if keys else {}

    @property
    def reading(self):
        return self._parts.get("reading")

    @property
    def null(self):
        return self._parts.get("null")

    @property
    def interval(self):
        return self._parts.get("interval")

    def to_dict(self):
        """Everything as a dict, for JSON; of a null and an interval what stands in the diagnostics."""
        parts = {name: part for name, part in self._parts.items() if name not in ("null", "interval")}
        return {**parts, "diagnostics": dict(parts["diagnostics"])}

    def __reduce__(self):
        return Score, (self._parts,)

    def __copy__(self):
        return self

    def __repr__(self):
        return f"Score({float(self)!r}, measure={self.measure!r}, error_bound={self.error_bound:.1e})"

    def __str__(self):
        return repr(float(self))

    def _repr_html_(self):
        rows = {
            "value": repr(float(self)),
            "error at most": f"{self.error_bound:.1e}",
            "measure": self.measure,
            "shapes": f"{self.n} x {self.p1} and {self.n} x {self.p2}",
        }
        if self.null is not None:
            rows["p"] = f"{self.null.p:.3g} ({self.null.scheme})"
        if self.interval is not None:
            level, lo, hi = 100 * self.interval.level, self.interval.lo, self.interval.hi
            rows["interval"] = f"{lo:.4g} to {hi:.4g} ({level:.3g} %, {self.interval.method})"
        if self.reading:
            rows["read as"] = "; ".join(f"{side}: {words}" for side, words in self.reading.items() if words)
        shown = {name: value for name, value in self.diagnostics.items() if name != "error_bound"}
        return f"<table>{_rows(rows)}</table><details><summary>diagnostics</summary><table>{_rows(shown)}</table></details>"


def _rows(rows):
    def text(value):
        words = ", ".join(map(repr, value[:8])) + (", ..." if len(value) > 8 else "") if isinstance(value, list) else str(value)
        return html.escape(words)

    return "".join(f"<tr><th>{html.escape(name)}</th><td>{text(value)}</td></tr>" for name, value in rows.items())
