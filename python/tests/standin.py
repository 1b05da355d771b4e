"""As much of PyTorch's modules as capturing asks for, in NumPy: the hooks, the names, the modes."""

import numpy as np


class Tensor:
    """An array that is a tensor to whoever looks: it must be detached and brought to the processor."""

    def __init__(self, array, device="cpu"):
        self.array, self.device = np.asarray(array), device

    dtype = property(lambda self: f"torch.{self.array.dtype}")
    shape = property(lambda self: self.array.shape)

    def __len__(self):
        return len(self.array)

    def __getitem__(self, rows):
        return Tensor(self.array[rows], self.device)

    def detach(self):
        return self

    def contiguous(self):
        return self

    def cpu(self):
        return Tensor(self.array)

    def to(self, device):
        return Tensor(self.array, device)

    def numpy(self):
        assert self.device == "cpu", "a tensor elsewhere"
        return self.array


class Hook:
    def __init__(self, hooks, function):
        self.hooks, self.function = hooks, function
        hooks.append(function)

    def remove(self):
        self.hooks.remove(self.function)


class Module:
    def __init__(self):
        self.training, self.hooks = True, []

    def children(self):
        return {name: part for name, part in vars(self).items() if isinstance(part, Module)}

    def named_modules(self, prefix=""):
        yield prefix, self
        for name, child in self.children().items():
            yield from child.named_modules(f"{prefix}.{name}".lstrip("."))

    def parameters(self):
        for child in self.children().values():
            yield from child.parameters()

    def register_forward_hook(self, function):
        return Hook(self.hooks, function)

    def train(self, mode=True):
        self.training = mode
        for child in self.children().values():
            child.train(mode)

    def eval(self):
        self.train(False)

    def __call__(self, *inputs, **named):
        output = self.forward(*inputs, **named)
        for hook in list(self.hooks):
            hook(self, inputs, output)
        return output


class Linear(Module):
    def __init__(self, p, q, seed, device="cpu", dtype="f4"):
        super().__init__()
        self.weight = Tensor(np.random.default_rng(seed).standard_normal((p, q)).astype(dtype), device)

    def parameters(self):
        yield self.weight

    def forward(self, x):
        assert x.device == self.weight.device, "a tensor elsewhere"
        return Tensor(np.tanh(x.array.astype(self.weight.array.dtype) @ self.weight.array), self.weight.device)


class Sequential(Module):
    def __init__(self, *parts):
        super().__init__()
        for place, part in enumerate(parts):
            setattr(self, str(place), part)

    def forward(self, x):
        for part in self.children().values():
            x = part(x)
        return x


class Attention(Module):
    """An output with parts, one of them without examples in front."""

    def __init__(self, p):
        super().__init__()
        self.inner = Linear(p, p, 7)

    def forward(self, x):
        inner = self.inner(x)
        return {"out": inner, "weights": (Tensor(x.array[:, :2] ** 2), Tensor(np.ones(3))), "cache": None}


class Net(Module):
    """A network whose parts do not run in the order in which they are made."""

    def __init__(self, seed=0, device="cpu"):
        super().__init__()
        self.head = Linear(6, 3, seed, device, "f8")
        self.body = Sequential(Linear(5, 8, seed + 1, device), Linear(8, 6, seed + 2, device, "f2"))

    def forward(self, x):
        assert not self.training, "a network in its training mode"
        return self.head(self.body(x))
