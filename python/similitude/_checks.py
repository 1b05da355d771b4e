"""Arguments that are looked at before anything is computed: an error names the argument."""

import numbers
import operator
import sys
import warnings

import numpy as np

from ._errors import InputError, refusal


def whole(value, key, least=0, most=2**64 - 1):
    """A whole number of Python.

    Raises:
        InputError: anything else, a bool included, or a number out of range.
    """
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{key}={value!r}: a whole number is wanted, and this is {_kind(value)}") from None
    if not least <= number <= most:
        bound = f"at least {least} is" if number < least else f"at most {most} is"
        bound = bound if most == 2**64 - 1 else f"from {least} to {most} are"
        raise InputError(f"{key}={number}: {bound} possible")
    return number


def real(value, key):
    """A number as a float."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or not isinstance(value, (numbers.Real, np.number)):
        raise InputError(f"{key}={value!r}: a number is wanted, and this is {_kind(value)}")
    return float(value)


def warn(words):
    """Warns of the line outside of this package that asked for it."""
    frame, level = sys._getframe(1), 2
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "similitude":
        frame, level = frame.f_back, level + 1
    warnings.warn(words, UserWarning, stacklevel=level)


def measure_text(measure, key="measure"):
    """The text of a measure."""
    if isinstance(measure, str):
        return measure
    if callable(measure):
        name = getattr(measure, "__name__", "cka").replace("_", "-")
        raise InputError(f'{key}: a text such as "cka:kernel=rbf" is wanted, and this is a function; write "{name}"')
    raise InputError(f'{key}: a text such as "cka:kernel=rbf" is wanted, and this is {_kind(measure)}')


def texts(value, key):
    """Names or patterns: one text, or several."""
    if isinstance(value, str):
        return [value]
    try:
        return [str(entry) for entry in value]
    except TypeError:
        raise InputError(f"{key}={value!r}: a name or a list of names is wanted, and this is {_kind(value)}") from None


def named(value, key):
    """A dict from names as texts to what it holds.

    Raises:
        InputError: no dict, or two names that are the same as texts.
    """
    if not hasattr(value, "items"):
        raise InputError(f"{key}: a dict from names to arrays is wanted, and this is {_kind(value)}")
    found = {}
    for name, entry in value.items():
        if str(name) in found:
            raise InputError(f"{key}: two names are the same as texts, {str(name)!r}")
        found[str(name)] = entry
    return found


def require_same_order(arrays):
    """Refuses frames of pandas whose rows have the same labels in another order: rows are paired by their place.

    Args:
        arrays: names and arrays.
    """
    first = None
    for name, array in arrays:
        if type(array) is np.ndarray or type(array).__module__.partition(".")[0] != "pandas" or not hasattr(array, "index"):
            continue
        if first is None:
            first = name, array.index
            continue
        other, labels = first
        if len(labels) != len(array.index) or labels.equals(array.index):
            continue
        if sorted(map(repr, labels)) != sorted(map(repr, array.index)):
            continue
        row = next(row for row, (a, b) in enumerate(zip(labels, array.index)) if a != b)
        differ = f"row {row} is {labels[row]!r} and {array.index[row]!r}"
        remedy = f"{name}.loc[{other}.index] puts them in one order, {name}.reset_index(drop=True) takes them as they stand"
        words = f"{other} and {name} have the same labels in another order ({differ}), and rows are paired by their place: {remedy}"
        raise refusal(words, "labels_differ", x=other, y=name, row=row)


def _kind(value):
    name = type(value).__name__
    return "None" if value is None else f"an {name}" if name[0] in "aeiou" else f"a {name}"
