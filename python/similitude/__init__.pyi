# Written by `python -m similitude._stubs` from the list of measures. Other changes are lost.

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
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
) -> NullTest: ...
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
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
) -> Interval: ...
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
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
) -> SampleSizes: ...
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
def compare(
    x: ArrayLike,
    y: ArrayLike,
    measure: str = "cka",
    *,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
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
def hsic(
    x: ArrayLike,
    y: ArrayLike,
    *,
    kernel: Literal["linear", "rbf", "laplace", "polynomial", "cosine"] = "linear",
    estimator: Literal["biased", "unbiased"] = "biased",
    bandwidth: Literal["median", "demo", "lower-median", "fixed"] | None = None,
    fraction: float | None = None,
    sigma: float | None = None,
    degree: int | None = None,
    offset: float | None = None,
    center: Literal["yes", "no"] | bool | None = None,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Hilbert-Schmidt independence criterion: a similarity in [0.0, inf) or a similarity in (-inf, inf).

    biased: tr(K H L H) / (n-1)^2 (linear: |Yc' Xc|_F^2 / (n-1)^2); unbiased: [tr(K~ L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1] / (n(n-3)), K~ = K with zero diagonal

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        kernel: the kernel between examples: linear | rbf | laplace | polynomial | cosine.
        estimator: tr(KHLH)/(n-1)^2, or Song's HSIC_1 (n >= 4): biased | unbiased.
        bandwidth: rbf, laplace: where sigma comes from: median | demo | lower-median | fixed.
        fraction: rbf, laplace: factor on the median: 1.0 | a number > 0.
        sigma: rbf, laplace with bandwidth=fixed: the bandwidth: a number > 0, with bandwidth=fixed (must be given).
        degree: polynomial: the exponent: 3 | a whole number from 1 to 64.
        offset: polynomial: the constant added: 1.0 | a number >= 0.
        center: polynomial, cosine: center the columns before the kernel; scikit-learn's kernels are of the rows as they are: yes | no.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p (linear, n >= p + q); else n^2 p for each representation, n p q (linear, n >= p + q); else n^2 for the pair.
    Sources: gretton2005hsic, eq. 9; song2012feature, eq. 5; kornblith2019similarity, eq. 3.
    """
def cka(
    x: ArrayLike,
    y: ArrayLike,
    *,
    kernel: Literal["linear", "rbf", "laplace", "polynomial", "cosine"] = "linear",
    estimator: Literal["biased", "debiased"] = "biased",
    bandwidth: Literal["median", "demo", "lower-median", "fixed"] | None = None,
    fraction: float | None = None,
    sigma: float | None = None,
    degree: int | None = None,
    offset: float | None = None,
    center: Literal["yes", "no"] | bool | None = None,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Centered kernel alignment: a similarity in [0.0, 1.0] or a similarity in [-1.0, 1.0].

    HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)); linear, biased: |Yc' Xc|_F^2 / (|Xc' Xc|_F |Yc' Yc|_F)

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        kernel: the kernel between examples: linear | rbf | laplace | polynomial | cosine.
        estimator: HSIC biased, or unbiased in all three places (n >= 4): biased | debiased.
        bandwidth: rbf, laplace: where sigma comes from: median | demo | lower-median | fixed.
        fraction: rbf, laplace: factor on the median: 1.0 | a number > 0.
        sigma: rbf, laplace with bandwidth=fixed: the bandwidth: a number > 0, with bandwidth=fixed (must be given).
        degree: polynomial: the exponent: 3 | a whole number from 1 to 64.
        offset: polynomial: the constant added: 1.0 | a number >= 0.
        center: polynomial, cosine: center the columns before the kernel; scikit-learn's kernels are of the rows as they are: yes | no.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p^2 (linear, n >= p + q); else n^2 p for each representation, n p q (linear, n >= p + q); else n^2 for the pair.
    Sources: kornblith2019similarity, eq. 4, Table 1; cortes2012algorithms, def. 4; szekely2014partial, eq. 2.3; robert1976unifying, RV coefficient.
    """
def cca(
    x: ArrayLike,
    y: ArrayLike,
    *,
    summary: Literal["rho", "r2"] = "rho",
    divisor: Literal["min-rank", "min-width", "geometric", "max"] = "min-rank",
    center: Literal["yes", "no"] | bool = "yes",
    degenerate: Literal["error", "allow"] = "error",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Canonical correlation analysis: a similarity in [0.0, 1.0].

    rho: |Q_Y' Q_X|_* / divisor; r2: |Q_Y' Q_X|_F^2 / divisor

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        summary: sum of the canonical correlations, or of their squares: rho | r2.
        divisor: min(r_X, r_Y), min(p1, p2), sqrt(r_X r_Y) or max(r_X, r_Y): min-rank | min-width | geometric | max.
        center: center the columns first; the authors' demonstration does not: yes | no.
        degenerate: a value that is the same for all data, or rests on an arbitrary choice: error, or return it: error | allow.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p^2 (orthonormal basis) for each representation, n p q + p q min(p, q) for the pair.
    Sources: hotelling1936relations, the correlations; bjorck1973numerical, principal angles; kornblith2019similarity, eq. 6, 7.
    """
def svcca(
    x: ArrayLike,
    y: ArrayLike,
    *,
    summary: Literal["rho", "r2"] = "rho",
    threshold: float = 0.99,
    divisor: Literal["min-rank", "min-width", "geometric", "max"] = "min-rank",
    degenerate: Literal["error", "allow"] = "error",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Singular vector canonical correlation analysis: a similarity in [0.0, 1.0].

    CCA of U_X T_X and U_Y T_Y, where T keeps the fewest leading left singular vectors of Xc whose squared singular values hold the threshold's share of |Xc|_F^2

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        summary: sum of the canonical correlations, or of their squares: rho | r2.
        threshold: share of the variance that is kept: 0.99 | a number > 0 and <= 1.
        divisor: min(r_X, r_Y), min(p1, p2), sqrt(r_X r_Y) or max(r_X, r_Y): min-rank | min-width | geometric | max.
        degenerate: a value that is the same for all data, or rests on an arbitrary choice: error, or return it: error | allow.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p^2 (singular value decomposition) for each representation, n k l + k l min(k, l), k and l the kept dimensions for the pair.
    Sources: raghu2017svcca, section 2; kornblith2019similarity, Table 1.
    """
def pwcca(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weights: Literal["narrower", "x", "y"] = "narrower",
    degenerate: Literal["error", "allow"] = "error",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Projection weighted canonical correlation analysis: a similarity in [0.0, 1.0].

    sum_i alpha_i rho_i / sum_i alpha_i, alpha_i = sum_j |<h_i, x_j>|, h_i the i-th unit canonical variate of the weighting side and x_j its centered neurons, i = 1 .. min(r_X, r_Y)

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        weights: whose neurons give the weights: the smaller rank (ties X), X or Y: narrower | x | y.
        degenerate: a value that is the same for all data, or rests on an arbitrary choice: error, or return it: error | allow.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p^2 (singular value decomposition) for each representation, n p q + p q min(p, q) for the pair.
    Sources: morcos2018insights, section 3; kornblith2019similarity, eq. 9.
    """
def linear_regression(
    x: ArrayLike,
    y: ArrayLike,
    *,
    direction: Literal["x-from-y", "y-from-x", "sum"] = "x-from-y",
    degenerate: Literal["error", "allow"] | None = None,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Linear regression R2: a similarity in [0.0, 1.0] or a similarity in [0.0, 2.0].

    x-from-y: |Q_Y' Xc|_F^2 / |Xc|_F^2; y-from-x: |Q_X' Yc|_F^2 / |Yc|_F^2; sum: both added

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        direction: which representation is fitted from which: x-from-y | y-from-x | sum.
        degenerate: a value that is the same for all data, or rests on an arbitrary choice: error, or return it: error | allow.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n q^2 (orthonormal basis of the predictor) for each representation, n p q for the pair.
    Sources: kornblith2019similarity, eq. 5, Table 1.
    """
def linear_predictivity(
    x: ArrayLike,
    y: ArrayLike,
    *,
    direction: Literal["x-from-y", "y-from-x", "mean"] = "x-from-y",
    folds: int = 5,
    penalty: float = 0.001,
    split: Literal["shuffled", "contiguous", "interleaved"] = "shuffled",
    split_seed: int = 0,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Cross-validated linear predictivity: a similarity in (-inf, 1.0].

    y-from-x: 1 - sum_i |y_i - m_Y - (x_i - m_X) W|^2 / sum_i |y_i - m_Y|^2 over the k folds, W = (A'A + lambda I)^-1 A'B, lambda = penalty |A|_F^2, with the means m, and A, B the centered rows, of the examples outside the fold of i; x-from-y exchanges X and Y; mean of both

    Args:
        x: an array of n examples x p neurons, n >= 3.
        y: an array of n x q: row i is the same example as row i of ``x``.
        direction: which representation is predicted from which: x-from-y | y-from-x | mean.
        folds: how many folds are held out, one after the other: 5 | a whole number from 2 to 1000000.
        penalty: lambda over the squared norm of the centered training examples of the predictor: 0.001 | a number from 1e-6 to 1e4, a share of the predictor's variance.
        split: which examples are held out together: shuffled | contiguous | interleaved.
        split_seed: with split=shuffled, the seed of SplitMix64: 0 | a whole number from 0 to 2^53.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n l^2 + k l^3, l = min(n, p) (the predictor, k folds) for each representation, n l m + k l^2 m, m = min(n, q) for the pair.
    Sources: hoerl1970ridge, eq. 2.1 (the estimator); stone1974cross, section 2 (the division); yamins2014performance, neural predictivity; schrimpf2018brain, neural predictivity.
    """
def canonical_ridge(
    x: ArrayLike,
    y: ArrayLike,
    *,
    kappa_x: float | None = None,
    kappa_y: float | None = None,
    kappa: Literal["absolute", "relative"] | None = None,
    bound: Literal["trace", "cauchy", "separable"] | None = None,
    degenerate: Literal["error", "allow"] | None = None,
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Canonical ridge: a similarity in [0.0, 1.0].

    sum_ij a_i b_j <ux_i, uy_j>^2 / bound, a_i = lx_i/(lx_i + kappa_x), b_j = ly_j/(ly_j + kappa_y), lx, ux the eigenvalues and eigenvectors of Xc Xc'

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        kappa_x: regularisation of X: a number >= 0 (must be given).
        kappa_y: regularisation of Y: a number >= 0 (must be given).
        kappa: units: as given, or times the largest squared singular value: absolute | relative.
        bound: the normalising bound, equation 25, 26 or 27: trace | cauchy | separable.
        degenerate: a value that is the same for all data, or rests on an arbitrary choice: error, or return it: error | allow.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p^2 (singular value decomposition) for each representation, n p q for the pair.
    Sources: vinod1976canonical, the estimator; kornblith2019similarity, appendix D.1, eq. 24 to 27.
    """
def procrustes(
    x: ArrayLike,
    y: ArrayLike,
    *,
    form: Literal["distance", "squared", "angle", "similarity", "disparity"] = "distance",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Orthogonal Procrustes: a distance in [0.0, 1.4142135623730951] or a distance in [0.0, 2.0] or a distance in [0.0, 1.5707963267948966] or a similarity in [0.0, 1.0] or a distance in [0.0, 1.0].

    s = |Xc' Yc|_* / (|Xc|_F |Yc|_F); distance sqrt(2 - 2s), squared 2 - 2s, angle arccos s, similarity s, disparity 1 - s^2

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        form: what is reported of the nuclear norm: distance | squared | angle | similarity | disparity.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p; p >= n: n^2 p for each representation, n p q + p q min(p, q); p, q >= n: n^3 for the pair.
    Sources: schonemann1966generalized, the rotation; kornblith2019similarity, appendix D.2; ding2021grounding, section 2.3; williams2021generalized, eq. 5.
    """
def distance_correlation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    estimator: Literal["biased", "corrected"] = "biased",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Distance correlation: a similarity in [0.0, 1.0] or a similarity in [-1.0, 1.0].

    sqrt(<A, B> / sqrt(<A, A> <B, B>)), A and B the doubly centered Euclidean distances between examples; bias-corrected: U-centered, not rooted

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        estimator: the V-statistic, rooted; or its bias-corrected square (n >= 4): biased | corrected.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n^2 p for each representation, n^2 for the pair.
    Sources: szekely2007measuring, def. 4, 5; szekely2014partial, eq. 2.3; sejdinovic2013equivalence, distance covariance as HSIC.
    """
def mutual_knn(
    x: ArrayLike,
    y: ArrayLike,
    *,
    k: int = 10,
    metric: Literal["cosine", "euclidean"] = "cosine",
    center: Literal["no", "yes"] | bool = "no",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Mutual k nearest neighbours: a similarity in [0.0, 1.0].

    mean over i of |N_k^X(i) and N_k^Y(i)| / k, N_k(i) the k examples nearest to example i, without itself

    Args:
        x: an array of n examples x p neurons, n >= 3.
        y: an array of n x q: row i is the same example as row i of ``x``.
        k: the number of neighbours of an example: 10 | a whole number from 1 to 2^32.
        metric: which examples are near: cosine | euclidean.
        center: whether the mean example is taken off before a cosine: no | yes.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n^2 p for each representation, n k for the pair.
    Sources: huh2024platonic, section 2, appendix A.
    """
def rsa(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rdm: Literal["correlation", "squared-euclidean", "euclidean", "cosine", "given"] = "correlation",
    compare: Literal["spearman", "pearson", "kendall-a", "kendall-b", "cosine", "whitened-cosine"] = "spearman",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Representational similarity analysis: a similarity in [-1.0, 1.0] or a similarity in [0.0, 1.0].

    the correlation, rank correlation or cosine of the dissimilarities between all pairs of examples of X with those of Y

    Args:
        x: an array of n examples x p neurons, n >= 3.
        y: an array of n x q: row i is the same example as row i of ``x``.
        rdm: the dissimilarity of two examples: correlation | squared-euclidean | euclidean | cosine | given.
        compare: how the dissimilarities of X and of Y are compared: spearman | pearson | kendall-a | kendall-b | cosine | whitened-cosine.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n^2 p + n^2 log n for each representation, n^2; kendall n^2 log n for the pair.
    Sources: kriegeskorte2008representational, the matrices and Spearman's correlation; nili2014toolbox, tau-a; diedrichsen2021comparing, the whitened cosine.
    """
def soft_matching(
    x: ArrayLike,
    y: ArrayLike,
    *,
    form: Literal["similarity", "distance", "squared"] = "similarity",
    axes: str | None = None,
    spatial: str | None = None,
    mask: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    axes_y: str | None = None,
    spatial_y: str | None = None,
    mask_y: ArrayLike | None = None,
    lengths_y: ArrayLike | None = None,
    null: int | Literal["exact"] | None = None,
    interval: Literal["halves", "bootstrap", "bca", "jackknife", "analytic"] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Score:
    """Soft matching of neurons: a similarity in [-1.0, 1.0] or a distance in [0.0, inf).

    min over P >= 0 with row sums 1/p and column sums 1/q of sum_ij P_ij |x_i - y_j|^2, x_i and y_j the columns of Xc and Yc; distance its root; similarity max sum_ij P_ij corr(x_i, y_j)

    Args:
        x: an array of n examples x p neurons, n >= 2.
        y: an array of n x q: row i is the same example as row i of ``x``.
        form: what is reported of the best matching: similarity | distance | squared.
        axes: what the axes count where there are more than two, a letter an axis: ``"nchw"``, ``"nhwc"``, ``"ntd"``.
        spatial: what becomes of positions: flatten | mean | max | first | last | token=K | positions.
        mask: examples x positions, 1 where a position counts and 0 where it is padding.
        lengths: instead of a mask, how many positions of each example count.
        axes_y: the axes of ``y`` where they are others.
        spatial_y: what becomes of positions of ``y`` where it is something else.
        mask_y: the mask of ``y`` where it is another.
        lengths_y: the lengths of ``y`` where they are others.
        null: a number of permutations, or ``"exact"``: p-value and calibrated score are in ``.null``.
        interval: halves | bootstrap | bca | jackknife | analytic: its ends and the standard error are in ``.interval``.
        resamples: how many resamples an interval is made of.
        level: the share of intervals that would hold the value of the population.
        seed: what permutations and resamples are drawn from.

    Returns:
        A ``Score``: a float with ``error_bound``, ``convention`` and ``diagnostics``.

    Raises:
        InputError: arguments or arrays that cannot be used; the message names the remedy.
        UndefinedError: the measure has no value on these data.
        DegenerateError: the value would be the same whatever the data.

    Cost: n p for each representation, n p q + p q (p + q) for the pair.
    Sources: khosla2024soft, soft matching distance and correlation score.
    """
