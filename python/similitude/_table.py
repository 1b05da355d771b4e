"""What a sweep answers."""

import json
import math

import numpy as np

from . import _files, _similitude
from ._checks import measure_text
from ._errors import InputError, refusal
from ._found import NullTest
from ._pictures import Pictures
from ._score import Score

#: The columns of a long table, which are those that the program writes.
COLUMNS = [
    "model_a",
    "layer_a",
    "model_b",
    "layer_b",
    "measure",
    "value",
    "n",
    "p1",
    "p2",
    "condition",
    "error_bound",
    "error_kind",
    "error_message",
    "reading_a",
    "reading_b",
]

#: The columns that follow where a sweep has nulls, as the program writes them.
INFERENCE = ["p", "p_unadjusted", "null_mean", "z", "calibrated", "lo", "hi", "se", "seed"]

#: Columns that are numbers.
NUMBERS = ["value", "condition", "error_bound", *INFERENCE[:-1]]


class Sweep(Pictures):
    """The values of a sweep: ``sweep["cka"]`` is an array of layers of A x layers of B, NaN where there is no value.

    Attributes:
        layers_a, layers_b: names of layers.
        models: what the two networks are called.
        measures: the measures with their full conventions.
        n: examples.
        errors: why a value is missing: tuples (measure, layer of A, layer of B, kind, message).
        finished: whether a cell was computed, an array of measures x layers of A x layers of B; all of it unless the sweep
            was interrupted.
        readings: what was decided of the axes of each layer, in words, where arrays had more than two.
    """

    def __init__(self, tables, layers_a, layers_b, models=("a", "b"), readings=None, origin=None, nulls=(None, None, None)):
        self._tables = {table["measure"]: table for table in tables}
        #: What the layers held (``_origin``), and null, adjustment and seed.
        self._origin, self._nulls = origin, nulls
        self._shapes = [tuple(layer) for layer in layers_a], [tuple(layer) for layer in layers_b]
        self._parsed = {}
        self.layers_a, self.layers_b = ([name for name, _, _ in layers] for layers in self._shapes)
        self.models, self.measures = list(models), list(self._tables)
        self.n = layers_a[0][1]
        self.readings = readings or {"a": None, "b": None}
        self.errors = [
            (measure, self.layers_a[i], self.layers_b[j], kind, message)
            for measure, table in self._tables.items()
            for i, j, kind, message in table["errors"]
        ]
        shape = len(self.layers_a), len(self.layers_b)
        found = [[outcome is not None for outcome in self._outcomes(measure)] for measure in self.measures]
        self.finished = np.array(found, dtype=bool).reshape(len(self.measures), *shape)
        self._freeze()

    def _freeze(self):
        """Values are read, and written nowhere: what else follows from them would be of the old ones."""
        for table in self._tables.values():
            for name in ("values", "error_bounds"):
                table[name].flags.writeable = False
        self.finished.flags.writeable = False

    def _full(self, measure=None):
        if measure is None:
            if len(self.measures) > 1:
                raise InputError(f"which of the measures: {', '.join(self.measures)}?")
            return self.measures[0]
        full = _similitude.convention(measure_text(measure))
        if full not in self._tables:
            raise InputError(f"{full} is not in this sweep of {', '.join(self.measures)}")
        return full

    def _outcomes(self, measure):
        if measure not in self._parsed:
            self._parsed[measure] = json.loads(self._tables[measure]["outcomes"])
        return self._parsed[measure]

    def outcomes_for(self, layers_a, layers_b, measures):
        """The cells that are finished, for a sweep of these layers by these measures."""
        if self.measures != list(measures):
            was, asked = ", ".join(self.measures), ", ".join(measures)
            raise refusal(f"resume: a sweep of other measures ({was}, and this one is of {asked}); leave resume= out", "resume_differs")
        for side, shapes, now in zip("ab", self._shapes, (layers_a, layers_b)):
            was, asked = ([f"{layer} {n} x {p}" for layer, n, p in layers] for layers in (shapes, now))
            if was != asked:
                first = next((pair for pair in zip([*was, "no layer"], [*asked, "no layer"]) if pair[0] != pair[1]), ("", ""))
                raise refusal(
                    f"resume: a sweep of other layers or shapes ({side} had {first[0]}, and this one has {first[1]}); leave resume= out",
                    "resume_differs",
                    network=side,
                )
        return [self._tables[measure]["outcomes"] for measure in self.measures]

    def __getitem__(self, measure):
        """The values by a measure, an array that is read alone; ``.copy()`` is one to write to."""
        return self._tables[self._full(measure)]["values"]

    def __iter__(self):
        return iter(self.measures)

    def __contains__(self, measure):
        try:
            return _similitude.convention(measure_text(measure)) in self._tables
        except InputError:
            return False

    def error_bounds(self, measure=None):
        """The bound on the error of each value."""
        return self._tables[self._full(measure)]["error_bounds"]

    def fact(self, name, measure=None):
        """A number that stands beside each value, an array of layers of A x layers of B; NaN where there is none.

        ``"p"`` (adjusted where that was asked for; ``"p_unadjusted"`` before that), ``"null_mean"``, ``"z"``, ``"calibrated"``
        of a sweep with ``null=``, and the diagnostics of measures.
        """
        facts = [((outcome or {}).get("diagnostics") or {}).get(name) for outcome in self._outcomes(self._full(measure))]
        if not any(isinstance(fact, (int, float)) for fact in facts):
            remedy = " (null=1000 puts nulls beside the values)" if name in INFERENCE else ""
            raise InputError(f"no value of this sweep has a {name!r}{remedy}")
        numbers = [fact if isinstance(fact, (int, float)) else math.nan for fact in facts]
        return np.array(numbers, dtype=float).reshape(len(self.layers_a), len(self.layers_b))

    def p(self, measure=None):
        """The p-value of each value, adjusted where that was asked for; NaN where there is none."""
        return self.fact("p", measure)

    def z(self, measure=None):
        """How many standard deviations of its null each value is more alike than the mean."""
        return self.fact("z", measure)

    def null_mean(self, measure=None):
        """The mean of the null of each value."""
        return self.fact("null_mean", measure)

    def calibrated(self, measure=None):
        """The calibrated scores: at least 0 where p (not adjusted) is at most 0.05, 1 for the best value."""
        return self.fact("calibrated", measure)

    def _has(self, name, measure):
        return any(name in ((outcome or {}).get("diagnostics") or {}) for outcome in self._outcomes(measure))

    def columns(self):
        """The columns of the long table: those of nulls where there are some."""
        found = {name for measure in self.measures for name in INFERENCE if self._has(name, measure)}
        # Unadjusted p-values stand beside adjusted ones alone.
        shown = [name for name in INFERENCE if name != "p_unadjusted" or name in found]
        return COLUMNS + shown if found else COLUMNS

    def score(self, layer_a, layer_b, measure=None):
        """One cell as a :class:`similitude.Score`; None where it has no value.

        Where the sweep has nulls, its ``.null`` has what stands in the tables; a :class:`similitude.NullTest` of
        :func:`similitude.permutation_test` has more (the values, their standard deviation), which is None here.
        """
        measure = self._full(measure)
        for layer, layers, side in ((layer_a, self.layers_a, "a"), (layer_b, self.layers_b, "b")):
            if layer not in layers:
                raise InputError(f"layer_{side}={layer!r}: no layer of {self.models['ab'.index(side)]}; there are {', '.join(layers)}")
        i, j = self.layers_a.index(layer_a), self.layers_b.index(layer_b)
        outcome = self._outcomes(measure)[i * len(self.layers_b) + j]
        if outcome is None or "error" in outcome:
            return None
        sides = {"n": self.n, "p1": self._shapes[0][i][2], "p2": self._shapes[1][j][2]}
        read = {side: (self.readings[network] or {}).get(layer) for side, network, layer in (("x", "a", layer_a), ("y", "b", layer_b))}
        sides["reading"] = read if any(read.values()) else None
        more = {"measure": measure, "direction": self._tables[measure]["direction"], "version": _similitude.__version__}
        parts = {**outcome, **sides, **more}
        return Score({**parts, "null": self._null(parts)} if "p" in outcome["diagnostics"] else parts)

    def _null(self, parts):
        """The null of a cell, of what is kept of it."""
        facts, (null, adjust, seed) = parts["diagnostics"], self._nulls
        drawn = null is not None and null.isdigit()
        known = {name: facts.get(name) for name in ("p", "null_mean", "z", "calibrated")}
        absent = dict.fromkeys(("null_sd", "skewness", "critical", "excess", "reached", "undecided", "values"))
        scheme = "all orders of the examples" + ("" if drawn else ", by their moments") + (f"; p adjusted: {adjust}" if adjust else "")
        floor = 1 / (int(null) + 1) if drawn else 0.0
        level, seed = _similitude.CALIBRATED_AT, seed if drawn else None
        return NullTest(score=Score(parts), floor=floor, level=level, scheme=scheme, seed=seed, **known, **absent)

    def _ordered(self, measure):
        """The values, larger where layers are more alike."""
        table = self._tables[measure]
        return -table["values"] if table["direction"] == "distance" else table["values"]

    def best_match(self, measure=None):
        """For each layer of A the layer of B that is most like it, and the value; None where no value is there.

        Of several that are equally alike the first.
        """
        measure = self._full(measure)
        matches = {}
        for name, row, values in zip(self.layers_a, self._ordered(measure), self[measure]):
            place = None if np.all(np.isnan(row)) else int(np.nanargmax(row))
            matches[name] = None if place is None else (self.layers_b[place], float(values[place]))
        return matches

    def accuracy(self, measure=None):
        """The share of layers, of A and of B, whose most similar layer of the other network stands at the same place.

        The sanity check of Kornblith et al. 2019, for two networks of one architecture. Several that are equally alike, and
        values that are missing, are misses.
        """
        if len(self.layers_a) != len(self.layers_b):
            raise InputError(f"{len(self.layers_a)} and {len(self.layers_b)} layers do not correspond")
        values = self._ordered(self._full(measure))

        def found(rows):
            # Of one layer there are no others to be above, and it may have no value.
            return sum(bool(np.isfinite(row[place]) and np.all(row[place] > np.delete(row, place))) for place, row in enumerate(rows))

        return (found(values) + found(values.T)) / (2 * len(values))

    def records(self):
        """One dict for each value, with the columns of the program's scores.csv; None where there is nothing to say."""
        columns = self.columns()
        for measure in self.measures:
            outcomes = iter(self._outcomes(measure))
            for a, _, p1 in self._shapes[0]:
                for b, _, p2 in self._shapes[1]:
                    outcome = next(outcomes) or {"error": {"kind": "interrupted", "message": "this cell was not computed"}}
                    facts, error = outcome.get("diagnostics", {}), outcome.get("error", {})
                    values = [self.models[0], a, self.models[1], b, measure, outcome.get("value"), self.n, p1, p2]
                    values += [facts.get("condition"), facts.get("error_bound"), error.get("kind"), error.get("message")]
                    values += [(self.readings[side] or {}).get(layer) for side, layer in (("a", a), ("b", b))]
                    values += [facts.get(name) for name in columns[len(COLUMNS) :]]
                    yield dict(zip(columns, values))

    def to_pandas(self, measure=None):
        """A long DataFrame, one value a row; of one measure, where it is named, a table of layers x layers."""
        import pandas

        if measure is not None:
            index = pandas.Index(self.layers_a, name="layer_a")
            return pandas.DataFrame(self[measure], index, pandas.Index(self.layers_b, name="layer_b"))
        table = pandas.DataFrame.from_records(list(self.records()), columns=self.columns())
        types = {name: float for name in NUMBERS} | {"seed": "Int64"}
        return table.astype({name: types[name] for name in table.columns if name in types})

    def to_polars(self):
        """A long DataFrame of polars, one value a row; null where there is none."""
        import polars

        numbers = dict.fromkeys(NUMBERS, polars.Float64) | dict.fromkeys(["n", "p1", "p2", "seed"], polars.Int64)
        types = {name: numbers.get(name, polars.String) for name in self.columns()}
        return polars.DataFrame(list(self.records()), schema=types)

    def to_xarray(self):
        """A Dataset of xarray: ``value``, ``error_bound`` and what stands beside them, by measure, layer of A and layer of B."""
        import xarray

        dimensions = ("measure", "layer_a", "layer_b")
        stacked = {
            name: np.stack([self._tables[measure][key] for measure in self.measures])
            for name, key in (("value", "values"), ("error_bound", "error_bounds"))
        }
        for name in self.columns()[len(COLUMNS) :]:
            tables = [
                self.fact(name, measure) if self._has(name, measure) else np.full_like(self[measure], np.nan) for measure in self.measures
            ]
            if not all(np.isnan(table).all() for table in tables):
                stacked[name] = np.stack(tables)
        coordinates = {"measure": self.measures, "layer_a": self.layers_a, "layer_b": self.layers_b}
        attributes = {"n": self.n, "model_a": self.models[0], "model_b": self.models[1], "similitude": _similitude.__version__}
        return xarray.Dataset({name: (dimensions, values) for name, values in stacked.items()}, coordinates, attributes)

    def to_csv(self, path):
        """Writes a long table, the scores.csv of the program: numbers read back to the same float64; a text that a spreadsheet
        would run has an apostrophe before it."""

        def text(value):
            if value is None:
                return ""
            if isinstance(value, str):
                return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r", "'")) else value
            return repr(value)

        def quoted(field):
            return '"' + field.replace('"', '""') + '"' if set(field) & set(',"\r\n') else field

        with _files.whole(path) as unfinished, _files.opened(unfinished) as file:
            file.write(",".join(self.columns()) + "\n")
            for record in self.records():
                fields = (text(value) if name != "measure" else value for name, value in record.items())
                file.write(",".join(map(quoted, fields)) + "\n")

    def to_arrow(self):
        """A long Table of pyarrow, one value a row; null where there is none. Its metadata hold the version of similitude."""
        import pyarrow

        wholes = ["n", "p1", "p2", "seed"]
        kinds = dict.fromkeys(NUMBERS, pyarrow.float64()) | dict.fromkeys(wholes, pyarrow.int64())
        fields = [(name, kinds.get(name, pyarrow.string())) for name in self.columns()]
        schema = pyarrow.schema(fields, metadata={"similitude": _similitude.__version__})
        return pyarrow.Table.from_pylist(list(self.records()), schema)

    def to_parquet(self, path):
        """Writes a long table as Parquet, one value a row: numbers and names as they are, null where there is no value.

        pandas, polars, DuckDB, R (arrow) and Spark read it. The file is whole or not there, and an older one stays until then.
        """
        import pyarrow.parquet

        with _files.whole(path) as unfinished:
            pyarrow.parquet.write_table(self.to_arrow(), unfinished)

    def __repr__(self):
        without = f", {len(self.errors)} without a value" if self.errors else ""
        left = f", {int((~self.finished).sum())} not computed" if not self.finished.all() else ""
        return f"Sweep({len(self.layers_a)} x {len(self.layers_b)} layers, n = {self.n}, {', '.join(self.measures)}{without}{left})"

    def __getstate__(self):
        return {**self.__dict__, "_parsed": {}}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._freeze()
