#!/usr/bin/env python3
"""The committed networks in NumPy, in double precision: a forward pass of its own, and linear CKA from it.

usage: networks_numpy.py                            what they answer to made pictures, beside networks/answers.csv
       networks_numpy.py CIFAR [--networks 1-3]     linear CKA of all layers on the pictures of Table 2, beside its pairs.csv
       networks_numpy.py CIFAR --projected 64       what CCA and linear CKA find on random projections of all layers to one width

CIFAR is the folder cifar-10-batches-bin. Needs NumPy and nothing of similitude; a network takes about 400 MB. Exit
status 1 when something differs by more than single precision explains.
"""
import argparse
import csv
import json
import struct
import sys
from itertools import combinations
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ROOT / "networks"
PAIRS = ROOT / "results" / "table-2" / "standard" / "pairs.csv"
STRIDES = {"conv3": 2, "conv6": 2}  # of Tiny-10; the others have 1
UNPADDED = {"conv7", "conv8"}


def read(path):
    """The tensors of a .safetensors file, and the run that they come from."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    run = json.loads(header.pop("__metadata__")["training-run"])
    tensors = {}
    for name, info in header.items():
        start, end = (8 + length + offset for offset in info["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], "<f4").reshape(info["shape"]).astype(np.float64)
    return tensors, run


def convolution(maps, kernel, stride, padding):
    """n x c x h x w by outputs x c x k x k: the sum over shifted maps."""
    size, side = kernel.shape[2], (maps.shape[2] + 2 * padding - kernel.shape[2]) // stride + 1
    padded = np.pad(maps, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    total = np.zeros((len(maps), kernel.shape[0], side, side))
    for y in range(size):
        for x in range(size):
            shifted = padded[:, :, y : y + stride * side : stride, x : x + stride * side : stride]
            total += np.einsum("ncij,oc->noij", shifted, kernel[:, :, y, x], optimize=True)
    return total


def layers(tensors, run, pictures):
    """Every layer after ReLU, n x neurons, first to last."""
    of_channel = lambda values: np.asarray(values, dtype=np.float64)[None, :, None, None]
    maps = (pictures - of_channel(run["normalization"]["mean"])) / of_channel(run["normalization"]["deviation"])
    found = {}
    for place in range(1, 9):
        name = f"conv{place}"
        part = lambda what: tensors[f"{name}.{what}"]
        padding = 0 if name in UNPADDED else part("weight").shape[2] // 2
        maps = convolution(maps, part("weight"), STRIDES.get(name, 1), padding)
        scale = part("gamma") / np.sqrt(part("variance") + 1e-5)
        maps = np.maximum((maps - of_channel(part("mean"))) * of_channel(scale) + of_channel(part("beta")), 0)
        found[name] = maps.reshape(len(maps), -1)
    found["pool"] = maps.mean(axis=(2, 3))
    return found


def made_pictures(channels, side):
    k, c, y, x = np.meshgrid(np.arange(3), np.arange(channels), np.arange(side), np.arange(side), indexing="ij")
    return ((97 * k + 31 * c + 17 * y + 13 * x + (k + 1) * x * y) % 256) / 255


def check_answers():
    with open(NETWORKS / "answers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    worst = 0.0
    for path in sorted(NETWORKS.glob("*.safetensors")):
        tensors, run = read(path)
        pool = layers(tensors, run, made_pictures(run["run"]["network"]["channels"], run["run"]["network"]["side"]))["pool"]
        written = np.array([row["pooling_layer"].split(" ") for row in rows if row["network"] == path.stem], dtype=np.float64)
        difference = np.abs(pool - written).max() / written.max()
        worst = max(worst, difference)
        print(f"{path.stem}: largest difference {difference:.1e} of the largest answer")
    return worst > 1e-4 or worst == 0.0


def test_pictures(folder, count, side):
    records = np.frombuffer((Path(folder) / "test_batch.bin").read_bytes(), np.uint8).reshape(-1, 3073)[:count]
    pixels = records[:, 1:].reshape(count, 3, 32, 32) / 255.0
    return pixels.reshape(count, 3, side, 32 // side, side, 32 // side).mean(axis=(3, 5))


def gram(features):
    """The centered Gram matrix of length 1: linear CKA is the inner product of two."""
    centered = features - features.mean(axis=0)
    gram = centered @ centered.T
    return (gram / np.linalg.norm(gram)).astype(np.float32)


def check_cka(folder, seeds):
    with open(PAIRS, newline="") as file:
        written = {(int(row["network_a"]), int(row["network_b"]), row["layer_a"], row["layer_b"]): float(row["cka"]) for row in csv.DictReader(file)}
    pictures, grams = test_pictures(folder, 3000, 16), {}
    for seed in seeds:
        tensors, run = read(NETWORKS / f"cifar-10_side16_tiny-10_w16_e15_seed{seed}.safetensors")
        grams[seed] = {name: gram(features) for name, features in layers(tensors, run, pictures).items()}
        print(f"network {seed}: {len(grams[seed])} layers")
    worst = right = trials = 0
    for a, b in combinations(seeds, 2):
        found = {(i, j): float(np.vdot(grams[a][i], grams[b][j])) for i in grams[a] for j in grams[b]}
        worst = max(worst, max(abs(value - written[a, b, i, j]) for (i, j), value in found.items()))
        for i in grams[a]:
            right += all(found[i, i] > found[i, j] for j in grams[b] if j != i) + all(found[i, i] > found[j, i] for j in grams[a] if j != i)
            trials += 2
    print(f"{trials} trials, {100 * right / trials:.1f} % of the layers found; largest difference of a value {worst:.1e}")
    return worst > 1e-4


def check_projected(folder, seeds, width, examples):
    """The control with equal ranks of the study of the divisor, with draws of its own."""
    generator, bases, features = np.random.default_rng(0), {}, {}
    for seed in seeds:
        tensors, run = read(NETWORKS / f"cifar-10_side16_tiny-10_w16_e15_seed{seed}.safetensors")
        parts = [layers(tensors, run, part) for part in np.array_split(test_pictures(folder, examples, 16), -(-examples // 500))]
        for name in parts[0]:
            whole = np.concatenate([part[name] for part in parts])
            projected = whole @ generator.standard_normal((whole.shape[1], width))
            centered = projected - projected.mean(axis=0)
            features[seed, name], bases[seed, name] = centered, np.linalg.qr(centered)[0]
    names = list(parts[0])
    cca = lambda a, i, b, j: np.linalg.svd(bases[a, i].T @ bases[b, j], compute_uv=False).mean()
    squared = lambda x, y: np.linalg.norm(x.T @ y) ** 2
    cka = lambda a, i, b, j: squared(features[a, i], features[b, j]) / np.sqrt(
        squared(features[a, i], features[a, i]) * squared(features[b, j], features[b, j])
    )
    measures = [("linear CKA", cka)]
    if all(part.shape[1] >= width for part in parts[0].values()):  # or ranks would differ again
        measures.insert(0, ("CCA, mean rho", cca))
    for title, measure in measures:
        right = trials = 0
        for a, b in combinations(seeds, 2):
            values = np.array([[measure(a, i, b, j) for j in names] for i in names])
            for table in (values, values.T):
                right += sum(table[i, i] > np.delete(table[i], i).max() for i in range(len(names)))
                trials += len(names)
        print(f"{examples} pictures, {width} dimensions: {title} finds {100 * right / trials:.1f} % of {trials} layers")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cifar", nargs="?", help="the folder cifar-10-batches-bin")
    parser.add_argument("--networks", default="1-3", help="the first and the last network, such as 1-10")
    parser.add_argument("--projected", type=int, help="the width that all layers are projected to; CCA is left out above that of the narrowest, 64")
    parser.add_argument("--examples", type=int, default=2000, help="pictures for --projected")
    arguments = parser.parse_args()
    if arguments.cifar is None:
        return int(check_answers())
    first, last = map(int, arguments.networks.split("-"))
    if arguments.projected is not None:
        return int(check_projected(arguments.cifar, range(first, last + 1), arguments.projected, arguments.examples))
    return int(check_cka(arguments.cifar, range(first, last + 1)))


if __name__ == "__main__":
    sys.exit(main())
