"""What is raised where there is no value."""


class SimilitudeError(ValueError):
    """Why there is no value: the base of all exceptions of similitude.

    Attributes:
        code: what was found, in one word (``"not_finite"``, ``"constant"``, ``"degenerate"``); None where there is none.
        numbers: what the message says, as a dict. Each stands as an attribute too: ``error.row``, ``error.column``.
    """

    code = None
    numbers = {}


class InputError(SimilitudeError):
    """Arguments or arrays that cannot be used; the message names the remedy."""


class UndefinedError(SimilitudeError):
    """The measure has no value on these data: a constant representation, say."""


class DegenerateError(UndefinedError):
    """The value would be the same whatever the data, or rest on an arbitrary choice."""


def refusal(message, code, **numbers):
    """An :class:`InputError` with its code and what its message says, as the library has them."""
    error = InputError(message)
    error.code, error.numbers = code, numbers
    for name, number in numbers.items():
        setattr(error, name, number)
    return error


for _class in (SimilitudeError, InputError, UndefinedError, DegenerateError):
    _class.__module__ = "similitude"
