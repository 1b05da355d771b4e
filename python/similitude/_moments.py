"""Sums over examples that are never together: gathered batch by batch, merged, scored."""

import copy

from . import _similitude
from ._arrays import matrix
from ._checks import measure_text, require_same_order
from ._device import EPSILON, Sums, is_elsewhere
from ._errors import InputError
from ._score import Score


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
        if products == "host" and precision != "float64":
            raise InputError(f"precision={precision!r}: products='host' are formed in float64; other precisions are those of a device")
        self._products, self._precision, self._sums = products, precision, None

    @property
    def n(self):
        """Examples seen."""
        return 0 if self._sums is None else self._sums.n

    def update(self, x, y):
        """Adds examples, and returns the moments: row i of ``x`` and of ``y`` is the same example. A batch of no example adds none.

        Raises:
            InputError: other numbers of neurons than before or of examples, an entry that is not finite. The moments are
                then those before.
        """
        if _rows(x) == _rows(y) == 0:
            return self
        require_same_order((("x", x), ("y", y)))
        # Those of a first batch that is refused would decide for the next one.
        sums = self._empty(x, y) if self._sums is None else self._sums
        if isinstance(sums, Sums):
            sums.update(x, y)
        else:
            sums.update(matrix(x, "x", narrow=True), matrix(y, "y", narrow=True))
        self._sums = sums
        return self

    def _empty(self, *arrays):
        device = self._products == "device" or (self._products == "auto" and any(map(is_elsewhere, arrays)))
        return Sums(self._precision) if device else _similitude.Moments()

    def merge(self, other):
        """Adds the examples that others have seen, and returns the moments. Merged with themselves they have each example twice."""
        if not isinstance(other, Moments):
            raise InputError(f"other: Moments merge with Moments, and not with {type(other).__name__}")
        if other._sums is None:
            return self
        if self._sums is None:
            self._sums = Sums(self._precision) if isinstance(other._sums, Sums) else _similitude.Moments()
        if type(self._sums) is not type(other._sums):
            raise InputError("moments whose products were formed on a device, and by this library: they do not merge")
        self._sums.merge(copy.deepcopy(other._sums) if other._sums is self._sums else other._sums)
        return self

    def __add__(self, other):
        if isinstance(other, int) and other == 0:
            # What sum() begins with.
            return copy.copy(self)
        if not isinstance(other, Moments):
            return NotImplemented
        return Moments(self._products, self._precision).merge(self).merge(other)

    __radd__ = __add__

    def __copy__(self):
        return copy.deepcopy(self)

    def score(self, measure="cka"):
        """A :class:`similitude.Score` over all examples seen.

        Raises:
            InputError: a measure that does not follow from moments; no example yet.
            UndefinedError: no value on these data.
        """
        if self._sums is None:
            raise InputError("no example was seen yet: update comes before score")
        return Score(self._sums.score(measure_text(measure)))

    def __repr__(self):
        return f"Moments(n={self.n})"


def _rows(array):
    """How many examples an array has; None where it does not say."""
    shape = getattr(array, "shape", None)
    if shape is None:
        return len(array) if hasattr(array, "__len__") else None
    return shape[0] if len(shape) == 2 else None
