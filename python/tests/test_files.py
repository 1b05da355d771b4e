"""Where results are written to: links, pipes, older files and directories of earlier results."""

import io
import json
import os
import stat
import threading

import numpy as np
import pytest

import similitude as sim


@pytest.fixture
def result(rng):
    names = ["a\rb", 'q"uo,te', "new\nline", "=1", " sp ", "ü"]
    return sim.sweep({name: rng.standard_normal((20, 3)) for name in names}, names=["x"])


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_links_and_pipes_stay_what_they_are(result, tmp_path):
    result.to_csv(tmp_path / "plain.csv")
    want = (tmp_path / "plain.csv").read_bytes()
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "real.csv").chmod(0o640)
    os.symlink("real.csv", tmp_path / "link.csv")
    os.symlink("link.csv", tmp_path / "again.csv")
    result.to_csv(tmp_path / "again.csv")
    assert os.readlink(tmp_path / "link.csv") == "real.csv" and os.path.islink(tmp_path / "again.csv")
    assert (tmp_path / "real.csv").read_bytes() == want and stat.S_IMODE((tmp_path / "real.csv").stat().st_mode) == 0o640
    # A link that leads nowhere yet is written through, too.
    os.symlink("new.csv", tmp_path / "ahead.csv")
    result.to_csv(tmp_path / "ahead.csv")
    assert os.path.islink(tmp_path / "ahead.csv") and (tmp_path / "new.csv").read_bytes() == want
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    result.to_csv(tmp_path / "pipe")
    reader.join()
    assert read == [want] and stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


def test_what_is_no_path_is_named(result, tmp_path):
    for wrong, words in [(None, "NoneType"), (io.StringIO(), "StringIO"), (tmp_path, "a directory")]:
        with pytest.raises(sim.InputError, match=words):
            result.to_csv(wrong)
    with pytest.raises(sim.InputError, match="out: a path"):
        sim.sweep({"a": np.eye(9)}, out=3)


def test_a_directory_that_is_not_there_is_named(result, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no directory.*none'"):
        result.to_csv(tmp_path / "none" / "scores.csv")


def test_tables_are_those_of_the_program_whatever_the_names(rng, tmp_path, result):
    names = [name.lstrip("=") for name in result.layers_a]
    layers = {name: rng.standard_normal((20, 3)) for name in names}
    result = sim.sweep(layers, out=tmp_path / "out")
    result.to_csv(tmp_path / "scores.csv")
    assert (tmp_path / "scores.csv").read_bytes() == (tmp_path / "out" / "scores.csv").read_bytes()
    pandas = pytest.importorskip("pandas")
    assert list(dict.fromkeys(pandas.read_csv(tmp_path / "scores.csv", keep_default_na=False).layer_a)) == names


def test_a_directory_has_one_result(rng, tmp_path):
    x, y = (rng.standard_normal((20, p)) for p in (3, 4))
    out = tmp_path / "out"
    sim.sweep({"a": x}, {"b": y}, ["cka", "rsa"], out=out)
    for name in ("provenance.json", "report.html", "heatmap-of-cats.png", "notes.txt", "sample-sizes.csv"):
        (out / name).write_text("old")
    # What is refused leaves the directory as it was.
    before = sorted(os.listdir(out))
    with pytest.raises(sim.InputError):
        sim.sweep({"a": x}, {"b": y[:9]}, out=out)
    assert sorted(os.listdir(out)) == before
    sim.sweep({"a": x}, {"c": y}, ["procrustes", "cka"], out=out)
    found = sorted(os.listdir(out))
    assert {"heatmap-of-cats.png", "notes.txt", "scores.csv", "scores.json", "scores.npz"} < set(found)
    assert not {"provenance.json", "report.html", "sample-sizes.csv"} & set(found)
    pictures = [name for name in found if name.startswith("heatmap-") and name.endswith(".svg")]
    assert len(pictures) == 2 and not any("rsa" in name for name in pictures)
    assert json.loads((out / "scores.json").read_text()) and "c" in (out / "scores.csv").read_text()
