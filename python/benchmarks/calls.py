"""What a call from Python takes over the library itself, and beside the formula in NumPy: ``python benchmarks/calls.py``.

Both in one process, on the same arrays, with one thread each, the least of many tries in turn: a machine that does something
else too then says little that is wrong. ``--write`` puts the table into ``python/README.md``.
"""

import os

os.environ.update(dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "SIMILITUDE_NUM_THREADS"], "1"))

import pathlib
import platform
import sys
import time

import numpy as np

import similitude as sim
from similitude._functions import _measure

README = pathlib.Path(__file__).resolve().parents[1] / "README.md"
MARK = "<!-- calls -->"


def linear_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)


def linear_cka_of_examples(x, y):
    """As CKA is defined: by centered Gram matrices."""
    x, y = x - x.mean(0), y - y.mean(0)
    of_x, of_y = x @ x.T, y @ y.T
    return (of_x * of_y).sum() / np.sqrt((of_x * of_x).sum() * (of_y * of_y).sum())


def least(calls, tries, clock=None):
    """The least time of each call, in seconds, or what the call at place ``clock`` says it took; they take turns, so that a loaded
    machine is fair.
    """
    times = [float("inf")] * len(calls)
    for _ in range(tries):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            answer = call()
            times[place] = min(times[place], answer if place == clock else time.perf_counter() - start)
    return times


def processor():
    """What the system calls the processor; "a processor" where it does not say."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "a processor"


def table():
    rng = np.random.default_rng(0)
    lines = ["What a call takes over the library's own time (`python python/benchmarks/calls.py --write`).", ""]
    lines += [f"similitude {sim.__version__}, NumPy {np.__version__}, one thread each of {processor()}, the least of many tries.", ""]
    lines += [
        "NumPy multiplies neurons (p x p), or examples (n x n) as CKA is defined.",
        "",
        "| linear CKA, f64 | library | from Python | over it | NumPy, neurons | NumPy / Python | NumPy, examples | NumPy / Python |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for n, p, tries in [(100, 10, 5000), (300, 30, 2000), (1000, 100, 500), (10_000, 512, 9)]:
        x, y = rng.standard_normal((n, p)), rng.standard_normal((n, p))
        measure = _measure("cka")
        calls = [lambda: measure.time(x, y, 1), lambda: sim.cka(x, y), lambda: linear_cka(x, y)]  # noqa: B023
        library, python, numpy = (1e6 * seconds for seconds in least(calls, tries, clock=0))
        # Gram matrices of 10,000 examples are 800 MB each.
        by_definition = 1e6 * least([lambda: linear_cka_of_examples(x, y)], 20)[0] if n <= 1000 else None  # noqa: B023
        over = f"{python - library:.0f} us, {100 * (python / library - 1):.1f} %"
        defined = "- | -" if by_definition is None else f"{by_definition:.0f} us | {by_definition / python:.1f}"
        lines.append(f"| {n} x {p} | {library:.0f} us | {python:.0f} us | {over} | {numpy:.0f} us | {numpy / python:.1f} | {defined} |")
    return "\n".join(lines)


def main():
    found = table()
    print(found)
    if sys.argv[1:] == ["--write"]:
        before, _, after = README.read_text(encoding="utf-8").split(MARK)
        README.write_text(f"{before}{MARK}\n{found}\n{MARK}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
