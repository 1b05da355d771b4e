"""One function for every measure, made from the list of measures: a new measure appears by itself."""

import contextlib
import decimal
import functools
import inspect
import json
import keyword
import numbers

import numpy as np

from . import _similitude
from ._arrays import RDM, arranged, arrangement, examples_of, side, tell_unused
from ._checks import measure_text, require_same_order, warn, whole
from ._errors import InputError, refusal
from ._score import Score

CATALOG = json.loads(_similitude.catalog())

#: How arrays of more than two axes are read; every function of a measure takes these after its own keys.
READING = {
    "axes": 'what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``',
    "spatial": "what becomes of positions: flatten | mean | max | first | last | token=K | positions",
    "mask": "examples x positions, 1 where a position counts and 0 where it is padding",
    "lengths": "instead of a mask, how many positions of each example count",
    "axes_y": "the axes of ``y`` where they are others",
    "spatial_y": "what becomes of positions of ``y`` where it is something else",
    "mask_y": "the mask of ``y`` where it is another",
    "lengths_y": "the lengths of ``y`` where they are others",
}

#: What is asked of a value besides, and what stands for each where it is left out.
INFERENCE = {"null": None, "interval": None, "resamples": 1000, "level": 0.95, "seed": 1}

#: The words for these in the documentation of functions.
INFERENCE_WORDS = {
    "null": 'a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``',
    "interval": "halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``",
    "resamples": "how many resamples an interval is made of",
    "level": "the share of intervals that would hold the value of the population",
    "seed": "what permutations and resamples are drawn from",
}

_ndarray = np.ndarray

_measure = functools.lru_cache(maxsize=1024)(_similitude.Measure)


def compare(
    x,
    y,
    measure="cka",
    *,
    axes=None,
    spatial=None,
    mask=None,
    lengths=None,
    axes_y=None,
    spatial_y=None,
    mask_y=None,
    lengths_y=None,
    null=None,
    interval=None,
    resamples=1000,
    level=0.95,
    seed=1,
):
    """Compares two representations of the same examples by a measure, ``ID[:KEY=VALUE,...]``.

    Args:
        x: an array of n examples x p neurons, or of more axes that are named.
        y: an array of n x q: row i is the same example as row i of ``x``.
        measure: for example ``"cka"``, ``"cka:kernel=rbf,fraction=0.4"``, ``"cca:summary=r2"``.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y, spatial_y, mask_y, lengths_y: the same of ``y``, where it differs.
        null: a number of permutations, or ``"exact"``: the score has a :class:`NullTest` as ``.null``.
        interval: ``"halves"``, ``"bootstrap"``, ``"bca"``, ``"jackknife"`` or ``"analytic"``: the score has an :class:`Interval` as
            ``.interval``.
        resamples, level, seed: as :func:`interval` and :func:`permutation_test` have them.

    Returns:
        A :class:`Score`.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data (a constant representation, say).
        DegenerateError: the value would be the same whatever the data (CCA of as many neurons as examples).
        KeyboardInterrupt: at once; what was begun ends in the background.
    """
    parsed = _measure(measure_text(measure))
    if interval is None:
        for key, value in (("resamples", resamples), ("level", level)):
            if value != INFERENCE[key]:
                words = f"{key}={value!r} has no effect: it is of an interval, and none is asked for (interval='halves')"
                warn(words)
    if null is not None or interval is not None:
        from ._inference import beside, check_request

        check_request(parsed, null, interval, resamples, level)
    require_same_order((("x", x), ("y", y)))
    if axes is spatial is mask is lengths is axes_y is spatial_y is mask_y is lengths_y is null is interval is None:
        return Score(parsed.compare(side(x, "x"), side(y, "y")))
    readings = {"axes": axes, "spatial": spatial, "mask": mask, "lengths": lengths}
    of_y = {"axes_y": axes_y, "spatial_y": spatial_y, "mask_y": mask_y, "lengths_y": lengths_y}
    if null is not None or interval is not None or str(parsed).startswith("linear-predictivity"):
        require_examples(readings["spatial"], of_y["spatial_y"])
    x, y, reading = read_pair(x, y, {**readings, **of_y})
    parts = parsed.compare(x, y).parts()
    if reading is not None:
        parts["reading"] = reading
    if null is not None or interval is not None:
        beside(parts, parsed, x, y, null, interval, resamples, level, seed)
    return Score(parts)


def require_examples(*spatial):
    """Refuses rows that are positions where rows are taken for examples: those of one example depend on each other."""
    if "positions" in spatial:
        raise InputError(
            "spatial='positions': nulls, intervals and folds take each row for an example of its own, and positions of one depend on "
            "each other. Pool them (spatial='mean'), or use the program, which permutes and draws whole examples"
        )


