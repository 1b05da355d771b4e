"""Gram formulas of numpy on layers in .npy files, for the group `wide`.

gram_files.py MEASURE A.npy[,A.npy...] B.npy[,B.npy...]

Prints the seconds of one comparison (cka, rbf, procrustes), loading and widening to f64 included.
For `pairs` they are those of linear CKA of every file of A with every file of B, pair by pair, with
the files in memory: the mean of some pairs, times their number.
"""
import sys
import time

import numpy as np


def load(path):
    return np.load(path).astype(np.float64)


def gram(x):
    x = x - x.mean(0)
    return x @ x.T


def alignment(k, l):
    return (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())


def rbf(x):
    k = gram(x)
    d = np.diag(k)
    squared = np.maximum(d[:, None] + d - 2 * k, 0)
    sigma = np.median(np.sqrt(squared[np.tril_indices(len(k), -1)]))
    kernel = np.exp(-squared / (2 * sigma * sigma))
    kernel = kernel - kernel.mean(0)
    return kernel - kernel.mean(1)[:, None]


def root(k):
    values, vectors = np.linalg.eigh(k)
    return vectors * np.sqrt(np.maximum(values, 0))


def procrustes(k, l):
    return np.linalg.svd(root(k).T @ root(l), compute_uv=False).sum() / np.sqrt(np.trace(k) * np.trace(l))


MEASURES = {
    "cka": lambda x, y: alignment(gram(x), gram(y)),
    "rbf": lambda x, y: alignment(rbf(x), rbf(y)),
    "procrustes": lambda x, y: procrustes(gram(x), gram(y)),
}

if __name__ == "__main__":
    measure, a, b = sys.argv[1], sys.argv[2].split(","), sys.argv[3].split(",")
    if measure == "pairs":
        a, b = [load(path) for path in a], [load(path) for path in b]
        chosen = [(a[i], b[i * len(b) // len(a)]) for i in range(0, len(a), 3)]
        start = time.perf_counter()
        for x, y in chosen:
            MEASURES["cka"](x, y)
        print((time.perf_counter() - start) / len(chosen) * len(a) * len(b))
    else:
        start = time.perf_counter()
        MEASURES[measure](load(a[0]), load(b[0]))
        print(time.perf_counter() - start)
