"""The field's tests again, with NumPy alone, from values.csv, beside what tests.csv says.

    python3 scripts/field_numpy.py
"""

import csv
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent.parent / "results" / "field" / "quick"
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
    return np.where(np.isnan(table), table.T, table) if np.isnan(table[1, 0]) else table


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
    table = square(rows, index, "network", "other_network", len(degrees))
    precision, conformity = [], []
    for degree in sorted(set(degrees.values())):
        members = [network for network in degrees if degrees[network] == degree]
        others = [network for network in degrees if degrees[network] != degree]
        inside = np.array([table[a, b] for a in members for b in members if a < b])
        across = np.array([table[a, b] for a in members for b in others])
        precision.append(average_precision(inside, across))
        conformity.append((inside[:, None] > across).mean())
    return np.mean(precision), np.mean(conformity)


def tests(rows, index):
    of = {}
    for row in rows:
        of.setdefault(row["test"], []).append(row)
    found = {"layer order, conformity": layer_order(of["layers of a network"], index)}
    for group in ["random labels", "shortcut", "augmentation"]:
        found[f"{group}, AUPRC"], found[f"{group}, conformity"] = groups(of[group], index)
    unlike = {test: [-number(row[index]) for row in of[test]] for test in of}
    truth = {test: np.array([[number(row["truth"]), number(row["other_truth"])] for row in of[test]]) for test in of}
    for place, name in enumerate(["accuracy", "outputs"]):
        found[f"{name}, Spearman"] = spearman(unlike["networks of other seeds"], truth["networks of other seeds"][:, place])
    for test, name in [("probed layers", "probe: layers"), ("deleted components", "probe: deleted")]:
        found[f"{name}, Spearman"] = spearman(unlike[test], truth[test][:, 0] - truth[test][:, 1])
    return found


def main():
    rows, written = read("values.csv"), {}
    for row in read("tests.csv"):
        written[row["measure"], row["test"]] = number(row["value"])
    counted, worst = 0, 0.0
    for index in (name for name in rows[0] if name not in FIXED):
        found = tests(rows, index)
        for test, value in found.items():
            if not np.isnan(written[index, test]):
                counted, worst = counted + 1, max(worst, abs(value - written[index, test]))
    print(f"{counted} numbers counted again, the farthest is {worst:.1e} off")
    assert worst < 1e-9


if __name__ == "__main__":
    main()
