"""One function for every measure, made from the list of measures: a new measure appears by itself."""

import inspect
import json

from . import _similitude
from ._arrays import to_array
from ._score import Score

CATALOG = json.loads(_similitude.catalog())
NAMES = [measure["id"].replace("-", "_") for measure in CATALOG]


def compare(x, y, measure="cka"):
    """Compares two representations of the same examples by a measure, ``ID[:KEY=VALUE,...]``.

    Args:
        x: an array of n examples x p neurons.
        y: an array of n x q: row i is the same example as row i of ``x``.
        measure: for example ``"cka"``, ``"cka:kernel=rbf,fraction=0.4"``, ``"cca:summary=r2"``.

    Returns:
        A :class:`Score`.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data (a constant representation, say).
        DegenerateError: the value would be the same whatever the data (CCA of as many neurons as examples).
    """
    return Score(_similitude.compare(to_array(x, "x"), to_array(y, "y"), measure))


def measures():
    """The list of measures: ids, keys with their values, formulas, sources, costs, claims."""
    return json.loads(json.dumps(CATALOG))


def install(namespace):
    """Puts a function for every measure into a module."""
    for measure in CATALOG:
        function = _function(measure)
        namespace[function.__name__] = function


def _defaults(measure):
    """What each key is where it is left out; None for a key that belongs to another choice, or must be given."""
    try:
        text = _similitude.convention(measure["id"])
    except _similitude.InputError:
        return {}
    return dict(pair.split("=", 1) for pair in text.partition(":")[2].split(",") if pair)


def _written(value):
    """A value as the grammar has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _number(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _function(measure):
    name = measure["id"].replace("-", "_")
    defaults = _defaults(measure)
    keys = {key["name"].replace("-", "_"): key for key in measure["keys"]}

    def function(x, y, **given):
        unknown = [key for key in given if key not in keys]
        if unknown:
            known = ", ".join(keys) or "none"
            raise TypeError(f"{name}() got an unexpected keyword argument {unknown[0]!r}; there are {known}")
        text = ",".join(f"{keys[key]['name']}={_written(value)}" for key, value in given.items() if value is not None)
        return compare(x, y, measure["id"] + (":" + text if text else ""))

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("x", either), inspect.Parameter("y", either)]
    for key, about in keys.items():
        default = defaults.get(about["name"])
        parameters.append(inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=_number(default) if default is not None else None))
    function.__signature__ = inspect.Signature(parameters, return_annotation=Score)
    function.__name__ = function.__qualname__ = name
    function.__module__ = "similitude"
    function.__doc__ = _documentation(measure, keys)
    return function


def _documentation(measure, keys):
    first = measure["conventions"][0]["properties"]
    arguments = "".join(f"    {key}: {about['values']}: {about['help']}\n" for key, about in keys.items())
    sources = "; ".join(f"{source['key']}, {source['place']}" for source in measure["citations"])
    ends = first["range"]
    ends = f"[{ends['lower']}, {ends['upper']}]" if isinstance(ends, dict) else ends
    return f"""{measure["name"][0].upper() + measure["name"][1:]}: a {first["direction"].lower()} in {ends}.

{measure["formula"]}

Args:
    x: an array of n examples x p neurons.
    y: an array of n x q: row i is the same example as row i of ``x``.
{arguments}
Returns:
    A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

Raises:
    InputError, UndefinedError, DegenerateError: all of them ValueErrors.

Cost: {measure["prepare_cost"]} for each representation, {measure["compare_cost"]} for the pair.
Sources: {sources}.
"""
