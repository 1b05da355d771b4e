"""Moments whose products the library of the arrays forms, where the arrays are."""

import contextlib
import math
import sys
import warnings

import numpy as np

from . import _similitude
from ._arrays import matrix
from ._errors import InputError, refusal

#: 2 to the power of 1 - digits, of products in each precision.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "tf32": 2.0**-10, "bfloat16": 2.0**-7}

#: Libraries whose arrays have their products formed where they are; any other array becomes one of NumPy.
LIBRARIES = ("torch", "cupy", "jax", "jaxlib")

#: Whole numbers of up to so many bits are held by float32, and by float64.
WHOLE = {"float32": 2**24, "float64": 2**53}


def is_elsewhere(array):
    """Whether an array is not in the processor's memory."""
    if type(array).__module__.partition(".")[0] == "cupy":
        return True
    device = getattr(array, "device", None)
    kind = getattr(device, "type", None) or getattr(device, "platform", None)
    return isinstance(kind, str) and kind not in ("cpu", "meta")


class Sums:
    """Moments of two layers x and y, times powers of two that make the largest magnitudes about 1.

    With deviations u and v from the means: S = sum u v', and for the debiased estimator A = sum |u|^2 |v|^2 with
    U = sum |u|^2 v and V = sum |v|^2 u, which a move of the means needs. A mean is two numbers, its value and what that leaves
    out: what a batch deviates by from the others is then right whatever all of them have in common.
    """

    def __init__(self, precision):
        self.precision, self.n, self.rows = precision, 0, 0
        self.exponents, self.means, self.pairs = (None, None), None, None

    def update(self, x, y):
        batch = Sums(self.precision)
        batch._of(x, y, self.n)
        self.merge(batch)

    def _of(self, x, y, before):
        sides = [_on_device(array, name, self.precision) for array, name in ((x, "x"), (y, "y"))]
        rows, others = len(sides[0]), len(sides[1])
        if rows != others:
            raise refusal(
                f"x has {rows} examples and y has {others}: row i of both must be the same example",
                "examples_differ", x="x", y="y", n_x=rows, n_y=others,
            )  # fmt: skip
        with _exact_products(self.precision), np.errstate(over="ignore", under="ignore", invalid="ignore"):
            centered = [_centered(array, name, self.precision, before) for array, name in zip(sides, "xy")]
            self.exponents = tuple(exponent for exponent, _, _ in centered)
            self.means = [mean for _, mean, _ in centered]
            u, v = (deviations for _, _, deviations in centered)
            self.pairs = {"xx": Pair.of(u, u), "xy": Pair.of(u, v), "yy": Pair.of(v, v)}
            self.n = self.rows = rows
        if not all(pair.is_finite() for pair in self.pairs.values()):
            raise InputError("a sum of products is beyond the range of floating point; rescale the representations")

    def merge(self, other):
        """Adds what others have seen. Either all of it is added, or an error leaves the sums as they were."""
        if other.n == 0:
            return
        if self.n == 0:
            self.n, self.rows, self.exponents = other.n, other.rows, other.exponents
            self.precision = max(self.precision, other.precision, key=EPSILON.get)
            self.means, self.pairs = list(other.means), dict(other.pairs)
            return
        mine, theirs = ([len(high) for high, _ in sums.means] for sums in (self, other))
        if mine != theirs:
            raise InputError(f"moments of {mine[0]} and {mine[1]} neurons, and a batch or moments of {theirs[0]} and {theirs[1]}")
        exponents = tuple(max((e for e in both if e is not None), default=None) for both in zip(self.exponents, other.exponents))
        (means, pairs), (of_other, more) = (sums._scaled(exponents) for sums in (self, other))
        total = self.n + other.n
        apart = [_minus(b, a) for a, b in zip(means, of_other)]
        merged = {}
        for name in pairs:
            dx, dy = (apart["xy".index(side)] for side in name)
            moved = pairs[name].moved(-dx * (other.n / total), -dy * (other.n / total), self.n)
            merged[name] = moved.plus(more[name].moved(dx * (self.n / total), dy * (self.n / total), other.n))
        means = [_two_sum(high, low + step * (other.n / total)) for (high, low), step in zip(means, apart)]
        self.exponents, self.means, self.pairs = exponents, means, merged
        self.n, self.rows = total, max(self.rows, other.rows)
        self.precision = max(self.precision, other.precision, key=EPSILON.get)

    def _scaled(self, exponents):
        """Means and sums of values times smaller powers of two."""
        x, y = (0 if mine is None else wanted - mine for mine, wanted in zip(self.exponents, exponents))
        means = [tuple(np.ldexp(part, -by) for part in mean) for mean, by in zip(self.means, (x, y))]
        of = {"xx": (x, x), "xy": (x, y), "yy": (y, y)}
        return means, {name: pair.scaled(*of[name]) for name, pair in self.pairs.items()}

    def score(self, measure):
        if self.pairs is None:
            raise InputError("no example was seen yet: update comes before score")
        x, y = (exponent or 0 for exponent in self.exponents)
        exponents = {"xx": 4 * x, "xy": 2 * (x + y), "yy": 4 * y}
        terms = {name: {**pair.terms(self.n), "exponent": exponents[name]} for name, pair in self.pairs.items()}
        epsilon = EPSILON[self.precision]
        # Each batch is summed in this precision, the sums of batches in float64.
        coarser = (8 * math.sqrt(self.rows) + 32) * epsilon if epsilon > EPSILON["float64"] else 0.0
        parts = _similitude.score_of_terms(measure, terms["xy"], terms["xx"], terms["yy"], coarser)
        parts["diagnostics"]["precision"] = self.precision
        return parts


