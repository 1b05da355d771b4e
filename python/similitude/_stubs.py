"""The type stubs of the package, made from the list of measures: ``python -m similitude._stubs`` writes them."""

import pathlib
import sys

from ._functions import CATALOG, INFERENCE, READING, defaults, documentation, python_name

PLACE = pathlib.Path(__file__).with_name("__init__.pyi")

HEAD = """# Written by `python -m similitude._stubs` from the list of measures. Other changes are lost.

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import testing as testing

__version__: str
__all__: list[str]

class SimilitudeError(ValueError):
    code: str | None
    numbers: dict[str, Any]
    def __getattr__(self, name: str) -> Any: ...

class InputError(SimilitudeError): ...
class UndefinedError(SimilitudeError): ...
class DegenerateError(UndefinedError): ...

class Score(float):
    @property
    def value(self) -> float: ...
    @property
    def error_bound(self) -> float: ...
    @property
    def measure(self) -> str: ...
    @property
    def convention(self) -> dict[str, str]: ...
    @property
    def direction(self) -> Literal["similarity", "distance"]: ...
    @property
    def n(self) -> int: ...
    @property
    def p1(self) -> int: ...
    @property
    def p2(self) -> int: ...
    @property
    def diagnostics(self) -> dict[str, Any]: ...
    @property
    def reading(self) -> dict[str, str | None] | None: ...
    @property
    def version(self) -> str: ...
    @property
    def null(self) -> NullTest | None: ...
    @property
    def interval(self) -> Interval | None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NullTest:
    score: Score
    p: float
    floor: float
    null_mean: float | None
    null_sd: float | None
    skewness: float | None
    z: float | None
    level: float
    critical: float | None
    calibrated: float | None
    excess: float | None
    reached: int | None
    undecided: int | None
    scheme: str
    seed: int | None
    values: NDArray[np.float64] | None
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Interval:
    score: Score
    lo: float
    hi: float
    level: float
    se: float
    bias: float
    method: Literal["halves", "percentile", "bca", "jackknife", "analytic"]
    seed: int | None
    values: NDArray[np.float64]
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Difference:
    first: Score
    second: Score
    difference: float
    p: float
    lo: float
    hi: float
    level: float
    se: float
    method: Literal["halves", "percentile"]
    seed: int
    values: NDArray[np.float64]
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Stability:
    best: str
    share: float
    scores: dict[str, Score]
    shares: dict[str, float]
    seed: int
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NoiseCeiling:
    lower: float
    upper: float
    is_bound: bool
    with_all: dict[str, float]
    with_others: dict[str, float]
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class SampleSizes:
    score: Score
    n: list[int]
    mean: list[float]
    se: list[float]
    lo: list[float]
    hi: list[float]
    limit: float
    slope: float
    misfit: float
    needed: dict[float, float | None]
    level: float
    seed: int
    def to_dict(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...
    def to_pandas(self) -> Any: ...
    def plot(self, ax: Any = None) -> Any: ...

class Sweep:
    layers_a: list[str]
    layers_b: list[str]
    models: list[str]
    measures: list[str]
    n: int
    errors: list[tuple[str, str, str, str, str]]
    finished: NDArray[np.bool_]
    readings: dict[str, dict[str, str | None] | None]
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, measure: object) -> bool: ...
    def __getitem__(self, measure: str | None) -> NDArray[np.float64]: ...
    def error_bounds(self, measure: str | None = None) -> NDArray[np.float64]: ...
    def fact(self, name: str, measure: str | None = None) -> NDArray[np.float64]: ...
    def p(self, measure: str | None = None) -> NDArray[np.float64]: ...
    def z(self, measure: str | None = None) -> NDArray[np.float64]: ...
    def null_mean(self, measure: str | None = None) -> NDArray[np.float64]: ...
    def calibrated(self, measure: str | None = None) -> NDArray[np.float64]: ...
    def columns(self) -> list[str]: ...
    def _repr_html_(self) -> str: ...
    def score(self, layer_a: str, layer_b: str, measure: str | None = None) -> Score | None: ...
    def best_match(self, measure: str | None = None) -> dict[str, tuple[str, float] | None]: ...
    def accuracy(self, measure: str | None = None) -> float: ...
    def records(self) -> Iterator[dict[str, Any]]: ...
    def to_pandas(self, measure: str | None = None) -> Any: ...
    def to_polars(self) -> Any: ...
    def to_xarray(self) -> Any: ...
    def to_csv(self, path: str | os.PathLike[str]) -> None: ...
    def to_arrow(self) -> Any: ...
    def to_parquet(self, path: str | os.PathLike[str]) -> None: ...
    def plot(
        self,
        measure: str | None = None,
        ax: Any = None,
        *,
        of: str = "value",
        level: float | None = 0.05,
        colorbar: bool = True,
        title: str | None = None,
        **options: Any,
    ) -> Any: ...

class Gram:
    def __init__(self, k: ArrayLike) -> None: ...
    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[np.float64]: ...

class RDM:
    def __init__(self, d: ArrayLike) -> None: ...
    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[np.float64]: ...

class Moments:
    def __init__(
        self,
        products: Literal["auto", "host", "device"] = "auto",
        precision: Literal["float64", "float32", "tf32", "bfloat16"] = "float64",
    ) -> None: ...
    @property
    def n(self) -> int: ...
    def update(self, x: ArrayLike, y: ArrayLike) -> Moments: ...
    def merge(self, other: Moments) -> Moments: ...
    def __add__(self, other: Moments | int) -> Moments: ...
    def __radd__(self, other: int) -> Moments: ...
    def __copy__(self) -> Moments: ...
    def score(self, measure: str = "cka") -> Score: ...

def to_array(
    x: ArrayLike,
    name: str = "x",
    *,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
) -> NDArray[np.float64]: ...
def measures() -> list[dict[str, Any]]: ...
def methods(measure: str) -> str: ...
def bibtex(measures: str | Sequence[str]) -> str: ...
def adjust(p: ArrayLike, method: Literal["holm", "bh"] = "holm") -> NDArray[np.float64]: ...
def permutation_test(
    x: ArrayLike,
    y: ArrayLike,
    measure: str = "cka",
    null: int | Literal["exact"] = 1000,
    *,
    within: ArrayLike | None = None,
    blocks: ArrayLike | None = None,
    shifts: bool | ArrayLike = False,
    level: float = 0.05,
    seed: int = 1,
@READING@) -> NullTest: ...
def interval(
    x: ArrayLike,
    y: ArrayLike,
    measure: str = "cka",
    method: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] = "halves",
    *,
    resamples: int = 1000,
    level: float = 0.95,
    groups: int | None = None,
    seed: int = 1,
@READING@) -> Interval: ...
def compare_scores(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    measure: str = "cka",
    *,
    method: Literal["halves", "bootstrap"] = "halves",
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Difference: ...
def row_maximum(
    x: ArrayLike,
    candidates: Mapping[str, ArrayLike],
    measure: str = "cka",
    *,
    method: Literal["halves", "bootstrap"] = "halves",
    resamples: int = 1000,
    seed: int = 1,
) -> Stability: ...
def noise_ceiling(networks: Mapping[str, ArrayLike], measure: str = "rsa") -> NoiseCeiling: ...
def sample_size(
    x: ArrayLike,
    y: ArrayLike,
    measure: str = "cka",
    *,
    tolerances: float | Sequence[float] = (0.01,),
    resamples: int = 200,
    level: float = 0.95,
    seed: int = 1,
@READING@) -> SampleSizes: ...
def get_threads() -> int: ...
def set_threads(threads: int | None = None) -> None: ...
def sweep(
    a: Any,
    b: Any = None,
    measures: str | Sequence[str] = ("cka",),
    *,
    loader: Iterable[Any] | None = None,
    layers: str | Sequence[str] | None = None,
    layers_b: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] = (),
    layer_order: Literal["names", "file"] | None = None,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_b: str | None = None,
    spatial_b: str | None = None,
    mask_b: ArrayLike | None = None,
    lengths_b: ArrayLike | None = None,
    rows: str | ArrayLike | None = None,
    sample: int | None = None,
    seed: int = 1,
    names: Sequence[str] | None = None,
    memory: int | None = None,
    precision: Literal["f64", "f32"] = "f64",
    on_error: Literal["leave", "stop"] = "leave",
    progress: bool | Callable[[int, int], object] | None = None,
    resume: Sweep | None = None,
    out: str | os.PathLike[str] | None = None,
    null: int | Literal["exact"] | None = None,
    adjust: Literal["max", "row-max", "holm", "bh"] | None = None,
) -> Sweep: ...
def capture(
    model: Any,
    loader: Iterable[Any],
    layers: str | Sequence[str] = "*",
    n: int | None = None,
    out: str | os.PathLike[str] = "activations.safetensors",
    *,
    call: Callable[[Any, Any], Any] | None = None,
    reduce: Callable[[str, Any], Any] | None = None,
    shuffled: bool = False,
) -> str | os.PathLike[str]: ...
def compare_models(
    model_a: Any,
    model_b: Any = None,
    loader: Iterable[Any] | None = None,
    measures: str | Sequence[str] = ("cka",),
    *,
    layers: str | Sequence[str] = "*",
    layers_b: str | Sequence[str] | None = None,
    n: int | None = None,
    call: Callable[[Any, Any], Any] | None = None,
    reduce: Callable[[str, Any], Any] | None = None,
    shuffled: bool = False,
    names: Sequence[str] | None = None,
    **options: Any,
) -> Sweep: ...
"""

