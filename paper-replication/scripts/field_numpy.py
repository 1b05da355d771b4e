"""The field's tests again, and their standard errors, with NumPy alone, from values.csv, beside what tests.csv says.

    python3 scripts/field_numpy.py
"""

import csv
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent.parent / "results" / "field" / "quick"
GROUPS = ["random labels", "shortcut", "augmentation"]
PROBES = {"probed layers": "probe: layers", "deleted components": "probe: deleted"}
FIXED = ["test", "network", "item", "other_network", "other_item", "truth", "other_truth"]


def read(name):
    with open(FOLDER / name, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else np.nan


def ranks(values):
    values = np.asarray(values)
    return np.array([(values < value).sum() + ((values == value).sum() - 1) / 2 for value in values])


def spearman(xs, ys):
    x, y = ranks(xs) - (len(xs) - 1) / 2, ranks(ys) - (len(ys) - 1) / 2
    lengths = np.sqrt((x @ x) * (y @ y))
    return x @ y / lengths if lengths > 0 else 0.0


def average_precision(inside, across):
    values = np.concatenate([inside, across])
    right = np.arange(len(values)) < len(inside)
    area = 0.0
    for value in np.unique(inside):
        seen = values >= value
        area += (right & (values == value)).sum() / len(inside) * (right & seen).sum() / seen.sum()
    return area


def square(rows, index, one, other, size):
    table = np.full((size, size), np.nan)
    for row in rows:
        table[int(row[one]), int(row[other])] = number(row[index])
    # What is the same in both orders stands in the table once.
    return np.where(np.isnan(table), table.T, table)


def layer_order(rows, index):
    right = []
    for network in sorted({row["network"] for row in rows}):
        of = [row for row in rows if row["network"] == network]
        size = 1 + max(int(row["item"]) for row in of)
        table = square(of, index, "item", "other_item", size)
        for one in range(size):
            for near in range(size):
                further = range(near + 1, size) if near > one else range(near) if near < one else []
                right += [table[one, near] >= table[one, far] for far in further]
    return np.mean(right)


def groups(rows, index):
    degrees = {int(row["network"]): number(row["truth"]) for row in rows}
    table = square(rows, index, "network", "other_network", 1 + max(degrees))
    precision, conformity = [], []
    for degree in sorted(set(degrees.values())):
        members = [network for network in degrees if degrees[network] == degree]
        others = [network for network in degrees if degrees[network] != degree]
        inside = np.array([table[a, b] for a in members for b in members if a < b])
        across = np.array([table[a, b] for a in members for b in others])
        precision.append(average_precision(inside, across))
        conformity.append((inside[:, None] > across).mean())
    return np.mean(precision), np.mean(conformity)


def statistics(test, rows, index):
    unlike = [-number(row[index]) for row in rows]
    truth = np.array([[number(row["truth"]), number(row["other_truth"])] for row in rows])
    if test == "layers of a network":
        return {"layer order, conformity": layer_order(rows, index)}
    if test == "networks of other seeds":
        return {f"{name}, Spearman": spearman(unlike, truth[:, place]) for place, name in enumerate(["accuracy", "outputs"])}
    if test in GROUPS:
        precision, conformity = groups(rows, index)
        return {f"{test}, AUPRC": precision, f"{test}, conformity": conformity}
    return {f"{PROBES[test]}, Spearman": spearman(unlike, truth[:, 0] - truth[:, 1])}


def without(test, rows, network):
    # The reference of the probed layers stays, whichever network it is of.
    sides = ["other_network"] if test == "probed layers" else ["network", "other_network"]
    return [row for row in rows if all(int(row[side]) != network for side in sides)]


def main():
    rows, written = read("values.csv"), {}
    for row in read("tests.csv"):
        written[row["measure"], row["test"]] = number(row["value"]), number(row["standard_error"])
    counted, worst = 0, 0.0
    for test in ["layers of a network", "networks of other seeds", *GROUPS, *PROBES]:
        of = [row for row in rows if row["test"] == test]
        networks = 1 + max(int(row[side]) for row in of for side in ["network", "other_network"])
        for index in (name for name in rows[0] if name not in FIXED):
            found = statistics(test, of, index)
            if any(np.isnan(written[index, name][0]) for name in found):
                continue
            left = [statistics(test, without(test, of, network), index) for network in range(networks)]
            for name, value in found.items():
                each = np.array([one[name] for one in left])
                error = np.sqrt((networks - 1) * each.var())
                off = max(abs(value - written[index, name][0]), abs(error - written[index, name][1]))
                counted, worst = counted + 2, max(worst, off)
    print(f"{counted} numbers counted again, the farthest is {worst:.1e} off")
    assert worst < 1e-9


if __name__ == "__main__":
    main()
