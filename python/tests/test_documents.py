"""What the README and the pages tell people to type does what they say."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import environment

import similitude as sim

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- needs (\w+) -->\n)?^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page):
    return [(match[2], match[3], match[4]) for match in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_five_minutes(elsewhere):
    names, ran, left_out = {}, 0, []
    for needs, language, code in blocks("docs/five-minutes.md"):
        if needs is not None:
            try:
                __import__(needs)
            except ImportError:
                left_out.append(needs)
                continue
        if language == "python":
            exec(compile(code, "five-minutes.md", "exec"), names)
        elif not code.startswith("pip install"):
            command = code.replace("similitude", f"{sys.executable} -m similitude", 1)
            subprocess.run(command, shell=True, check=True, cwd=elsewhere, env=environment(), capture_output=True, timeout=120)
        ran += 1
    assert ran >= 6 and left_out in ([], ["torch"])
    assert all((elsewhere / file).stat().st_size for file in ("a.safetensors", "cka.pdf", "scores.csv", "out/scores.csv"))
    assert names["result"].accuracy() >= 0


def test_the_readme(elsewhere):
    code = next(code for _, language, code in blocks("README.md") if language == "python")
    lines = code.splitlines()
    assert lines[-1].startswith("sim.testing.check")
    names = {}
    exec(compile("\n".join(lines[:-1]), "README.md", "exec"), names)
    assert names["result"].accuracy("cka") == 1.0 and (elsewhere / "cka.pdf").stat().st_size
    with pytest.raises(AssertionError, match="It computes cka:kernel=linear,estimator=biased"):
        exec(lines[-1], names)


def test_the_examples_of_axes(rng):
    names = {
        "sim": sim,
        "attention": np.ones((20, 4)),
        "conv_a": rng.standard_normal((20, 3, 4, 4)),
        "conv_b": rng.standard_normal((20, 3, 4, 4)),
    }
    names |= {"tokens_a": rng.standard_normal((20, 4, 3)), "tokens_b": rng.standard_normal((20, 4, 3))}
    x, y = rng.standard_normal((20, 5)), rng.standard_normal((20, 6))
    names |= {"K": x @ x.T, "L": y @ y.T, "X": x, "judged": np.abs(rng.standard_normal(190))}
    code = [code for _, language, code in blocks("README.md") if language == "python"][1]
    exec(code, names)


@pytest.mark.skipif("SIMILITUDE_NOTEBOOKS" not in os.environ, reason="SIMILITUDE_NOTEBOOKS=1 runs the notebook, half a minute")
def test_the_notebook(elsewhere):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    source = ROOT / "notebooks" / "tour.ipynb"
    shutil.copy(source, elsewhere / "tour.ipynb")
    notebook = nbformat.read(elsewhere / "tour.ipynb", 4)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(source.parent)}}).execute()


def test_the_notebook_has_its_outputs():
    import json

    notebook = json.loads((ROOT / "notebooks" / "tour.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    assert not any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
    pictures = [output for cell in cells for output in cell["outputs"] if "image/png" in output.get("data", {})]
    assert len(pictures) >= 4
