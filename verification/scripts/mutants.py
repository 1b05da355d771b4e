#!/usr/bin/env python3
"""Mutants of the library, hundreds in one build, and the page that says which of them the tests caught.

`cargo mutants` lists every change of one operator, or of the value of one function. It compiles the
library anew for each, which takes hours for some hundreds. Here a sample of the same changes is
planted in a copy of the sources, each behind a number that an environment variable chooses; that is
compiled once, and every number is run through the tests until one fails.

    cargo install --locked cargo-mutants && pip install tree-sitter tree-sitter-rust
    cargo mutants --list --json --package similitude > mutants.json
    python verification/scripts/mutants.py plant mutants.json --sample 400 --seed 1 --copy /tmp/mutants
    python verification/scripts/mutants.py run /tmp/mutants
    python verification/scripts/mutants.py write /tmp/mutants [another ...] --page verification/MUTANTS.md
"""

import argparse
import collections
import concurrent.futures
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import time

import tomllib

HERE = pathlib.Path(__file__).resolve().parent.parent
# What is told of reading, computing and writing; of the texts that a person reads, the tests say less.
ROOMS = (
    "arrays axes gram inference io kept laws linalg measures moments networks pickle prepared reference report results sweep tables transport"
).split()
# Quick ones first: a mutant is given up as soon as one fails.
TESTS = (
    "lib stated goldens closed_forms identities duals gradients edges extremes decisions reference dissimilarities given_matrices precision theorem_one nist "
    "tables planted_bugs adding_a_measure moments io containers conformance oracle inference heatmap memory sanity laws cli wide_network wide"
).split()
PROFILE = ["--config=profile.release.package.similitude.opt-level=1", "--config=build.incremental=true"]
SWITCH = """//! Which planted change is on.

use std::sync::OnceLock;

pub(crate) fn on(number: u32) -> bool {
    static CHOSEN: OnceLock<u32> = OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0)) == number
}
"""
SLOWEST = 900  # seconds that a test binary may take without any change


def offset(lines, place):
    """The byte at a line and column, both counted from 1, columns in characters."""
    return sum(len(line) for line in lines[: place["line"] - 1]) + len(lines[place["line"] - 1].decode()[: place["column"] - 1].encode())


def enclosing(node, start, end, kinds):
    """The smallest node of these kinds around some bytes, and all nodes around it."""
    around, found = [], None
    while node is not None:
        around.append(node)
        if node.type in kinds:
            found = (node, list(around))
        node = next((child for child in node.children if child.start_byte <= start and end <= child.end_byte), None)
    return found or (None, around)


def edit(tree, source, lines, mutant, number):
    """Where a mutant is planted, and the text that stands there then; none where it cannot be."""
    start, end = offset(lines, mutant["span"]["start"]), offset(lines, mutant["span"]["end"])

    def text(node):
        return source[node.start_byte : node.end_byte].decode()

    on, new = f"crate::mutant::on({number})", mutant["replacement"]
    genre = mutant["genre"]
    kinds = {
        "BinaryOperator": ("binary_expression", "compound_assignment_expr"),
        "UnaryOperator": ("unary_expression",),
        "MatchArmGuard": ("match_arm",),
        "MatchArm": ("match_arm",),
        "FnValue": ("function_item",),
    }.get(genre)
    if kinds is None:
        return None
    node, around = enclosing(tree.root_node, start, end, kinds)
    if node is None or any(
        outer.type in ("const_item", "static_item", "array_type", "attribute_item", "macro_invocation") for outer in around
    ):
        return None
    functions = [outer for outer in around if outer.type == "function_item"]
    if any(b"const " in source[function.start_byte : function.child_by_field_name("body").start_byte] for function in functions):
        return None
    if genre == "BinaryOperator":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if not left.end_byte <= start < right.start_byte or b"let " in source[node.start_byte : node.end_byte]:
            return None
        old = source[left.end_byte : right.start_byte].decode().strip()
        whole = f"if {on} {{ {text(left)} {new} {text(right)} }} else {{ {text(left)} {old} {text(right)} }}"
        return node.start_byte, node.end_byte, whole if node.type == "compound_assignment_expr" else f"({whole})"
    if genre == "UnaryOperator":
        operand = node.children[-1]
        return node.start_byte, node.end_byte, f"(if {on} {{ {text(operand)} }} else {{ {text(node)} }})"
    if genre == "MatchArmGuard":
        guard = source[start:end].decode()
        return None if "let " in guard else (start, end, f"(if {on} {{ {new} }} else {{ {guard} }})")
    if genre == "MatchArm":
        pattern = node.child_by_field_name("pattern")
        return None if b" if " in source[pattern.start_byte : pattern.end_byte] else (pattern.end_byte, pattern.end_byte, f" if !{on}")
    body = node.child_by_field_name("body")
    return body.start_byte + 1, body.start_byte + 1, f" if {on} {{ return {new}; }}"