class Pair:
    """Sums of products of two layers, about their means, in float64 of NumPy. What a pair is does not change.

    Sums of numbers (the traces and A) are two numbers each, the value and what it leaves out.
    """

    #: What each is made of: the powers of x and of y.
    NAMES = {
        "products": (1, 1), "trace_x": (2, 0), "trace_y": (0, 2), "row_products": (2, 2), "of_y": (2, 1), "of_x": (1, 2),
        "magnitude": (2, 2), "magnitude_y": (2, 1), "magnitude_x": (1, 2),
    }  # fmt: skip

    def __init__(self, *values):
        for name, value in zip(self.NAMES, values):
            setattr(self, name, value)

    def __iter__(self):
        return (getattr(self, name) for name in self.NAMES)

    @classmethod
    def of(cls, u, v):
        lengths_u, lengths_v = (u * u).sum(axis=1), (v * v).sum(axis=1)
        on_device = u.T @ v, lengths_u.sum(), lengths_v.sum(), (lengths_u * lengths_v).sum(), lengths_u @ v, lengths_v @ u
        products, trace_x, trace_y, row_products, of_y, of_x = (_host(value) for value in on_device)
        roots_u, roots_v = np.sqrt(_host(lengths_u)), np.sqrt(_host(lengths_v))
        magnitudes = float(row_products), float((roots_u**2 * roots_v).sum()), float((roots_v**2 * roots_u).sum())
        numbers = ((float(number), 0.0) for number in (trace_x, trace_y, row_products))
        return cls(products, *numbers, of_y, of_x, *magnitudes)

    def is_finite(self):
        return all(np.all(np.isfinite(value)) for value in self)

    def scaled(self, x, y):
        """The sums of x / 2^x and y / 2^y."""
        if x == y == 0:
            return self
        by = [-(i * x + j * y) for i, j in self.NAMES.values()]
        scaled = (
            tuple(math.ldexp(part, power) for part in value) if isinstance(value, tuple) else np.ldexp(value, power)
            for value, power in zip(self, by)
        )
        return Pair(*scaled)

    def moved(self, dx, dy, n):
        """The sums about other means: every u becomes u + dx, every v becomes v + dy."""
        products, (trace_x, _), (trace_y, _), _, of_y, of_x, magnitude, magnitude_y, magnitude_x = self
        a, b, both = np.linalg.norm(dx), np.linalg.norm(dy), math.sqrt(trace_x) * math.sqrt(trace_y)
        crossed_x, crossed_y = products @ dy, dx @ products
        # With sum u = sum v = 0.
        terms = [2 * (dy @ of_y), 2 * (dx @ of_x), trace_x * b**2, trace_y * a**2, 4 * (crossed_y @ dy), n * a**2 * b**2]
        return Pair(
            products + n * np.outer(dx, dy),
            _added(self.trace_x, n * a**2),
            _added(self.trace_y, n * b**2),
            _added(self.row_products, *terms),
            of_y + (trace_x + n * a**2) * dy + 2 * crossed_y,
            of_x + (trace_y + n * b**2) * dx + 2 * crossed_x,
            magnitude + 2 * (b * magnitude_y + a * magnitude_x) + trace_x * b**2 + trace_y * a**2 + 4 * a * b * both + n * a**2 * b**2,
            magnitude_y + trace_x * b + 2 * a * both + n * a**2 * b,
            magnitude_x + trace_y * a + 2 * b * both + n * b**2 * a,
        )

    def plus(self, other):
        return Pair(*(_added(mine, *more) if isinstance(mine, tuple) else mine + more for mine, more in zip(self, other)))

    def terms(self, n):
        p, q = self.products.shape
        return {
            "n": n,
            "p": p,
            "q": q,
            "squared_norm": float(np.sum(self.products * self.products)),
            "traces": (float(self.trace_x[0]), float(self.trace_y[0])),
            # In which order a device adds up is not known here: errors of all products may go together.
            "shares": (1.0, 1.0),
            "row_products": (float(self.row_products[0]), float(self.magnitude)),
        }


