"""Sums over examples that are never together: gathered batch by batch, merged, scored."""

import contextlib
import math
import sys
import warnings

import numpy as np

from . import _similitude
from ._arrays import matrix
from ._errors import InputError
from ._score import Score

#: 2 to the power of 1 - digits, of products in each precision.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "tf32": 2.0**-10, "bfloat16": 2.0**-7}


class Moments:
    """What linear CKA and HSIC, biased and debiased, need of the examples: sums that are gathered where the data live.

        moments = sim.Moments()
        for x, y in batches:                     # the same examples of two layers; a thousand rows and more cost no speed
            moments.update(x, y)
        moments.score("cka:estimator=debiased")

    Any split, order and merging of the batches gives the same value, within the bound on its error. Moments are picklable
    and take 8 (p^2 + p q + q^2) bytes, whatever the number of examples. With Dask, of arrays in chunks of rows:

        def of_block(x, y):
            return sim.Moments().update(x, y)

        blocks = zip(x.to_delayed()[:, 0], y.to_delayed()[:, 0])
        moments = dask.delayed(sum)([dask.delayed(of_block)(a, b) for a, b in blocks], sim.Moments()).compute()

    Args:
        products: ``"host"`` has the products formed by this library, of arrays on the processor; ``"device"`` by the library of
            the arrays where they are (PyTorch, CuPy, JAX, NumPy), so that only sums leave the device; ``"auto"`` decides by
            the first batch.
        precision: of products on a device: ``"float64"``, ``"float32"``, ``"tf32"`` or ``"bfloat16"``; float64 unless given. The
            bound on the error says what it costs.

    One thread at a time updates it: gather in each thread, and merge.
    """

    def __init__(self, products="auto", precision="float64"):
        if products not in ("auto", "host", "device"):
            raise InputError(f"products={products!r}: auto, host or device are possible")
        if precision not in EPSILON:
            raise InputError(f"precision={precision!r}: {', '.join(EPSILON)} are possible")
        self._products, self._precision, self._sums = products, precision, None

    @property
    def n(self):
        """Examples seen."""
        return 0 if self._sums is None else self._sums.n

    def update(self, x, y):
        """Adds examples, and returns the moments: row i of ``x`` and of ``y`` is the same example.

        Raises:
            InputError: other numbers of neurons than before or of examples, an entry that is not finite. The moments are
                then those before.
        """
        if self._sums is None:
            self._sums = self._empty(x, y)
        if isinstance(self._sums, _Sums):
            self._sums.update(x, y)
        else:
            self._sums.update(matrix(x, "x", narrow=True), matrix(y, "y", narrow=True))
        return self

    def _empty(self, *arrays):
        device = self._products == "device" or (self._products == "auto" and any(map(is_elsewhere, arrays)))
        return _Sums(self._precision) if device else _similitude.Moments()

    def merge(self, other):
        """Adds the examples that others have seen, and returns the moments."""
        if other._sums is not None:
            if self._sums is None:
                self._sums = self._empty() if not isinstance(other._sums, _Sums) else _Sums(other._sums.precision)
            if type(self._sums) is not type(other._sums):
                raise InputError("moments whose products were formed on a device, and by this library: they do not merge")
            self._sums.merge(other._sums)
        return self

    def __add__(self, other):
        if not isinstance(other, Moments):
            return NotImplemented
        return Moments(self._products, self._precision).merge(self).merge(other)

    def score(self, measure="cka"):
        """A :class:`similitude.Score` over all examples seen.

        Raises:
            InputError: a measure that does not follow from moments; no example yet.
            UndefinedError: no value on these data.
        """
        if self._sums is None:
            raise InputError("no example was seen yet: update comes before score")
        return Score(self._sums.score(measure))

    def __repr__(self):
        return f"Moments(n={self.n})"


def is_elsewhere(array):
    """Whether an array is not in the processor's memory."""
    if type(array).__module__.partition(".")[0] == "cupy":
        return True
    device = getattr(array, "device", None)
    kind = getattr(device, "type", None) or getattr(device, "platform", None)
    return isinstance(kind, str) and kind not in ("cpu", "meta")


