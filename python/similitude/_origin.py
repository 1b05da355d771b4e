"""What a sweep was computed of, so that its cells are not taken for those of other data."""

import hashlib
import json
import os
import threading
import zipfile

import numpy as np

from ._errors import refusal

#: Rows are hashed so many bytes at a time.
PIECE = 1 << 20

#: Values that are hashed at once.
FEW = 1 << 16


def beside(function, values):
    """Starts a function of so many values on a thread of its own, and gives a function that waits for its answer.

    Few values take less time than a thread takes to start.
    """
    if values < FEW:
        answered = function()
        return lambda: answered
    found = []

    def run():
        try:
            found.append((function(), None))
        except BaseException as error:
            found.append((None, error))

    thread = threading.Thread(target=run, name="similitude-digests", daemon=True)
    thread.start()

    def answer():
        thread.join()
        value, error = found[0]
        if error is not None:
            raise error
        return value

    return answer


def of_arrays(arrays):
    """A digest of the values of each layer, whatever type and strides they have."""
    return {layer: _digest(array) for layer, array in arrays}


def _digest(array):
    digest = hashlib.blake2b(repr(array.shape).encode(), digest_size=16)
    rows = max(1, PIECE // (8 * max(1, array.shape[1])))
    for start in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[start : start + rows], dtype=np.float64))
    return digest.hexdigest()


def of_path(path, layers, how):
    """A digest of each layer of a file or directory, or of each file where its layers are not looked up; and of how it is read."""
    reading = {"how it is read (axes=, spatial=, mask=, lengths=, rows=, sample=, seed=)": hashlib.blake2b(repr(how).encode()).hexdigest()}
    if path.lower().endswith(".npz"):
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename.removesuffix(".npy"): f"{entry.CRC:08x} {entry.file_size}" for entry in archive.infolist()}
        return _those(entries, layers) | reading
    if path.lower().endswith(".safetensors") and os.path.isfile(path):
        return _those(_of_safetensors(path, layers), layers) | reading
    files = [path]
    if os.path.isdir(path):
        files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        arrays = {os.path.relpath(file, path).removesuffix(".npy").replace(os.sep, "/"): file for file in files if file.endswith(".npy")}
        if set(layers) <= set(arrays):
            return {layer: _of_file(arrays[layer]) for layer in layers} | reading
    return {os.path.relpath(file, path) if file != path else "": _of_file(file) for file in files} | reading


def _those(entries, layers):
    return {layer: entries[layer] for layer in layers} if set(layers) <= set(entries) else entries


def _of_safetensors(path, layers):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        found = {}
        for name, about in header.items():
            if name in layers or not set(layers) <= set(header):
                start, end = about["data_offsets"]
                file.seek(8 + length + start)
                found[name] = f"{about['dtype']} {about['shape']} {_read(file, end - start)}"
    return found


def _of_file(path):
    with open(path, "rb") as file:
        return _read(file, os.path.getsize(path))


def _read(file, left):
    digest = hashlib.blake2b(digest_size=16)
    while left > 0:
        piece = file.read(min(left, PIECE))
        if not piece:
            break
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()


def require_same(before, now):
    """Refuses to go on with cells of other data.

    Args:
        before, now: the precision, and for the sides ``"a"`` and ``"b"`` the digests of what they hold.
    """
    remedy = "its cells are not those of this one; leave resume= out"
    if before is None:
        raise refusal(f"resume: that sweep does not say what it was computed of, so that {remedy}", "resume_differs")
    if before["precision"] != now["precision"]:
        was, asked = before["precision"], now["precision"]
        raise refusal(
            f"resume: that sweep has precision={was!r}, and this one precision={asked!r}; {remedy}", "resume_differs", was=was, asked=asked
        )
    for side in "ab":
        for layer in [*now[side], *(layer for layer in before[side] if layer not in now[side])]:
            if before[side].get(layer) != now[side].get(layer):
                what = f"{side}[{layer!r}]" if layer else side
                raise refusal(
                    f"resume: {what} is not what it was in that sweep, so that {remedy}", "resume_differs", network=side, layer=layer
                )
