"""Arrays of NumPy, PyTorch, JAX and others as matrices of examples x neurons."""

import math
import os

import numpy as np

from ._checks import warn
from ._errors import InputError, refusal
from ._similitude import Arrangement

#: Beyond it float64 does not hold every whole number.
_WHOLE = 2**53

#: Types of ml_dtypes, each of whose values float32 holds exactly: by name, and what the names of whole kinds begin with. The
#: line belongs to these: "float6" alone begins float64, too.
_NARROW = ("bfloat16", "int1", "uint1", "int2", "uint2", "int4", "uint4")
_NARROW_KINDS = ("float8_", "float6_", "float4_")


#: What is said of an array that is read without padding.
PADDING = "without the padding of "


def warn_unused(key):
    """Warns of a mask, or of lengths, of an array without positions."""
    warn(f"{key}= has no effect: it says which positions count, and an array of examples x neurons has none (axes='ntd' names some)")


def tell_unused(of_x, of_y, both, words_x, words_y, other="y"):
    """Warns of a mask or lengths that say nothing of any array of either side, given what was decided of each in words."""
    padded_x, padded_y = (any(PADDING in (text or "") for text in words) for words in (words_x, words_y))
    for key in ("mask", "lengths"):
        stands_for_y = of_y[key] is None and both[key] is not None
        if of_x[key] is not None and not padded_x and not (padded_y and stands_for_y):
            warn_unused(key)
        if of_y[key] is not None and not padded_y:
            warn_unused(f"{key}_{other}")


def to_array(x, name="x", *, axes=None, spatial=None, mask=None, lengths=None):
    """A float64 NumPy array of ``x``, n examples x p neurons: a view where ``x`` is one already, in any order and strides.

    NumPy arrays, whatever speaks DLPack or has ``__array__`` (PyTorch, JAX, CuPy, pandas, ...), and nested lists are taken;
    narrower floats, float16 and bfloat16 among them, and whole numbers are widened exactly. ``x`` is never changed. It must
    not change while it is read either: then a value is a mixture of both states, and nothing worse, as long as the memory
    stays (``ndarray.resize(refcheck=False)`` and a mapped file that somebody shortens take it away).

    Args:
        x: the array.
        name: what messages call it.
        axes: what its axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: ``"flatten"``, ``"mean"``, ``"max"``, ``"first"``, ``"last"``, ``"token=K"``,
            ``"positions"``.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.

    Raises:
        InputError: complex or other entries, axes that are not named, a mask that does not fit.
    """
    array, words, _ = arranged(x, name, arrangement(axes, spatial, mask, lengths))
    if (mask is not None or lengths is not None) and PADDING not in (words or ""):
        warn_unused("lengths" if mask is None else "mask")
    if array.size == 0:
        raise refusal(f"{name}: an array of {array.shape[0]} x {array.shape[1]} holds nothing", "empty", name=name, shape=array.shape)
    return array


class Gram:
    """A kernel (Gram) matrix between examples that was computed elsewhere, centered or not.

    ``cka`` and ``hsic`` of two of these, or of one and an array, are those of its kernel; other measures refuse it::

        sim.cka(sim.Gram(K), sim.Gram(L), estimator="debiased")

    Args:
        k: n x n, symmetric and positive semidefinite.

    Raises:
        InputError: entries that are no real numbers, or not two axes. That it is the matrix of a kernel is asked where it is
            compared.
    """

    __slots__ = ("_kernel_matrix",)

    def __init__(self, k):
        self._kernel_matrix = matrix(k, "k")

    def __array__(self, dtype=None, copy=None):
        raise InputError("a matrix between examples is taken by cka, hsic and compare, and is no representation")

    def __repr__(self):
        return "Gram({} x {})".format(*self._kernel_matrix.shape)