def read_pair(x, y, readings):
    """Both matrices, and what was decided of their axes, in words; None where there was nothing to decide."""
    unknown = [key for key in readings if key not in READING]
    if unknown:
        raise TypeError(f"an unexpected keyword argument {unknown[0]!r}; arrays of more than two axes take {', '.join(READING)}")
    require_same_order((("x", x), ("y", y), *((key, value) for key, value in readings.items() if value is not None)))
    if all(value is None for value in readings.values()):
        return side(x, "x"), side(y, "y"), None
    of_x, of_y = ({key: readings.get(key + side) for key in ("axes", "spatial", "mask", "lengths")} for side in ("", "_y"))
    return _read(x, y, of_x, of_y)


def _read(x, y, of_x, of_y):
    """Both matrices, and what was decided in words. A mask of ``y`` stands in place of lengths for both, and the other way."""
    both = {key: of_x[key] if of_y[key] is None else of_y[key] for key in of_x}
    for given, other in (("mask", "lengths"), ("lengths", "mask")):
        if of_y[given] is not None and of_y[other] is None:
            both[other] = None
    first, words_x, examples_x = _arranged(x, "x", of_x, of_x)
    second, words_y, examples_y = _arranged(y, "y", both, of_y)
    if examples_x != examples_y:
        words = f"x has {examples_x} examples and y has {examples_y}: row i of both must be the same example"
        raise refusal(words, "examples_differ", x="x", y="y", n_x=examples_x, n_y=examples_y)
    tell_unused(of_x, of_y, both, [words_x], [words_y])
    if "positions" in (of_x["spatial"], both["spatial"]):
        _require_same_positions(of_x, both)
    return first, second, {"x": words_x, "y": words_y}


def _arranged(x, name, reading, own):
    """As :func:`arranged`; a matrix between examples has no axes to be read, and is as it is unless some are named of it."""
    count = examples_of(x)
    if count is None:
        return arranged(x, name, arrangement(**reading))
    given = [key for key in own if own[key] is not None]
    if given:
        other = " (those of y alone are axes_y=, spatial_y=, ...)" if name == "x" else ""
        what = "dissimilarities between examples have" if type(x) is RDM else "a matrix between examples has"
        raise InputError(f"{name}: {what} no axes that {given[0]}= could say something of{other}")
    return x, None, count


def _require_same_positions(of_x, of_y):
    """Where positions are examples, each example must have as many on both sides."""

    def counts(reading):
        if reading["mask"] is not None:
            mask = np.asarray(reading["mask"], dtype=float)
            return mask.reshape(len(mask), -1).sum(axis=1)
        return None if reading["lengths"] is None else np.asarray(reading["lengths"], dtype=float).reshape(-1)

    x, y = counts(of_x), counts(of_y)
    if x is None or y is None or np.array_equal(x, y):
        return
    row = int(np.flatnonzero(x != y)[0]) if x.shape == y.shape else 0
    raise InputError(
        f"spatial='positions': example {row} has {x[row]:.0f} positions in x and {y[row]:.0f} in y; both must have the same ones"
    )


def measures():
    """The list of measures: ids, keys with their values, formulas, sources, costs, claims."""
    return json.loads(_similitude.catalog())


def methods(measure):
    """The paragraph for a methods section, with its sources."""
    return _similitude.methods(measure_text(measure))


def bibtex(measures):
    """The BibTeX entries of the library and of what the measures cite: one text, or several."""
    return _similitude.bibtex([measure_text(measure, "measures") for measure in ([measures] if isinstance(measures, str) else measures)])


def set_threads(threads=None):
    """Computes with this many threads from here on; None for as many as the environment says, or one for each processor.

    What runs already keeps those that it has.
    """
    _similitude.set_threads(None if threads is None else whole(threads, "threads", 1, 1024))


def python_name(text):
    """An id or a key as Python writes it."""
    name = text.replace("-", "_")
    return name + "_" if keyword.iskeyword(name) else name


def _written(key, value):
    """A value as the grammar has it."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, str):
        if set(value) & set(",=:"):
            raise InputError(f"{key}={value!r}: a value has no comma, colon or equals sign")
        return value
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, (numbers.Real, decimal.Decimal)):
        return repr(float(value))
    raise InputError(f"{key}={value!r}: a text, a number or a bool is possible")


def defaults(measure):
    """What each key is where it is left out; None for one that belongs to another choice, or must be given."""
    text = (measure["convention"] or "").partition(":")[2]
    found = dict(pair.split("=", 1) for pair in text.split(",") if pair)

    def value(key):
        text = found.get(key["name"])
        if text is None or "choices" in key:
            return text
        return int(text) if key["whole"] else float(text)

    return {key["name"]: value(key) for key in measure["keys"]}


def _in_python(error, measure, written):
    """An error of a measure's keys, in the names that Python has for them; a key of another choice says which one."""
    words, keys = str(error), {key["name"]: key for key in measure["keys"]}
    unknown = [name for name in written if name in keys and f'unknown key "{name}"' in words]
    if unknown:
        name = unknown[0]
        others = {key: value for key, value in written.items() if key != name and "choices" in keys[key]}
        fitting = [
            f"{python_name(choice)}={value!r}"
            for choice, key in keys.items()
            for value in key.get("choices", ())
            if choice != name and _takes(measure["id"], {**others, choice: value, name: written[name]})
        ]
        if fitting:
            words = f"{python_name(measure['id'])}: {python_name(name)}={written[name]} needs {' or '.join(fitting)}"
    for name in keys:
        words = words.replace(f"key {name} must", f"argument {python_name(name)} must").replace(f" {name}=", f" {python_name(name)}=")
    return refusal(words, error.code, **error.numbers)