TYPES = {"axes": "str | None", "spatial": "str | None", "mask": "ArrayLike | None", "lengths": "ArrayLike | None"}


#: The types of what is asked of a value besides.
ASKED = {
    "null": 'int | Literal["exact"] | None',
    "interval": 'Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None',
} | {"resamples": "int", "level": "float", "seed": "int"}


def _reading():
    return "".join(f"    {key}: {TYPES[key.removesuffix('_y')]} = None,\n" for key in READING)


def _function(name, first, keys, words):
    reading = _reading() + "".join(f"    {key}: {ASKED[key]} = {value!r},\n" for key, value in INFERENCE.items())
    text = "\n".join("    " + line if line else "" for line in words.strip().splitlines())
    return f'def {name}(\n    x: ArrayLike,\n    y: ArrayLike,\n{first}    *,\n{keys}{reading}) -> Score:\n    """{text.strip()}\n    """\n'


def _key(key, default):
    if "choices" in key:
        kind = f"Literal[{', '.join(map(_quoted, key['choices']))}]"
        # A yes or no is a bool, too.
        kind = f"{kind} | bool" if set(key["choices"]) == {"yes", "no"} else kind
    else:
        kind = "int" if key["whole"] else "float"
    shown = _quoted(default) if isinstance(default, str) else repr(default)
    return f"    {python_name(key['name'])}: {kind}{'' if default is not None else ' | None'} = {shown},\n"


def _quoted(text):
    return f'"{text}"'


def stubs():
    """The text of the stubs."""
    from . import compare

    text = HEAD.replace("@READING@", _reading()) + _function("compare", '    measure: str = "cka",\n', "", compare.__doc__)
    for measure in CATALOG:
        default = defaults(measure)
        keys = "".join(_key(key, default[key["name"]]) for key in measure["keys"])
        text += _function(python_name(measure["id"]), "", keys, documentation(measure))
    return text


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(
            None if PLACE.is_file() and PLACE.read_text() == stubs() else f"{PLACE} is not current: python -m similitude._stubs writes it"
        )
    PLACE.write_text(stubs())