def plant(options):
    import tree_sitter
    import tree_sitter_rust

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    copy = pathlib.Path(options.copy)
    root = HERE.parent
    everything = json.loads(pathlib.Path(options.mutants).read_text())
    rooms = options.rooms or ROOMS
    listed = [mutant for mutant in everything if mutant["file"].split("/")[1] in rooms and "tests" not in mutant["file"]]
    chosen = random.Random(options.seed).sample(listed, min(options.sample, len(listed)))
    if not copy.exists():
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(root), str(copy)], check=True)
    originals = {}
    planted = {}
    taken = collections.defaultdict(list)
    for number, mutant in enumerate(chosen, start=1):
        source = originals.setdefault(mutant["file"], (root / mutant["file"]).read_bytes())
        lines = source.splitlines(keepends=True)
        place = edit(parser.parse(source), source, lines, mutant, number)
        # One change at a place: another one's text would hold this one's.
        if place and all(place[1] <= start or (end <= place[0] and (start, end) != place[:2]) for start, end, *_ in taken[mutant["file"]]):
            taken[mutant["file"]].append((*place, number))
            planted[number] = mutant

    def written():
        places = {}
        for name, source in originals.items():
            # From the end on, so that the places before stay where they are.
            for start, end, new, _ in sorted((place for place in taken[name] if place[3] in planted), reverse=True):
                source = source[:start] + new.encode() + source[end:]
            (copy / name).write_bytes(source)
            for line, text in enumerate(source.decode().splitlines(), start=1):
                places[name, line] = [int(part.split(")")[0]) for part in text.split("crate::mutant::on(")[1:]]
        return places

    (copy / "src/mutant.rs").write_text(SWITCH)
    library = (root / "src/lib.rs").read_text()
    (copy / "src/lib.rs").write_text(library.replace("\nmod arrays;", "\nmod arrays;\nmod mutant;", 1))
    unviable = {}
    while True:
        places = written()
        command = ["cargo", "check", "--release", "--lib", "--message-format=json", *PROFILE]
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
        wrong, failed = set(), []
        for line in run.stdout.splitlines():
            message = json.loads(line).get("message") or {}
            if message.get("level") == "error":
                failed += [(span["file_name"], span["line_start"]) for span in message["spans"] if span["is_primary"]]
                for span in message["spans"]:
                    for at in range(span["line_start"], span["line_end"] + 1):
                        wrong.update(places.get((span["file_name"], at), []))
        if run.returncode == 0:
            break
        if not wrong:
            # The type of a function's value may be refused further down: the change before that.
            for name, at in failed:
                wrong.update(next((places[name, line] for line in range(at, 0, -1) if places.get((name, line))), []))
        if not wrong:
            sys.exit(run.stdout[-4000:] + run.stderr[-2000:])
        print(f"{len(wrong)} of {len(planted)} do not compile", flush=True)
        for number in wrong:
            unviable[number] = planted.pop(number)
    state = {
        "listed": len(listed),
        "sample": len(chosen),
        "unviable": len(unviable),
        "elsewhere": len(chosen) - len(planted) - len(unviable),
        "seed": options.seed,
        "planted": {str(number): mutant["name"] for number, mutant in planted.items()},
    }
    (copy / "planted.json").write_text(json.dumps(state, indent=1))
    print(f"{len(planted)} planted, {len(unviable)} do not compile, {state['elsewhere']} overlap with others or stand in constants")