def _added(number, *terms):
    """A number of two parts, and more of them."""
    high = math.fsum((*number, *terms))
    return high, math.fsum((*number, *terms, -high))


def _two_sum(a, b):
    """a + b, and what rounding takes from it (Knuth)."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _minus(a, b):
    """a - b of numbers of two parts, rounded once."""
    high, error = _two_sum(a[0], -b[0])
    return high + (error + (a[1] - b[1]))


def _on_device(array, name, precision):
    """A matrix of float32 or float64 where the array is, with the same numbers; what the host refuses is refused."""
    if not is_elsewhere(array) and type(array).__module__.partition(".")[0] not in LIBRARIES:
        array = matrix(array, name, narrow=precision != "float64")
    if array.ndim != 2:
        raise InputError(f"{name}: a batch has two axes, examples x neurons, and this one has the shape {tuple(array.shape)}")
    if 0 in tuple(array.shape):
        raise InputError(f"{name}: an array of {array.shape[0]} x {array.shape[1]} holds nothing")
    array = array.detach() if hasattr(array, "detach") else array
    kind = _name(array)
    if kind.startswith(("int", "uint", "bool")):
        array = _of_whole_numbers(array, name, kind)
    elif kind in ("float16", "bfloat16") or kind.startswith("float8_"):
        array = _cast(array, "float32")
    elif kind not in ("float32", "float64"):
        raise InputError(f"{name}: entries of type {kind} are no numbers that can be compared; real numbers are")
    return _cast(array, "float64") if precision == "float64" else array


def _of_whole_numbers(array, name, kind):
    """Whole numbers as floats that hold them."""
    if kind in ("bool", "int8", "uint8", "int16", "uint16", "int4", "uint4"):
        return _cast(array, "float32")
    largest = max(int(array.max()), -int(array.min()))
    if largest > WHOLE["float64"]:
        # Whether float64 holds them is asked of each.
        matrix(array, name)
    return _cast(array, "float32" if largest <= WHOLE["float32"] else "float64")


def _centered(array, name, precision, before):
    """The exponent of the largest magnitude, and of the values over that power of two the mean of the rows, as two numbers of
    float64 of NumPy each, and the deviations from it in the precision of products."""
    largest = float(abs(array).max())
    if not math.isfinite(largest):
        entries = matrix(array, name)
        row, column = (int(place) for place in np.argwhere(~np.isfinite(entries))[0])
        value = float(entries[row, column])
        said = "NaN" if math.isnan(value) else value
        where = f"the entry in row {before + row}, column {column} is {said}"
        raise refusal(
            f"{name}: {where}; every entry must be finite (rows and columns counted from 0)",
            "not_finite",
            name=name,
            row=before + row,
            column=column,
            value=value,
        )
    exponent = math.frexp(largest)[1] - 1 if largest > 0 else None
    # One power of two may be out of range where its halves are not.
    half = -(exponent or 0) // 2
    array = array * 2.0**half * 2.0 ** (-(exponent or 0) - half)
    # Twice: the mean is rounded, and what it misses has a mean of its own. Both together are right to a rounding of the
    # deviations, however far the rows are from 0.
    first = array.mean(axis=0)
    array = array - first
    second = array.mean(axis=0)
    array = array - second
    return exponent, _two_sum(_host(first), _host(second)), _cast(array, {"tf32": "float32"}.get(precision, precision))


def _name(array):
    return str(array.dtype).rpartition(".")[2]


def _cast(array, wanted):
    if _name(array) == wanted:
        return array
    if hasattr(array, "detach"):
        try:
            return array.to(getattr(sys.modules["torch"], wanted))
        except (TypeError, RuntimeError) as error:  # Apple's graphics processors have no float64
            raise InputError(
                f"{array.device} has no {wanted} ({error}); precision='float32' does without, and the bound says so"
            ) from error
    if type(array) is np.ndarray and wanted == "bfloat16":
        try:
            from ml_dtypes import bfloat16 as wanted_type
        except ImportError:
            raise InputError("NumPy has no bfloat16 here (pip install ml_dtypes)") from None
        return array.astype(wanted_type)
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
        array = array.detach().cpu().double().numpy()
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
