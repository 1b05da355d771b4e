#!/usr/bin/env python3
"""Counts the shares of layers found, and their standard errors, again from the values of all pairs.

usage: recompute.py [FOLDER]        FOLDER holds results.json; default: the folder above this script

Needs NumPy and nothing of similitude. For each row that has a `pairs.csv` it prints what was counted beside what
`results.json` says; exit status 1 when one differs by more than 1e-6 points.
"""
import csv
import json
import sys
from pathlib import Path

import numpy as np


def read(path):
    """Layers, and by index an array (networks, networks, layers, layers): s(layer i of a, layer j of b)."""
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    seeds = sorted({int(row[place]) for row in rows for place in (0, 1)})
    layers = list(dict.fromkeys(row[2] for row in rows))
    size = (len(seeds), len(seeds), len(layers), len(layers))
    columns = {}
    for place, name in enumerate(header):
        if place < 4 or name.endswith(" reversed"):
            continue
        values = np.full(size, np.nan)
        back = header.index(name + " reversed") if name + " reversed" in header else place
        for row in rows:
            a, b = seeds.index(int(row[0])), seeds.index(int(row[1]))
            i, j = layers.index(row[2]), layers.index(row[3])
            if row[place]:
                values[a, b, i, j] = float(row[place])
                values[b, a, j, i] = float(row[back])
        columns[name] = values
    return layers, columns


def share(values, networks):
    """The share of layers whose largest sum of both orders stands alone on the diagonal; a missing value is a miss."""
    right = trials = 0
    for a in networks:
        for b in networks:
            if a == b:
                continue
            both = values[a, b] + values[b, a].T
            for i in range(len(both)):
                others = np.delete(both[i], i)
                trials += 1
                right += bool(np.all(both[i, i] > others))  # False where one is not a number
    return right / trials


def counted(values):
    """The share in %, and its jackknife standard error over networks (none for fewer than three)."""
    networks = [a for a in range(len(values)) if np.isfinite(values[a]).any()]
    estimate = 100 * share(values, networks)
    if len(networks) < 3:
        return estimate, None
    left = np.array([100 * share(values, [a for a in networks if a != out]) for out in networks])
    return estimate, float(np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()))


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    results = json.loads((root / "results.json").read_text())
    worst, compared = 0.0, 0
    for experiment in ("table-2", "figure-f3", "divisor"):
        for name, row in results.get(experiment, {}).items():
            file = next((file for file in row["files"] if file.endswith("/pairs.csv")), None)
            if file is None:
                continue
            layers, columns = read(root / file)
            if experiment == "divisor":  # the divisor that the values were written with; "reversed" and projections aside
                written = {}
                for line in row["lines"]:
                    if line["divisor"] == "min-rank":
                        kept = "" if line["kept"] == "all" else f",threshold={line['kept']}"
                        written[("cca" if line["kept"] == "all" else "svcca") + f":summary={line['summary']}{kept}"] = (line["percent"], line["standard_error"])
            else:
                errors = row.get("standard_error", {})
                written = {key: (percent, errors.get(key)) for key, percent in row["accuracy"].items()}
            for key, (percent, error) in written.items():
                found, found_error = counted(columns[key])
                worst = max(worst, abs(found - percent))
                if error is not None and found_error is not None:
                    worst = max(worst, abs(found_error - error))
                compared += 1
                shown = "-" if found_error is None else f"{found_error:.2f}"
                print(f"{experiment} {name:10} {key:40} counted {found:6.2f} +- {shown:>5}   written {percent:6.2f}")
    print(f"{compared} shares, largest difference {worst:.1e} points")
    return 1 if worst > 1e-6 or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
