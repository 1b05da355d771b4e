"""Threads, forks, interrupts, memory, and the time that a call takes."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from conftest import environment

import similitude as sim


def run(code, **variables):
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("n", [60, 500])
def test_threads_at_once_have_the_same_bits(rng, n):
    # On the calling threads, and on those of the module.
    x, y = rng.standard_normal((n, 7)), rng.standard_normal((n, 5))
    want, found = float(sim.cka(x, y, kernel="rbf")), []
    threads = [threading.Thread(target=lambda: [found.append(float(sim.cka(x, y, kernel="rbf"))) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [want] * 160


def test_other_threads_run_meanwhile(rng):
    x = rng.standard_normal((3000, 50))
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.monotonic()
    sim.cka(x, x, kernel="rbf")
    end = time.monotonic()
    done.set()
    thread.join()
    inside = sum(start < moment < end for moment in ticks)
    # One tick a millisecond; a loaded machine leaves out many, a lock that is held all.
    assert inside >= (end - start) / 0.02, (inside, end - start)


def test_the_number_of_threads(x, y, monkeypatch):
    # Dask changes the environment of the process that starts its workers.
    monkeypatch.setenv("SIMILITUDE_NUM_THREADS", "2")
    value = float(sim.cka(x, y, kernel="rbf"))
    try:
        for threads in (1, 3, 2):
            sim.set_threads(threads)
            assert sim.get_threads() == threads and float(sim.cka(x, y, kernel="rbf")) == value
    finally:
        sim.set_threads()
    assert sim.get_threads() == 2
    with pytest.raises(sim.InputError, match="1 to 1024"):
        sim.set_threads(0)


@pytest.mark.parametrize(
    "variables, threads",
    [
        ({"OMP_NUM_THREADS": "3"}, 3),
        ({"OMP_NUM_THREADS": "3,2"}, 3),
        ({"OMP_NUM_THREADS": "3", "SIMILITUDE_NUM_THREADS": "2"}, 2),
        ({"SIMILITUDE_NUM_THREADS": "nonsense", "OMP_NUM_THREADS": "5"}, 5),
    ],
)
def test_the_environment_says_how_many(variables, threads):
    cleared = dict.fromkeys(["SIMILITUDE_NUM_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"], "")
    assert run("import similitude; print(similitude.get_threads())", **{**cleared, **variables}) == str(threads)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_computes():
    # As workers of a loader do, after the parent has computed.
    code = """
        import multiprocessing, warnings
        import numpy as np
        import similitude as sim

        warnings.simplefilter("ignore")
        x = np.random.default_rng(0).standard_normal((200, 20))

        def value(kernel):
            return float(sim.cka(x, x[:, :10], kernel=kernel)), sim.sweep({"x": x}, {"y": x[:, :9]})["cka"][0, 0]

        if __name__ == "__main__":
            here = value("rbf")
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(value, ["rbf"] * 4, chunksize=1) == [here] * 4)
    """
    assert run(code) == "True"


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in another way")
def test_small_work_wakes_no_thread():
    code = """
        import os, threading, time
        import numpy as np
        import similitude as sim

        def threads_of_the_module():
            # By name: NumPy's own end in a fork, and those of an earlier pool end when they like.
            names = set()
            for task in os.listdir("/proc/self/task"):
                try:
                    names.add(open(f"/proc/self/task/{task}/comm").read().strip())
                except (FileNotFoundError, ProcessLookupError):
                    pass
            return sorted(name for name in names if name.startswith("similitude-"))

        x = np.random.default_rng(0).standard_normal((100, 10))
        value = sim.cka(x, x[:, :4])
        print(len(threads_of_the_module()), end=" ")
        found = []
        # More of them than get a pool of their own.
        threads = [threading.Thread(target=lambda: found.append(sim.cka(x, x[:, :4]) == value)) for _ in range(80)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(found == [True] * 80, end=" ")
        if (child := os.fork()) == 0:
            os._exit(0 if sim.cka(x, x[:, :4]) == value else 1)
        print(os.waitpid(child, 0)[1], end=" ")
        large = np.random.default_rng(0).standard_normal((400, 40))
        sim.set_threads(3)
        # A thread has its name a moment after it is there.
        waited = time.monotonic() + 20
        while "similitude-2" not in threads_of_the_module() and time.monotonic() < waited:
            time.sleep(0.01)
        print("similitude-2" in threads_of_the_module(), sim.cka(large, large[:, :4], kernel="rbf") > 0)
    """
    assert run(code) == "0 True 0 True True"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent another way")
def test_an_interrupt_ends_a_comparison_at_once(rng, interruptible):
    x = rng.standard_normal((4000, 300))
    start = time.monotonic()
    sim.cka(x, x, kernel="laplace")
    whole = time.monotonic() - start
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(20):
            sim.cka(x, x, kernel="laplace")
    assert time.monotonic() - start < 0.1 + max(1.0, whole / 2)
    assert sim.cka(x[:50], x[:50]) == pytest.approx(1.0)


def test_many_calls_keep_no_memory():
    pytest.importorskip("resource")
    # In a process of its own: what other tests left behind is moved about for a long time.
    before, after = run(
        """
        import os, resource
        import numpy as np
        import similitude as sim

        rng = np.random.default_rng(0)
        x, y = rng.standard_normal((40, 7)), rng.standard_normal((40, 5))
        narrow = x.astype("f4")

        def used(times):
            for _ in range(times):
                sim.cka(x, y)
                sim.cka(narrow, y)
                try:
                    sim.cka(x[:5], np.ones((5, 2)))
                except sim.UndefinedError:
                    pass
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        print(used(2000), used(int(os.environ.get("SIMILITUDE_CALLS", "20000")) // 3))
        """
    ).split()
    assert int(after) <= int(before) + 2048  # KiB


def test_a_small_call_takes_little_more_than_the_library(rng):
    x, y = rng.standard_normal((100, 10)), rng.standard_normal((100, 10))
    measure = sim._functions._measure("cka")

    def least(call, tries=3000):
        times = []
        for _ in range(tries):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        return min(times)

    over = [
        least(lambda: sim.cka(x, y, estimator="debiased")) - sim._functions._measure("cka:estimator=debiased").time(x, y, 3000),
        least(lambda: sim.compare(x, y)) - measure.time(x, y, 3000),
    ]
    assert max(over) < 20e-6, over


def test_an_array_that_changes_is_a_mixture_and_nothing_worse(rng):
    x, y = rng.standard_normal((300, 20)), rng.standard_normal((300, 30))
    done, seen = threading.Event(), set()

    def change():
        noise = np.random.default_rng(1)
        while not done.is_set():
            x[noise.integers(300), noise.integers(20)] = noise.choice([np.nan, np.inf, 0.0, 1e300, -1.0])
            x[noise.integers(300)] = noise.standard_normal(20)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            for measure in [entry["id"] for entry in sim.measures() if entry["convention"]] + ["cka:kernel=rbf", "cka:kernel=laplace"]:
                try:
                    seen.add(type(sim.compare(x, y, measure)))
                except (sim.SimilitudeError, RuntimeError) as error:
                    seen.add(type(error))
    finally:
        done.set()
        thread.join()
    assert sim.InputError in seen
    x[...] = rng.standard_normal((300, 20))
    assert 0 < sim.cka(x, y) < 1
