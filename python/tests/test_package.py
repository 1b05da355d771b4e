"""The stubs, the program, and what is public."""

import ast
import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import environment

import similitude as sim
from similitude import _stubs


def test_the_stubs_are_current():
    assert _stubs.PLACE.read_text(encoding="utf-8") == _stubs.stubs(), "python -m similitude._stubs writes them"


def test_the_stubs_say_what_there_is():
    tree = ast.parse(_stubs.stubs())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for name in sim.__all__:
        entry = getattr(sim, name)
        if inspect.isclass(entry):
            assert name in classes
            public = {member for member in vars(entry) if not member.startswith("_")} - {"code", "numbers"}
            stubbed = {node.name for node in classes[name].body if isinstance(node, ast.FunctionDef)}
            assert public - {"outcomes_for"} <= stubbed, (name, public - stubbed)
            continue
        if not callable(entry):
            continue
        arguments = functions[name].args
        assert [argument.arg for argument in arguments.args + arguments.kwonlyargs] == [
            parameter.name for parameter in inspect.signature(entry).parameters.values() if parameter.kind != parameter.VAR_KEYWORD
        ]
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
            assert ast.literal_eval(default) == inspect.signature(entry).parameters[argument.arg].default, (name, argument.arg)


def test_a_type_checker_reads_them(tmp_path):
    pytest.importorskip("mypy")
    head = "import numpy as np\nimport similitude as sim\n\nx = np.eye(4)\n"
    (tmp_path / "right.py").write_text(head + "value: float = sim.cka(x, x, kernel='rbf', fraction=0.4).error_bound\n")
    (tmp_path / "wrong.py").write_text(head + "sim.cka(x, x, kernel='gaussian')\n")

    def checked(name):
        return subprocess.run([sys.executable, "-m", "mypy", name], cwd=tmp_path, env=environment(), capture_output=True, text=True)

    assert checked("right.py").returncode == 0, checked("right.py").stdout
    assert "incompatible type \"Literal['gaussian']\"" in checked("wrong.py").stdout


def program(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "similitude", *map(str, arguments)], capture_output=True, text=True, env=environment(), timeout=120
    )


def test_the_program(tmp_path, rng):
    x = rng.standard_normal((30, 4))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", x[:, :2])
    done = program("compare", tmp_path / "x.npy", tmp_path / "y.npy", "-m", "cka", "--format", "json")
    assert done.returncode == 0 and json.loads(done.stdout)["value"] == float(sim.cka(x, x[:, :2])), done.stderr
    assert program("compare", tmp_path / "x.npy", tmp_path / "none.npy").returncode == 2
    assert program("measures").returncode == 0 and "similitude" in program("--version").stdout
    assert program("compare", "--nothing").returncode == 2
