"""Batches of examples, and the arrays that a model makes of them."""

import hashlib
import sys

import numpy as np

from ._errors import InputError

#: Types of elements as .safetensors has them, by what NumPy and PyTorch call them.
TYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32", "int16": "I16",
    "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
}  # fmt: skip


def first(batch):
    """The examples of a batch."""
    if isinstance(batch, (tuple, list)):
        return first(batch[0])
    if hasattr(batch, "items") and not hasattr(batch, "shape"):
        return first(next(iter(batch.values())))
    return batch


def size(batch):
    """How many examples a batch has."""
    examples = first(batch)
    shape = getattr(examples, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) else len(examples)


def moved(batch, model):
    """The batch where the model's parameters are."""
    parameter = next(iter(model.parameters()), None) if hasattr(model, "parameters") else None
    device = getattr(parameter, "device", None)

    def move(part):
        if isinstance(part, (tuple, list)):
            return type(part)(map(move, part))
        if hasattr(part, "items") and not hasattr(part, "shape"):
            return {key: move(value) for key, value in part.items()}
        return part.to(device) if device is not None and hasattr(part, "to") else part

    return move(batch)


def called(model, batch):
    """What a model answers to a batch."""
    if isinstance(batch, (tuple, list)):
        return model(batch[0])
    if hasattr(batch, "items") and not hasattr(batch, "shape"):
        return model(**{key: value for key, value in batch.items() if key != "labels"})
    return model(batch)


def flat(name, output):
    """The arrays of an output, with their names."""
    if hasattr(output, "shape") and hasattr(output, "dtype"):
        yield name, output
    elif hasattr(output, "items"):
        for key, part in output.items():
            yield from flat(f"{name}.{key}", part)
    elif isinstance(output, (tuple, list)):
        for place, part in enumerate(output):
            yield from flat(f"{name}.{place}", part)


def stored(name, array):
    """The type of an array in .safetensors, its shape, and its bytes."""
    dtype = TYPES.get(str(array.dtype).rpartition(".")[2])
    if dtype is None:
        raise InputError(f"{name}: entries of type {array.dtype} are not saved; reduce= may change the type")
    shape = tuple(int(length) for length in array.shape)
    if hasattr(array, "detach"):
        array = array.detach().cpu().contiguous()
        if dtype == "BF16":  # which NumPy does not know
            array = array.view(sys.modules["torch"].int16)
        array = array.numpy()
    elif type(array).__module__.partition(".")[0] == "cupy":
        array = array.get()
    array = np.ascontiguousarray(np.asarray(array))
    return dtype, shape, (array if sys.byteorder == "little" else array.byteswap()).tobytes()


def add_digest(digest, examples, taken):
    """Adds examples to the digest that says which ones a file was made of."""
    try:
        dtype, shape, data = stored("examples", examples[:taken])
    except (InputError, TypeError, AttributeError):
        data = repr(examples[:taken]).encode()
        dtype, shape = "text", ()
    # One example after the other: how they were batched does not count.
    digest.update(f"{dtype} {shape[1:]}".encode() if digest.digest() == hashlib.blake2b(digest_size=16).digest() else b"")
    digest.update(data)