class RDM:
    """Dissimilarities between examples that were computed elsewhere: a representational dissimilarity matrix.

    ``rsa`` and ``distance_correlation`` of two of these, or of one and an array, are of these dissimilarities, whatever they
    are; ``cka`` and ``hsic`` are those of the points that have them as Euclidean distances. Other measures refuse it::

        sim.rsa(sim.RDM(judged), X, rdm="correlation", compare="spearman")

    The ``measure`` of the score of two of these says ``rdm=given``, and ``diagnostics`` hold ``given_x`` and ``given_y``.

    Args:
        d: n x n, symmetric, not negative, 0 on the diagonal; or the n(n-1)/2 of the examples i < j as
            ``scipy.spatial.distance.pdist`` writes them.

    Raises:
        InputError: entries that are no real numbers, or more than two axes. That they are dissimilarities is asked where
            they are compared.
    """

    __slots__ = ("_dissimilarities",)

    def __init__(self, d):
        array = d if type(d) is np.ndarray else as_numpy(d, "d")
        self._dissimilarities = matrix(array[:, None] if array.ndim == 1 else array, "d")

    def __array__(self, dtype=None, copy=None):
        takers = "rsa, distance_correlation, cka, hsic and compare"
        raise InputError(f"dissimilarities between examples are taken by {takers}, and are no representation")

    def __repr__(self):
        rows, columns = self._dissimilarities.shape
        return f"RDM({rows} pairs)" if columns == 1 else f"RDM({rows} x {columns})"


#: What stands for examples that are not given.
_BETWEEN = (Gram, RDM)


def examples_of(x):
    """How many examples a matrix between them has; None of what is none."""
    if type(x) is Gram:
        return len(x._kernel_matrix)
    if type(x) is RDM:
        rows, columns = x._dissimilarities.shape
        return rows if columns > 1 else math.isqrt(8 * rows + 1) // 2 + 1
    return None


def side(x, name):
    """What is compared: the matrix of an array, or what stands between examples as it is."""
    return x if type(x) in _BETWEEN else matrix(x, name)


def arrangement(axes=None, spatial=None, mask=None, lengths=None, rows=None, sample=None, seed=0):
    """How tensors become matrices; None where nothing is decided."""
    if axes is None and spatial is None and mask is None and lengths is None and rows is None and sample is None:
        return None
    for value, key, example in ((axes, "axes", "nchw"), (spatial, "spatial", "mean")):
        if value is not None and not isinstance(value, str):
            raise InputError(f"{key}={value!r}: a text such as {example!r} is wanted")
    for value, key in ((mask, "mask"), (lengths, "lengths")):
        if value is not None:
            whole = np.ascontiguousarray(_numbers(as_numpy(value, key), key, np.float64))
            mask, lengths = (whole, lengths) if key == "mask" else (mask, whole)
    if rows is not None and not isinstance(rows, str):
        rows = np.asarray(rows)
        if rows.ndim != 1 or rows.dtype.kind not in "biu" or (rows.dtype.kind == "i" and rows.size and rows.min() < 0):
            raise InputError("rows are a text (0:5000, ::10), numbers from 0, or one flag for each example")
        rows = rows.tolist()
    return Arrangement(axes, spatial, mask, lengths, rows, sample, seed)


def arranged(x, name, how=None, narrow=False):
    """The matrix of an array, what was decided of its axes, in words, and the number of its examples.

    ``narrow`` leaves float32 as it is, and widens to float32 what it holds exactly.
    """
    if how is None:
        array = matrix(x, name, narrow)
        return array, None, len(array)
    return _arrange(how, name, as_numpy(x, name))


def _arrange(how, name, array):
    """The matrix of an array of any number of axes; an error has the shape among its numbers."""
    array = np.ascontiguousarray(_numbers(array, name, np.float64))
    try:
        return how.arrange(name, array)
    except InputError as error:
        words = str(error).replace("a tensor of shape", "an array of shape").replace("a file does not say", "an array does not say")
        raise refusal(words, error.code or "axes", **{"name": name, "shape": array.shape, **error.numbers}) from None


