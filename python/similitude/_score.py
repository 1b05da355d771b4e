"""A value with everything that it rests on."""

import html


class Score(float):
    """The value of a measure: a ``float`` that carries its convention, the bound on its error, and what was seen on the way.

    Attributes:
        value: the number.
        error_bound: how far it may be from the exact value for these very numbers.
        measure: the measure with its full convention, which ``similitude.compare`` reads back.
        convention: the keys of that as a dict.
        direction: ``"similarity"`` (more is more alike) or ``"distance"``.
        n, p1, p2: examples, and neurons of X and of Y.
        diagnostics: ranks, bandwidths, correlations, ... as a dict.
        version: the version of similitude.
    """

    def __new__(cls, parts):
        self = super().__new__(cls, parts["value"])
        self._parts = parts
        return self

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._parts[name]
        except KeyError:
            raise AttributeError(f"a Score has no attribute {name!r}") from None

    def __dir__(self):
        return [*super().__dir__(), *self._parts, "error_bound", "convention"]

    @property
    def error_bound(self):
        return self._parts["diagnostics"]["error_bound"]

    @property
    def convention(self):
        keys = self._parts["measure"].partition(":")[2]
        return dict(pair.split("=", 1) for pair in keys.split(",")) if keys else {}

    def __reduce__(self):
        return Score, (self._parts,)

    def __repr__(self):
        return f"Score({float(self)!r}, measure={self.measure!r}, error_bound={self.error_bound:.1e})"

    def __str__(self):
        return repr(float(self))

    def _repr_html_(self):
        rows = {"value": repr(float(self)), "error at most": f"{self.error_bound:.1e}", "measure": self.measure,
                "shapes": f"{self.n} x {self.p1} and {self.n} x {self.p2}"}
        cells = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(str(v))}</td></tr>" for k, v in rows.items())
        return f"<table>{cells}</table>"
