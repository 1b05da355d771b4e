"""The Python of the guide runs, and prints what the pages show. ``SIMILITUDE_GUIDE=write`` writes it anew."""

import contextlib
import io
import math
import os
import pathlib
import re

import pytest

PAGES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "guide" / "src"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?(?:e-?\d+)?")

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the guide is not beside the tests")


def agree(shown, printed):
    """The same but for blanks and the last digits of numbers, which another processor may round in another way."""

    def words(text):
        return " ".join(NUMBER.sub("#", text).split())

    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed))
    return words(shown) == words(printed) and all(math.isclose(float(a), float(b), rel_tol=1e-8) for a, b in pairs)


@pytest.mark.parametrize("page", sorted(page.name for page in PAGES.glob("*.md") if "```python" in page.read_text(encoding="utf-8")))
def test_the_page_shows_what_python_prints(page, tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    os.symlink(PAGES.parents[2] / "data", tmp_path / "data")
    text = (PAGES / page).read_text(encoding="utf-8")
    written, at, names, wrong = "", 0, {}, []
    for block in BLOCK.finditer(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block[1], page, "exec"), names)
        printed, shown = printed.getvalue(), block[2] or ""
        assert block[2] is not None or not printed, f"{page} does not show {printed!r}"
        if not agree(shown, printed):
            wrong.append(f"{page} shows\n{shown}\nand it is\n{printed}")
            written += text[at : block.start(2)] + printed
            at = block.end(2)
    if os.environ.get("SIMILITUDE_GUIDE") == "write":
        (PAGES / page).write_text(written + text[at:], encoding="utf-8")
    else:
        assert not wrong, wrong[0]


def test_a_difference_is_seen():
    assert agree("a  0.5576132566117589", "a 0.55761325661175")
    for shown, printed in [("0.55761", "0.55762"), ("p 1", "p 2"), ("conv1", "conv2"), ("1 2", "1"), ("-0.5", "0.5"), ("", "x")]:
        assert not agree(shown, printed)