class _Sums:
    """Moments whose products the library of the arrays forms.

    For layers x and y with deviations u and v from their means: S = sum u v', and for the debiased estimator
    A = sum |u|^2 |v|^2 with U = sum |u|^2 v and V = sum |v|^2 u, which a move of the means needs.
    """

    def __init__(self, precision):
        self.precision, self.n, self.rows, self.means, self.pairs = precision, 0, 0, None, None

    def update(self, x, y):
        batch = _Sums(self.precision)
        batch._of(x, y, self.n)
        self.merge(batch)

    def _of(self, x, y, before):
        for array, name in ((x, "x"), (y, "y")):
            if getattr(array, "ndim", None) != 2:
                raise InputError(f"{name}: a batch has two axes, examples x neurons")
        if len(x) != len(y):
            raise InputError(f"x has {len(x)} examples and y has {len(y)}: row i of both must be the same example")
        if len(x) == 0:
            return
        with _exact_products(self.precision):
            sides = [_centered(array, name, self.precision) for array, name in ((x, "x"), (y, "y"))]
            self.n = self.rows = len(x)
            self.means = [mean for mean, _ in sides]
            u, v = (deviations for _, deviations in sides)
            self.pairs = {"xx": _Pair.of(u, u), "xy": _Pair.of(u, v), "yy": _Pair.of(v, v)}
        if not all(pair.is_finite() for pair in self.pairs.values()):
            for array, name in ((x, "x"), (y, "y")):
                bad = np.argwhere(~np.isfinite(matrix(array, name)))
                if len(bad):
                    row, column = bad[0]
                    raise InputError(f"{name}: the entry in row {before + row}, column {column} is not finite (counted from 0)")
            raise InputError("a sum of products is beyond the range of floating point; rescale the representations")

    def merge(self, other):
        if other.n == 0:
            return
        if self.n == 0:
            self.n, self.rows, self.precision = other.n, other.rows, max(self.precision, other.precision, key=EPSILON.get)
            self.means = [mean.copy() for mean in other.means]
            self.pairs = {name: pair.copy() for name, pair in other.pairs.items()}
            return
        mine, theirs = ([len(mean) for mean in moments.means] for moments in (self, other))
        if mine != theirs:
            raise InputError(f"moments of {mine[0]} and {mine[1]} neurons, and a batch or moments of {theirs[0]} and {theirs[1]}")
        total = self.n + other.n
        means = [a + (b - a) * (other.n / total) for a, b in zip(self.means, other.means)]
        for name in self.pairs:
            first, second = ("xy".index(side) for side in name)
            for moments in (self, other):
                dx, dy = (moments.means[side] - means[side] for side in (first, second))
                pair = moments.pairs[name] if moments is self else moments.pairs[name].copy()
                pair.move(dx, dy, moments.n)
                if moments is not self:
                    self.pairs[name].add(pair)
        self.n, self.means, self.rows = total, means, max(self.rows, other.rows)
        self.precision = max(self.precision, other.precision, key=EPSILON.get)

    def score(self, measure):
        terms = {name: pair.terms(self.n) for name, pair in self.pairs.items()} if self.pairs else None
        if terms is None:
            raise InputError("no example was seen yet: update comes before score")
        epsilon = EPSILON[self.precision]
        # Each batch is summed in this precision, the sums of batches in float64.
        coarser = (8 * math.sqrt(self.rows) + 32) * epsilon if epsilon > EPSILON["float64"] else 0.0
        parts = _similitude.score_of_terms(measure, terms["xy"], terms["xx"], terms["yy"], coarser)
        parts["diagnostics"]["precision"] = self.precision
        return parts