def _takes(id, written):
    try:
        _measure(f"{id}:" + ",".join(f"{key}={value}" for key, value in written.items()))
    except InputError as error:
        # What is missing besides (a sigma), or another value, is no other choice.
        return "must be given" in str(error) or "is not possible" in str(error)
    return True


def _function(measure):
    name, id = python_name(measure["id"]), measure["id"]
    keys = {python_name(key["name"]): key for key in measure["keys"]}
    parsed = {(): _similitude.Measure(id)} if measure["convention"] else {}
    shared = READING.keys() | INFERENCE.keys()
    assert shared.isdisjoint(keys), f"{id}: a key of every function"

    def read(given):
        unknown = [key for key in given if key not in keys]
        if unknown:
            known = ", ".join([*keys, *READING, *INFERENCE])
            raise TypeError(f"{name}() got an unexpected keyword argument {unknown[0]!r}; there are {known}")
        written = {keys[key]["name"]: _written(key, value) for key, value in given.items() if value is not None}
        text = ",".join(f"{key}={value}" for key, value in written.items())
        try:
            return _measure(id + (":" + text if text else ""))
        except InputError as error:
            raise _in_python(error, measure, written) from None

    plain = parsed[()].compare_plain if parsed else None

    def function(x, y, **given):
        if not given and plain and type(x) is _ndarray and type(y) is _ndarray:
            found = plain(x, y)
            if found is not None:
                return Score(found)
        if not shared.isdisjoint(given):
            others = {key: given.pop(key) for key in shared if key in given}
            return compare(x, y, str(read(given)), **others)
        # The types too: 3 and 3.0 are equal, and written differently.
        key = tuple([(name, type(value), value) for name, value in given.items()])
        try:
            measure = parsed[key]
        except (KeyError, TypeError):
            measure = read(given)
            if len(parsed) < 1024:
                with contextlib.suppress(TypeError):  # an array of no axes as a value
                    parsed[key] = measure
        if type(x) is not np.ndarray and type(y) is not np.ndarray:
            require_same_order((("x", x), ("y", y)))
        return Score(measure.compare(side(x, "x"), side(y, "y")))

    either, only = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    default = defaults(measure)
    parameters = [inspect.Parameter("x", either), inspect.Parameter("y", either)]
    parameters += [inspect.Parameter(key, only, default=default[about["name"]]) for key, about in keys.items()]
    parameters += [inspect.Parameter(key, only, default=None) for key in READING]
    parameters += [inspect.Parameter(key, only, default=value) for key, value in INFERENCE.items()]
    function.__signature__ = inspect.Signature(parameters, return_annotation=Score)
    function.__name__ = function.__qualname__ = name
    function.__module__ = "similitude"
    function.__doc__ = documentation(measure)
    return function


def documentation(measure):
    """The words on a measure: what it is, its shapes, keys, errors and sources."""
    properties = [entry["properties"] for entry in measure["conventions"]]

    def ends(range):
        # JSON has no infinity.
        lower, upper = (range[end] for end in ("lower", "upper"))
        return f"{'(-inf' if lower is None else f'[{lower}'}, {'inf)' if upper is None else f'{upper}]'}"

    values = dict.fromkeys(f"a {entry['direction'].lower()} in {ends(entry['range'])}" for entry in properties)
    keys = "".join(f"    {python_name(key['name'])}: {key['help']}: {key['values']}.\n" for key in measure["keys"])
    reading = "".join(f"    {key}: {words}.\n" for key, words in [*READING.items(), *INFERENCE_WORDS.items()])
    sources = "; ".join(f"{source['key']}, {source['place']}" for source in measure["citations"])
    least = min(entry["minimum_examples"] for entry in properties)
    return f"""{measure["name"][0].upper() + measure["name"][1:]}: {" or ".join(values)}.

{measure["formula"]}

Args:
    x: an array of n examples x p neurons, n >= {least}.
    y: an array of n x q: row i is the same example as row i of ``x``.
{keys}{reading}
Returns:
    A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

Raises:
    InputError: arguments or arrays that cannot be used; the message names the remedy.
    UndefinedError: the measure has no value on these data.
    DegenerateError: the value would be the same whatever the data.

Cost: {measure["prepare_cost"]} for each representation, {measure["compare_cost"]} for the pair.
Sources: {sources}.
"""


FUNCTIONS = {python_name(measure["id"]): _function(measure) for measure in CATALOG}
