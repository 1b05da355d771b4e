"""Which layers are meant by names, and by patterns of names."""

import fnmatch
import re

from ._checks import texts
from ._errors import InputError


def words(asked, names, key="layers"):
    """The names and patterns of texts: a text itself where it is a name, else what stands between commas, those of names apart."""
    found = []
    for text in texts(asked, key):
        parts = text.split(",")
        while parts:
            ends = (end for end in range(len(parts), 0, -1) if ",".join(parts[:end]) in names)
            end = next(ends, 1)
            found.append(",".join(parts[:end]))
            parts = parts[end:]
    return found


def meant(word, names):
    """The name that a word is, else the names that it matches as a pattern."""
    return [word] if word in names else [name for name in names if fnmatch.fnmatchcase(name, word)]


def chosen(names, layers, exclude, of):
    """The layers that are taken, in the order asked for, and what of ``exclude`` names none.

    Raises:
        InputError: nothing is called so, or nothing is left.
    """
    left_out, unmatched = set(), []
    for word in words(exclude, names, "exclude"):
        found = meant(word, names)
        left_out.update(found)
        unmatched += [] if found else [word]
    taken = dict.fromkeys(names)
    if layers is not None:
        taken = {}
        for word in words(layers, names):
            found = meant(word, names)
            if not found:
                raise InputError(f"{of}: no layer is called {word!r}, or matches it; there are {', '.join(names)}")
            taken.update(dict.fromkeys(found))
    taken = [name for name in taken if name not in left_out]
    if names and not taken:
        raise InputError(f"{of}: no layer is left of {', '.join(names)}; layers= and exclude= say which are taken")
    return taken, unmatched


def natural(name):
    """A key that sorts numbers in names by their value: conv2 before conv10, as the program does."""
    parts = []
    for run in re.findall(r"(?s)[0-9]+|[^0-9]", name):
        number = run.lstrip("0") if run[0] in "0123456789" else None
        parts.append((ord(run), 0, "") if number is None else (ord("0"), len(number), number))
    return parts, name