class _Pair:
    """Sums of products of two layers, about their means, in float64 of NumPy."""

    NAMES = ("products", "trace_x", "trace_y", "row_products", "of_y", "of_x", "magnitude", "magnitude_y", "magnitude_x")

    def __init__(self, *values):
        for name, value in zip(self.NAMES, values):
            setattr(self, name, value)

    @classmethod
    def of(cls, u, v):
        lengths_u, lengths_v = (u * u).sum(axis=1), (v * v).sum(axis=1)
        on_device = u.T @ v, lengths_u.sum(), lengths_v.sum(), (lengths_u * lengths_v).sum(), lengths_u @ v, lengths_v @ u
        products, trace_x, trace_y, row_products, of_y, of_x = (_host(value) for value in on_device)
        roots_u, roots_v = np.sqrt(_host(lengths_u)), np.sqrt(_host(lengths_v))
        magnitudes = float(row_products), float((roots_u**2 * roots_v).sum()), float((roots_v**2 * roots_u).sum())
        return cls(products, float(trace_x), float(trace_y), float(row_products), of_y, of_x, *magnitudes)

    def copy(self):
        return _Pair(
            *(np.copy(getattr(self, name)) if name in ("products", "of_y", "of_x") else getattr(self, name) for name in self.NAMES)
        )

    def is_finite(self):
        return all(np.all(np.isfinite(getattr(self, name))) for name in self.NAMES)

    def move(self, dx, dy, n):
        """Takes the sums about other means: every u becomes u + dx, every v becomes v + dy."""
        a, b, both = np.linalg.norm(dx), np.linalg.norm(dy), np.linalg.norm(self.products)
        moved = self.products @ dy
        terms = [2 * (dy @ self.of_y), 2 * (dx @ self.of_x), self.trace_x * b**2, self.trace_y * a**2, 4 * (dx @ moved), n * a**2 * b**2]
        self.row_products += sum(terms)
        self.magnitude += 2 * (b * self.magnitude_y + a * self.magnitude_x) + self.trace_x * b**2 + self.trace_y * a**2
        self.magnitude += 4 * a * both * b + n * a**2 * b**2
        self.of_y = self.of_y + self.trace_x * dy + 2 * (dx @ self.products) + n * a**2 * dy
        self.of_x = self.of_x + self.trace_y * dx + 2 * moved + n * b**2 * dx
        self.magnitude_y += self.trace_x * b + 2 * a * both + n * a**2 * b
        self.magnitude_x += self.trace_y * a + 2 * b * both + n * b**2 * a
        self.products = self.products + n * np.outer(dx, dy)
        self.trace_x += n * a**2
        self.trace_y += n * b**2

    def add(self, other):
        for name in self.NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def terms(self, n):
        p, q = self.products.shape
        squared = float(np.sum(self.products * self.products))
        traces = (float(self.trace_x), float(self.trace_y))
        return {
            "n": n,
            "p": p,
            "q": q,
            "exponent": 0,
            "squared_norm": squared,
            "traces": traces,
            # In which order a device adds up is not known here: errors of all products may go together.
            "shares": (1.0, 1.0),
            "row_products": (float(self.row_products), float(self.magnitude)),
        }


def _centered(array, name, precision):
    """The mean of the rows in float64 of NumPy, and the deviations from it in the precision of products."""
    if _name(array) in ("float16", "bfloat16"):
        array = _cast(array, "float32")
    if precision == "float64":
        array = _cast(array, "float64")
    if _name(array) not in ("float32", "float64"):
        raise InputError(f"{name}: entries of type {array.dtype}; floating point is taken on a device")
    # Twice: the mean is rounded, and what it misses has a mean of its own.
    first = array.mean(axis=0)
    array = array - first
    second = array.mean(axis=0)
    array = array - second
    return _host(first) + _host(second), _cast(array, {"tf32": "float32"}.get(precision, precision))


def _name(array):
    return str(array.dtype).rpartition(".")[2]


def _cast(array, wanted):
    if _name(array) == wanted:
        return array
    if hasattr(array, "detach"):
        return array.to(getattr(sys.modules["torch"], wanted))
    with warnings.catch_warnings():
        # JAX without float64 says so, and gives float32.
        warnings.simplefilter("ignore")
        cast = array.astype(wanted)
    if _name(cast) != wanted:
        raise InputError(
            f"{type(array).__module__} has no {wanted} here (JAX: jax_enable_x64); precision='float32' does without, and the bound says so"
        )
    return cast


def _host(array):
    if hasattr(array, "detach"):
        array = array.detach().double().cpu().numpy()
    elif type(array).__module__.partition(".")[0] == "cupy":
        array = array.get()
    return np.asarray(array, dtype=np.float64)


@contextlib.contextmanager
def _exact_products(precision):
    """Keeps libraries from rounding float32 to fewer digits in products, unless that is the precision asked for."""
    with contextlib.ExitStack() as stack:
        if precision in ("float32", "float64"):
            torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
            if torch is not None and hasattr(torch, "get_float32_matmul_precision"):
                stack.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
                torch.set_float32_matmul_precision("highest")
            if jax is not None:
                stack.enter_context(jax.default_matmul_precision("highest"))
        yield
