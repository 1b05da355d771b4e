"""Sweeps: their values, tables, pictures, files, and what an interrupt leaves."""

import math
import os
import pickle
import signal
import threading

import numpy as np
import pytest

import similitude as sim

MEASURES = ["cka", "procrustes:form=angle", "linear-regression"]


@pytest.fixture
def networks(rng):
    a = {f"h.{i}": rng.standard_normal((50, 4 + i)) for i in range(3)}
    b = {name: x @ np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))[0] for name, x in a.items()}
    b["dead"] = np.ones((50, 2))
    return a, b


def test_a_sweep_is_its_pairs(networks):
    a, b = networks
    seen = []
    result = sim.sweep(a, b, MEASURES, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (36, 36) and result["cka"].shape == (3, 4) and result.finished.all()
    for i, (name, x) in enumerate(a.items()):
        for j, (other, y) in enumerate(b.items()):
            if j == 3:
                assert math.isnan(result["cka"][i, j]) and result.score(name, other, "cka") is None
                continue
            score = sim.cka(x, y)
            assert result["cka"][i, j] == float(score) and result.error_bounds("cka")[i, j] == score.error_bound
            cell = result.score(name, other, "cka")
            assert (float(cell), cell.measure, cell.p2, cell.direction) == (float(score), score.measure, score.p2, "similarity")
            assert cell.diagnostics == score.diagnostics
    assert len(result.errors) == 9 and result.errors[0][2:4] == ("dead", "undefined")
    assert [match[0] for match in result.best_match("procrustes:form=angle").values()] == ["h.0", "h.1", "h.2"]
    with pytest.raises(sim.InputError, match="correspond"):
        result.accuracy("cka")
    with pytest.raises(sim.InputError, match="which of"):
        result.best_match()
    with pytest.raises(sim.InputError, match="not in this sweep"):
        result["cca"]
    itself = sim.sweep(a, measures="cka")
    assert itself.accuracy() == 1.0 and itself["cka"][0, 1] == itself["cka"][1, 0]
    assert "h.2" in result._repr_html_() and "<svg" in result._repr_html_() and "9 without a value" in repr(result)
    twin = pickle.loads(pickle.dumps(result))
    assert np.array_equal(twin["cka"], result["cka"], equal_nan=True) and twin.score("h.0", "h.1", "cka") == result.score(
        "h.0", "h.1", "cka"
    )


def test_accuracy_counts_ties_and_gaps_as_misses(rng):
    x, y, z = (rng.standard_normal((40, 3)) for _ in range(3))
    assert sim.sweep({"a": x, "b": y, "c": z}).accuracy() == 1.0
    # Of two layers that are the same neither is the one.
    assert sim.sweep({"a": x, "b": x, "c": z}).accuracy() == pytest.approx(1 / 3)
    assert sim.sweep({"a": x, "b": y, "c": np.ones((40, 2))}).accuracy() == 0.0
    # Layers of both networks are asked about: b finds both of a, a one of b.
    result = sim.sweep({"a": x, "b": y}, {"a": x, "b": y})
    result._tables[result.measures[0]]["values"] = np.array([[0.9, 0.5], [0.95, 0.99]])
    assert result.accuracy() == 0.75
    # A layer without a value is a miss where there is no other, too.
    one = sim.sweep({"a": np.ones((40, 2))}, {"b": x})
    assert one.accuracy() == 0.0 and one.best_match() == {"a": None} and sim.sweep({"a": x}).accuracy() == 1.0


def test_tables(networks, tmp_path):
    pandas, polars, xarray = (pytest.importorskip(name) for name in ("pandas", "polars", "xarray"))
    result = sim.sweep(*networks, MEASURES, names=["left", "right"])
    long = result.to_pandas()
    assert len(long) == 36 and list(long.columns) == sim._table.COLUMNS and set(long.model_b) == {"right"}
    wide = long[long.measure == result.measures[0]].pivot(index="layer_a", columns="layer_b", values="value")
    assert wide.loc["h.0", "h.1"] == result["cka"][0, 1] == result.to_pandas("cka").loc["h.0", "h.1"]
    assert long.value.isna().sum() == 9 and long.error_kind.notna().sum() == 9
    frame = result.to_polars()
    assert frame["value"].null_count() == 9 and frame["n"].dtype == polars.Int64
    array = result.to_xarray()
    assert float(array.value.sel(measure=result.measures[1], layer_a="h.1", layer_b="h.2")) == result[MEASURES[1]][1, 2]
    assert array.attrs["model_a"] == "left" and isinstance(array, xarray.Dataset)
    result.to_csv(tmp_path / "scores.csv")
    read = pandas.read_csv(tmp_path / "scores.csv")
    assert np.allclose(read.value, long.value, rtol=1e-15, atol=0, equal_nan=True)


def test_parquet_holds_the_table_as_it_is(networks, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    a, b = ({"=" + name: x for name, x in network.items()} for network in networks)
    result = sim.sweep(a, b, MEASURES, names=["left", "right"], null=20)
    path = tmp_path / "scores.parquet"
    path.write_text("an older result")
    result.to_parquet(path)
    table = parquet.read_table(path)
    assert table.column_names == result.columns() and {"p", "z"} < set(table.column_names)
    assert table.schema.metadata[b"similitude"].decode() == sim.__version__
    # Names and numbers as they are, to the bit; no value is null, and why stands beside it.
    rows = table.to_pylist()
    assert rows == list(result.records()) and rows[0]["layer_a"].startswith("=") and type(rows[0]["n"]) is int
    assert table["value"].null_count == 9 and table["error_kind"].null_count == 27
    assert sorted(file.name for file in tmp_path.iterdir()) == ["scores.parquet"]


@pytest.mark.parametrize("write", ["to_csv", "to_parquet"])
def test_an_older_file_survives_a_failure(networks, tmp_path, monkeypatch, write):
    pytest.importorskip("pyarrow")
    result = sim.sweep(*networks, ["cka"])
    path = tmp_path / "scores"
    path.write_text("an older result")
    monkeypatch.setattr(type(result), "records", lambda self: (1 / 0 for _ in "a row"))
    with pytest.raises(ZeroDivisionError):
        getattr(result, write)(path)
    assert path.read_text() == "an older result" and len(list(tmp_path.iterdir())) == 1


def test_files_are_those_of_the_program(networks, tmp_path):
    a, b = ({"=" + name: x for name, x in network.items()} for network in networks)
    result = sim.sweep(a, b, MEASURES, out=tmp_path / "out")
    result.to_csv(tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_bytes() == (tmp_path / "out" / "scores.csv").read_bytes()
    assert len(list((tmp_path / "out").glob("heatmap-*.svg"))) == 3
    with np.load(tmp_path / "out" / "scores.npz") as arrays:
        assert np.array_equal(arrays["values"][0], result["cka"], equal_nan=True)


def test_a_plot_is_an_axes(networks):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    result = sim.sweep(*networks, ["cka:estimator=debiased"])
    values = result["cka:estimator=debiased"]
    ax = result.plot()
    image = ax.get_images()[0]
    # A range of -1 to 1 would leave half of the colors unused.
    assert image.get_clim() == (min(0.0, np.nanmin(values)), 1.0) and result.plot(vmin=-1).get_images()[0].get_clim() == (-1.0, 1.0)
    assert ax.get_title() == result.measures[0]
    assert np.array_equal(image.get_array().filled(np.nan), values, equal_nan=True)
    assert [label.get_text() for label in ax.get_xticklabels()] == result.layers_b
    # The first layers stand in the lower left corner, as in the paper.
    assert image.origin == "lower" and ax.get_ylim()[0] < ax.get_ylim()[1]
    mine = plt.subplots()[1]
    assert result.plot(ax=mine, title="Debiased CKA", cmap="viridis") is mine and mine.get_title() == "Debiased CKA"
    logarithmic = matplotlib.colors.LogNorm(0.01, 1)
    assert result.plot(norm=logarithmic).get_images()[0].norm is logarithmic
    with pytest.raises(sim.InputError, match="ax: Axes"):
        result.plot(ax=plt.subplots(2)[1])
    plt.close("all")


def test_names_in_a_plot_are_no_formulas(rng):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    result = sim.sweep({"$a$ $": rng.standard_normal((20, 3)), r"$\frac{$": rng.standard_normal((20, 2))}, names=["cost $x_1$"])
    ax = result.plot()
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()] == [r"\$a\$ \$", r"\$\frac{\$"]
    assert ax.get_xlabel() == r"cost \$x_1\$"
    plt.close("all")


def test_archives_lists_and_choices(networks, tmp_path):
    a, _ = networks
    np.savez(tmp_path / "net.npz", **a)
    want = sim.sweep(a)["cka"]
    assert np.array_equal(sim.sweep(tmp_path / "net.npz")["cka"], want)
    assert np.array_equal(sim.sweep(list(a.values()))["cka"], want)
    for network in (a, tmp_path / "net.npz"):
        chosen = sim.sweep(network, layers=["h.2", "h.[01]"], exclude=["h.1"])
        assert chosen.layers_a == ["h.2", "h.0"] and chosen["cka"][0, 1] == want[2, 0]
        some = sim.sweep(network, rows="0:40")
        assert some.n == 40 and some["cka"][0, 1] == float(sim.cka(a["h.0"][:40], a["h.1"][:40]))
        assert sim.sweep(network, sample=20, seed=3)["cka"][0, 1] == sim.sweep(a, sample=20, seed=3)["cka"][0, 1]
    flags = np.arange(50) % 2 == 0
    assert sim.sweep(a, rows=flags)["cka"][0, 1] == sim.sweep(a, rows=np.flatnonzero(flags))["cka"][0, 1]
    for wrong, message in [
        ({"layers": ["x"]}, "matches"),
        ({"rows": "nonsense"}, "0:5000"),
        ({"rows": [60]}, "60"),
        ({"precision": "f16"}, "f64 or f32"),
        ({"on_error": "ignore"}, "leave or stop"),
        ({"measures": ["cka", "cka:kernel=linear"]}, "twice"),
        ({"measures": []}, "measure"),
        ({"b": {}}, "no layer"),
        ({"b": 3}, "int"),
        ({"b": {"x": a["h.0"][:40]}}, "40"),
    ]:
        with pytest.raises(sim.InputError, match=message):
            sim.sweep(a, **wrong)
    with pytest.raises(sim.InputError, match="no such file"):
        sim.sweep(str(tmp_path / "net.pt"))


def test_h5(networks, tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "net.h5", "w") as file:
        for name, layer in networks[0].items():
            file[name.replace(".", "/")] = layer
    assert np.array_equal(sim.sweep(tmp_path / "net.h5")["cka"], sim.sweep(networks[0])["cka"])


def test_a_layer_that_is_not_finite_has_no_value_or_ends_the_sweep(networks):
    a, _ = networks
    a["h.1"] = np.where(np.arange(50)[:, None] == 7, np.inf, a["h.1"])
    result = sim.sweep(a)
    known = sim.cka(a["h.0"], a["h.0"])
    assert np.isnan(result["cka"][1]).all() and result["cka"][0, 0] == known and "row 7" in result.errors[0][4]
    assert abs(known - 1) <= known.error_bound
    with pytest.raises(sim.InputError, match="row 7") as raised:
        sim.sweep(a, on_error="stop")
    assert raised.value.row == 7


def test_images_are_read_as_they_are_named(rng, tmp_path):
    images = {"conv": rng.standard_normal((20, 3, 4, 4)), "fc": rng.standard_normal((20, 6))}
    np.savez(tmp_path / "images.npz", **images)
    for network in (images, tmp_path / "images.npz"):
        result = sim.sweep(network, axes="nchw", spatial="mean")
        assert abs(result["cka"][0, 1] - sim.cka(images["conv"].mean((2, 3)), images["fc"])) < 1e-14
        assert result.readings["a"] == {"conv": "axes nchw, spatial mean", "fc": None}
        assert result.score("conv", "fc").reading == {"x": "axes nchw, spatial mean", "y": None}
        assert result.score("fc", "fc").reading is None
    with pytest.raises(sim.InputError, match="conv"):
        sim.sweep(images)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent another way")
def test_an_interrupt_leaves_what_is_finished_and_can_be_taken_up(rng, interruptible):
    # Many: the sweep must not be finished before the signal is seen.
    count = 40
    layers = {f"h.{i}": rng.standard_normal((900, 40)) for i in range(count)}
    measures = ["cka:kernel=rbf", "linear-regression"]

    def stop(done, total):
        if done:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as raised:
        sim.sweep(layers, measures=measures, progress=stop)
    partial, whole = raised.value.partial, sim.sweep(layers, measures=measures)
    assert 0 < partial.finished.sum() < partial.finished.size and "not computed" in repr(partial)
    for measure, finished in zip(partial.measures, partial.finished):
        assert np.array_equal(np.isfinite(partial[measure]), finished)
        assert np.array_equal(partial[measure][finished], whole[measure][finished])
    # The other half of a symmetric measure is there too.
    assert np.array_equal(partial.finished[0], partial.finished[0].T)
    assert {record["error_kind"] for record in partial.records()} == {None, "interrupted"}
    seen = []
    resumed = sim.sweep(layers, measures=measures, resume=partial, progress=lambda done, total: seen.append(total))
    assert all(np.array_equal(resumed[measure], whole[measure]) for measure in whole.measures)
    assert seen[-1] < count * (count + 1) / 2 + count * count
    with pytest.raises(sim.InputError, match="resume"):
        sim.sweep(layers, measures=["cka"], resume=partial)


def test_what_progress_raises_ends_the_sweep(networks):
    def enough(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as raised:
        sim.sweep(networks[0], progress=enough)
    assert isinstance(raised.value.partial, sim.Sweep)


def test_a_bar(networks, capsys, monkeypatch):
    sim.sweep(networks[0], progress=True)
    assert "6" in capsys.readouterr().err
    sim.sweep(networks[0], progress=False)
    sim.sweep(networks[0])
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    sim.sweep(networks[0], progress=True)
    assert "6 of 6 cells" in capsys.readouterr().err


def test_a_bar_where_somebody_looks_and_has_to_wait(networks, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    sim.sweep(networks[0])
    assert capsys.readouterr().err == ""
    progress = sim._sweep._progress(None)
    with progress as tell:
        tell(1, 6)
        assert progress.bar is None
        progress.start -= 1
        tell(2, 6)
        tell(5, 6)
    assert progress.bar.n == 5 and "5" in capsys.readouterr().err


def test_sweeps_in_threads(networks):
    want, found = sim.sweep(*networks)["cka"], []
    threads = [threading.Thread(target=lambda: found.append(sim.sweep(*networks)["cka"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(np.array_equal(values, want, equal_nan=True) for values in found)
