"""What a call from Python takes over the library itself, and beside the formula in NumPy: ``python benchmarks/calls.py``.

Both in the same process, on the same arrays, the least of many tries in turn.
"""

import time

import numpy as np

import similitude as sim
from similitude._functions import _measure


def linear_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)


def least(calls, tries):
    """The least time of each call, in seconds; the calls take turns, so that a loaded machine is fair."""
    times = [float("inf")] * len(calls)
    for _ in range(tries):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            inside = call()
            # The library's own clock, where it has one.
            times[place] = min(times[place], inside if isinstance(inside, float) and place == 0 else time.perf_counter() - start)
    return times


def main():
    rng = np.random.default_rng(0)
    print(f"similitude {sim.__version__}, {sim.get_threads()} threads, NumPy {np.__version__}")
    print("| linear CKA, f64 | library | from Python | over it | NumPy's formula | NumPy / Python |")
    print("|---|---|---|---|---|---|")
    for n, p, tries in [(100, 10, 5000), (1000, 100, 300), (10_000, 512, 15)]:
        x, y = rng.standard_normal((n, p)), rng.standard_normal((n, p))
        measure = _measure("cka")
        calls = [lambda: measure.time(x, y, 1), lambda: sim.cka(x, y), lambda: linear_cka(x, y)]  # noqa: B023
        library, python, numpy = least(calls, tries)
        over = f"{(python - library) * 1e6:.1f} us, {100 * (python / library - 1):.1f} %"
        print(f"| {n} x {p} | {library * 1e6:.0f} us | {python * 1e6:.0f} us | {over} | {numpy * 1e6:.0f} us | {numpy / python:.1f} |")


if __name__ == "__main__":
    main()