def binaries(copy):
    """The test binaries, by name."""
    command = ["cargo", "test", "--release", "--no-run", "--message-format=json", *PROFILE]
    run = subprocess.run(command, cwd=copy, stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        artifact = json.loads(line)
        if artifact.get("executable") and artifact["profile"]["test"]:
            target = artifact["target"]
            found["lib" if "lib" in target["kind"] else target["name"]] = artifact["executable"]
    return found


def passes(copy, binary, number, limit):
    """Whether all tests of a binary pass with a change, or None where they run on."""
    environment = {**os.environ, "MUTANT": str(number), "RUST_BACKTRACE": "0"}
    try:
        return subprocess.run([binary, "-q"], cwd=copy, env=environment, capture_output=True, timeout=limit).returncode == 0
    except subprocess.TimeoutExpired:
        return None


def limits(copy, tests):
    """How many seconds each test binary may take with a change: several times what it takes without any."""
    found = {}
    for name, binary in tests:
        began = time.monotonic()
        if not passes(copy, binary, 0, SLOWEST):
            sys.exit(f"{name} fails without any change")
        found[name] = 20 + 4 * (time.monotonic() - began)
    return found


def caught_by(copy, tests, allowed, number):
    """The first test binary that fails, and the seconds until then; none where all pass."""
    began, caught = time.monotonic(), None
    for name, binary in tests:
        passed = passes(copy, binary, number, allowed[name])
        if not passed:
            caught = f"{name}, which ran on" if passed is None else name
            break
    return caught, time.monotonic() - began


def run(options):
    copy = pathlib.Path(options.copy)
    state = json.loads((copy / "planted.json").read_text())
    found = binaries(copy)
    tests = [(name, found[name]) for name in TESTS if name in found and name not in (options.without or [])]
    verdicts, times = copy / "verdicts.jsonl", copy / "limits.json"
    known = {json.loads(line)["number"] for line in verdicts.read_text().splitlines()} if verdicts.exists() else set()
    if not times.exists():
        times.write_text(json.dumps(limits(copy, tests), indent=1))
    allowed = json.loads(times.read_text())
    print(f"all pass without any change; {sum(allowed.values()):.0f} s are allowed at the most", flush=True)
    numbers = [number for number in map(int, state["planted"]) if number not in known]

    def one(number):
        name, seconds = caught_by(copy, tests, allowed, number)
        return {"number": number, "mutant": state["planted"][str(number)], "caught by": name, "seconds": round(seconds, 1)}

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, verdicts.open("a") as file:
        for done in concurrent.futures.as_completed([pool.submit(one, number) for number in numbers]):
            verdict = done.result()
            file.write(json.dumps(verdict) + "\n")
            file.flush()
            if not verdict["caught by"]:
                print(f"NOT CAUGHT {verdict['mutant']}", flush=True)


def interval(caught, tried):
    """Wilson's 95 % interval of a share."""
    z = 1.959964
    middle = (caught + z * z / 2) / (tried + z * z)
    half = z / (tried + z * z) * math.sqrt(caught * (tried - caught) / tried + z * z / 4)
    return middle - half, middle + half


def write(options):
    known = tomllib.loads((HERE / "mutants.toml").read_text()).get("mutant", [])
    rooms = collections.defaultdict(collections.Counter)
    by, left, samples = collections.Counter(), [], []
    for copy in map(pathlib.Path, options.copies):
        state = json.loads((copy / "planted.json").read_text())
        samples.append(state)
        for line in (copy / "verdicts.jsonl").read_text().splitlines():
            verdict = json.loads(line)
            file, place = verdict["mutant"].split(":", 1)[0], verdict["mutant"].split(": ", 1)[1]
            reason = next((entry for entry in known if entry["file"] == file and entry["change"] == place), None)
            kind = "caught" if verdict["caught by"] else reason["verdict"] if reason else "left"
            if kind == "caught":
                by[verdict["caught by"].split(",")[0]] += 1
            elif kind == "left":
                left.append((file, place))
            rooms[file.split("/")[1]][kind] += 1
    whole = sum(rooms.values(), collections.Counter())
    caught, first = whole["caught"] + whole["caught since"], whole["caught"]
    tried = caught + whole["left"]
    (low, high), before = interval(caught, tried), 100 * first / tried
    run_so_far = whole["caught"] + whole["caught since"] + whole["left"] + whole["equivalent"]
    sample = ", ".join(f"{len(state['planted'])} of {state['listed']} (seed {state['seed']})" for state in samples)
    lines = [
        "# Mutants",
        "",
        "Generated. A mutant is the library with one operator, or the value of one function, changed; a test must notice. The changes are those",
        "that `cargo mutants` lists. It compiles the library for each of them; here a random sample is planted in one copy, each change behind",
        "a number that an environment variable chooses, and every number is run through the tests until one fails. The commands, from the",
        "root of the repository:",
        "",
        "```",
        *[line.strip() for line in __doc__.splitlines() if line.startswith("    ")],
        "```",
        "",
        "`.ci/mutants` tries a change's own lines by cargo-mutants itself.",
        "",
        f"**{caught} of {tried} are caught**, {100 * caught / tried:.1f} % (95 % interval of the share among all: {100 * low:.1f} to {100 * high:.1f} %); "
        f"{before:.1f} % before tests were added for those that were not. {whole['equivalent']} change nothing that can be seen. Planted were {sample}, "
        f"of which {run_so_far} were run.",
        "",
        "| room | caught | of these by a test that was added | equivalent | not caught |",
        "|---|---:|---:|---:|---:|",
    ]
    for room, counts in sorted(rooms.items()):
        lines.append(
            f"| {room} | {counts['caught'] + counts['caught since']} | {counts['caught since']} | {counts['equivalent']} | {counts['left']} |"
        )
    lines += [
        "",
        "Which tests caught them, each the first in this order: " + ", ".join(f"{name} {by[name]}" for name in TESTS if by[name]) + ".",
    ]
    for verdict, title, column in (("caught since", "Missed at first", "test that catches it"), ("equivalent", "Equivalent", "why")):
        entries = [entry for entry in known if entry["verdict"] == verdict]
        if entries:
            lines += ["", f"## {title}", "", f"| place | change | {column} |", "|---|---|---|"]
            lines += [f"| `{entry['file']}` | {entry['change']} | {entry['why']} |" for entry in entries]
    if left:
        lines += ["", "## Not caught", "", "| place | change |", "|---|---|"]
        lines += [f"| `{file}` | {place} |" for file, place in sorted(left)]
    pathlib.Path(options.page).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    planting = commands.add_parser("plant", help="plant a sample of mutants in a copy of the sources")
    planting.add_argument("mutants", help="what `cargo mutants --list --json` wrote")
    planting.add_argument("--sample", type=int, default=400)
    planting.add_argument("--seed", type=int, default=1)
    planting.add_argument("--rooms", nargs="+", help="folders of src")
    planting.add_argument("--copy", required=True, help="a folder for the copy")
    planting.set_defaults(run=plant)
    running = commands.add_parser("run", help="run the tests with each of them; goes on where it was stopped")
    running.add_argument("copy")
    running.add_argument("--jobs", type=int, default=2)
    running.add_argument("--without", nargs="+", help="tests to leave out")
    running.set_defaults(run=run)
    writing = commands.add_parser("write", help="write the page")
    writing.add_argument("copies", nargs="+")
    writing.add_argument("--page", required=True)
    writing.set_defaults(run=write)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
