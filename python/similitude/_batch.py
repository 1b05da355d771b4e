"""Batches of examples, and the arrays that a model makes of them."""

import hashlib
import re
import sys

import numpy as np

from ._errors import InputError

#: Types of elements as .safetensors has them, by what NumPy and PyTorch call them.
TYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32", "int16": "I16",
    "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
}  # fmt: skip


def is_dict(part):
    return hasattr(part, "items") and not hasattr(part, "shape")


def is_several(part):
    """Whether a part is a tuple or list of arrays (examples, and labels), and not of examples themselves: texts, numbers."""
    return isinstance(part, (tuple, list)) and len(part) > 0 and not isinstance(part[0], (str, bytes, int, float))


def first(batch):
    """The examples of a batch."""
    if is_several(batch):
        return first(batch[0])
    if is_dict(batch):
        if not batch:
            raise InputError("the loader has a batch that is an empty dict")
        return first(next(iter(batch.values())))
    return batch


def size(batch):
    """How many examples a batch has."""
    examples = first(batch)
    shape = getattr(examples, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0])
    if shape is not None or not hasattr(examples, "__len__"):
        raise InputError(f"the loader has a batch of {type(examples).__name__} without an axis of examples; batches of arrays are wanted")
    return len(examples)


def moved(batch, model):
    """The batch where the model's parameters are."""
    parameter = next(iter(model.parameters()), None) if hasattr(model, "parameters") else None
    device = getattr(parameter, "device", None)

    def move(part):
        if isinstance(part, (tuple, list)):
            parts = map(move, part)
            # A tuple with names takes its parts one by one.
            return type(part)(*parts) if hasattr(part, "_fields") else type(part)(parts)
        if is_dict(part):
            return {key: move(value) for key, value in part.items()}
        return part.to(device) if device is not None and hasattr(part, "to") else part

    return move(batch)


def called(model, batch):
    """What a model answers to a batch."""
    if is_several(batch):
        return model(batch[0])
    if is_dict(batch):
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
    if isinstance(array, np.ndarray) and not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
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


def version(array):
    """How often an array was written to; None where that is not counted."""
    if type(array).__module__.startswith("jax"):
        return 0  # they are never written to
    try:
        return array._version
    except (AttributeError, RuntimeError):  # that of tensors in inference mode raises
        return None


def add_digest(digest, examples, taken):
    """Adds examples to the digest that says which ones a file was made of: one after the other, however they were batched."""
    try:
        dtype, shape, data = stored("examples", examples[:taken])
        head = f"{dtype} {shape[1:]}"
    except (InputError, TypeError, AttributeError):
        head, data = "text", b"".join(_example(example) for example in examples[:taken])
    if digest.digest() == hashlib.blake2b(digest_size=16).digest():
        digest.update(head.encode())
    digest.update(data)


def _example(example):
    """The bytes of one example, with their number before them."""
    if isinstance(example, bytes):
        data = example
    elif isinstance(example, str):
        data = example.encode("utf-8", "surrogatepass")
    else:
        try:
            dtype, shape, data = stored("example", example if hasattr(example, "dtype") else np.asarray(example))
            data = f"{dtype} {shape}".encode() + data
        except (InputError, TypeError, ValueError):
            # Where an object stands in memory says nothing of it.
            data = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(example)).encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "little") + data