def matrix(x, name, narrow=False):
    """The matrix of an array that has two axes, without a copy where that is possible."""
    if type(x) is Gram:
        raise InputError(f"{name}: a matrix between examples, which cka, hsic and compare take and nothing else")
    if type(x) is RDM:
        raise InputError(
            f"{name}: dissimilarities between examples, which rsa, distance_correlation, cka, hsic and compare take and nothing else"
        )
    array = x if type(x) is np.ndarray else as_numpy(x, name)
    if array.ndim != 2:
        if array.ndim > 2:
            return _arrange(Arrangement(), name, array)[0]
        remedy = f"; {name}[:, None] is one neuron of as many examples" if array.ndim == 1 else ""
        words = f"{name}: an array of examples x neurons has two axes, and this one has the shape {array.shape}{remedy}"
        raise refusal(words, "axes", name=name, shape=array.shape)
    if array.dtype == np.float64:
        return array if array.dtype.isnative else array.astype(np.float64)
    return _numbers(array, name, np.float32 if narrow else np.float64)


def as_numpy(x, name):
    """A NumPy array of whatever it is, in the type that it has."""
    try:
        if isinstance(x, (str, os.PathLike)):
            raise InputError(f"{name}: a path; numpy.load reads an array, and similitude.sweep reads files of layers")
        if hasattr(x, "detach") and hasattr(x, "cpu"):  # a PyTorch tensor
            x = x.detach().cpu()
            # NumPy does not know this type.
            return (x.float() if str(x.dtype) == "torch.bfloat16" else x).numpy()
        if isinstance(x, np.ma.MaskedArray):
            if np.ma.is_masked(x):
                raise InputError(f"{name}: a masked array with masked entries; leave their rows or columns out, or fill them")
            return np.asarray(x.data)
        if type(x).__module__.partition(".")[0] == "cupy":
            return x.get()
        if not isinstance(x, np.ndarray) and not hasattr(x, "__array__") and hasattr(x, "__dlpack__"):
            return np.from_dlpack(x)
        array = np.asarray(x)
    except InputError:
        raise
    except Exception as error:  # whatever a foreign array raises
        raise InputError(f"{name}: {type(x).__module__}.{type(x).__qualname__} does not become a NumPy array: {error}") from error
    if array.dtype == object and hasattr(x, "toarray"):
        raise InputError(f"{name}: a sparse matrix; {name}.toarray() has all of its entries")
    if array.dtype == object and array.ndim == 0:
        remedy = f"; list({name}) makes a list of it" if hasattr(x, "__next__") else ""
        raise InputError(f"{name}: no array, and this is {'None' if x is None else type(x).__name__}{remedy}")
    return array


def _numbers(array, name, wanted):
    """The array as ``wanted``, or as float64 where ``wanted`` does not hold its values, exactly."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if array.dtype == wanted and array.dtype.isnative:
        return array
    named_narrow = array.dtype.name in _NARROW or array.dtype.name.startswith(_NARROW_KINDS)
    if kind == "b" or named_narrow or (kind in "iu" and size <= 2) or (kind == "f" and size <= 4):
        return array.astype(wanted)
    if kind == "f":
        widened = array.astype(np.float64)
        if size > 8 and not np.array_equal(widened.astype(array.dtype), array, equal_nan=True):
            raise InputError(f"{name}: entries of type {array.dtype} that float64 does not hold; astype(float) rounds them")
        return widened
    if kind in "iu":
        widened = array.astype(np.float64)
        far = widened[np.abs(widened) >= _WHOLE], array[np.abs(widened) >= _WHOLE]
        if any(int(value) != int(entry) for value, entry in zip(*far)):
            raise InputError(f"{name}: whole numbers beyond 2^53 that float64 does not hold; astype(float) rounds them")
        return widened
    # Where each entry is a number (pandas has such columns), all of them are.
    remedy = f"; {name}.astype(float) makes numbers of them, where they are numbers" if kind in "OUST" else ""
    raise InputError(f"{name}: entries of type {array.dtype} are no numbers that can be compared; real numbers are{remedy}")
