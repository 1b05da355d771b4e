"""Arrays of NumPy, PyTorch, JAX and others as float64 arrays of two axes."""

import numpy as np

from ._similitude import InputError


def to_array(x, name="x"):
    """A float64 NumPy array of ``x``, n examples x p neurons: a view where ``x`` is one already, in any order and strides.

    NumPy arrays, whatever speaks DLPack or has ``__array__`` (PyTorch and JAX on the processor), and nested lists are
    taken; float16, bfloat16, float32 and whole numbers are widened exactly. ``x`` is never changed, and must not change
    while it is read: then a value is a mixture of both states, and nothing worse.

    Raises :class:`InputError` for complex or other entries, and for axes that are not two.
    """
    if hasattr(x, "detach") and hasattr(x, "cpu"):  # a PyTorch tensor
        x = x.detach().cpu()
        if str(x.dtype) == "torch.bfloat16":  # which NumPy does not know
            x = x.float()
        x = x.numpy()
    elif not isinstance(x, np.ndarray) and not hasattr(x, "__array__") and hasattr(x, "__dlpack__"):
        x = np.from_dlpack(x)
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: {error}") from None
    if array.ndim != 2:
        flattening = f"; {name}.reshape(len({name}), -1) takes every channel at every position as a neuron" if array.ndim > 2 else ""
        raise InputError(f"{name}: an array of examples x neurons has two axes, and this one has the shape {array.shape}{flattening}")
    if array.dtype == np.float64 and array.dtype.isnative:
        return array
    if array.dtype.kind in "fiub" or array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        widened = array.astype(np.float64)
        if array.dtype.kind in "iu" and array.dtype.itemsize == 8 and not np.array_equal(widened.astype(array.dtype), array):
            raise InputError(f"{name}: whole numbers beyond 2^53 are not exact in float64")
        return widened
    raise InputError(f"{name}: entries of type {array.dtype} are no numbers that can be compared; real numbers are")
