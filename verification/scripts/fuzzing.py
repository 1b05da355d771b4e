"""What `cargo fuzz` tried, as a section of a page: ``python fuzzing.py LOGS ARTIFACTS --page verification/ROBUSTNESS.md``.

LOGS has a file TARGET.log for each target, the output of ``time cargo fuzz run TARGET ...  -print_final_stats=1``; ARTIFACTS a
directory TARGET for each, where libFuzzer keeps inputs that fail.
"""

import argparse
import pathlib
import re

TITLE = "## With coverage"
WORDS = """
libFuzzer's own mutations, guided by which code they reach, from the corpus of each target, on the stable toolchain (`fuzz/README.md`).
Seconds are those of the clock, with other work on the machine, and of the processor; `edges` are places of the code that were reached.

Written by `python verification/scripts/fuzzing.py LOGS ARTIFACTS --page verification/ROBUSTNESS.md`.
"""


def seconds(minutes, rest):
    return 60 * int(minutes) + float(rest)


def row(log, artifacts):
    text = log.read_text(errors="replace")
    units = int(re.search(r"number_of_executed_units: (\d+)", text)[1])
    edges, kept = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)/", text)[-1]
    clock, user, system = (
        seconds(*re.search(rf"^{name}\s+(\d+)m([\d.]+)s", text, re.MULTILINE).groups()) for name in ("real", "user", "sys")
    )
    found = [path for path in (artifacts / log.stem).glob("*") if path.name.split("-")[0] in {"crash", "timeout", "oom", "leak"}]
    return f"| {log.stem} | {units} | {clock:.0f} | {user + system:.0f} | {edges} | {kept} | {len(found)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=pathlib.Path)
    parser.add_argument("artifacts", type=pathlib.Path)
    parser.add_argument("--page", type=pathlib.Path, required=True)
    options = parser.parse_args()
    rows = [row(log, options.artifacts) for log in sorted(options.logs.glob("*.log"))]
    table = ["| target | inputs | seconds | of the processor | edges | inputs kept | findings |", "|---|---:|---:|---:|---:|---:|---:|", *rows]
    before = options.page.read_text(encoding="utf-8").partition(TITLE)[0].rstrip()
    options.page.write_text(f"{before}\n\n{TITLE}\n{WORDS}\n" + "\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
