"""Files that are whole or not there, and directories of results."""

import contextlib
import errno
import os
import re
import shutil
import stat

from ._errors import InputError
from ._functions import CATALOG

#: What an earlier result may have left in a directory beside scores.csv, .json and .npz: heat maps are called by their measures.
PICTURES = rf"heatmap-(?:{'|'.join(measure['id'] for measure in CATALOG)})(?:-.*)?\.(?:svg|png|pdf)"
EARLIER = re.compile(rf"provenance\.json|report\.html|sample-sizes\.(?:json|csv)|{PICTURES}")


def path_of(path, key="path"):
    """A path as a text."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise InputError(f"{key}: a path of a file is wanted, and this is {type(path).__name__}") from None


@contextlib.contextmanager
def whole(path):
    """A path beside this one to write to, which takes its place once all is written and is removed if it is not.

    A link stays one: what it leads to is replaced. What is no regular file (a pipe, a terminal) is written to as it is.
    """
    path = path_of(path)
    if is_stream(path):
        yield path
        return
    place = os.path.realpath(path)
    if not os.path.isdir(os.path.dirname(place)):
        raise FileNotFoundError(errno.ENOENT, "there is no directory", os.path.dirname(place))
    unfinished = f"{place}.{os.getpid()}.tmp"
    try:
        yield unfinished
        if os.path.exists(place):
            shutil.copymode(place, unfinished)
        os.replace(unfinished, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(unfinished)
        raise


def opened(path):
    """A text file to write to; what is said already on a stream stays."""
    return open(path, "a" if is_stream(path) else "w", newline="", encoding="utf-8")


def is_stream(path):
    """Whether a path is a pipe, a terminal, or what else is written to and never replaced.

    Raises:
        InputError: a directory.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        raise InputError(f"{path}: a directory; a path of a file is wanted")
    # Standard output is a file of somebody else's, where it was sent to one.
    return not stat.S_ISREG(mode) or os.path.abspath(path).startswith(("/dev/", "/proc/"))


class Directory:
    """Where a sweep writes its files."""

    def __init__(self, path):
        self.path = None if path is None else path_of(path, "out")
        self.earlier = dict(self._found())

    def _found(self):
        if self.path is not None and os.path.isdir(self.path):
            for entry in os.scandir(self.path):
                if EARLIER.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    yield entry.path, (about.st_ino, about.st_mtime_ns)

    def remove_earlier(self):
        """Removes what an earlier result left here and this one did not write: it is of other scores."""
        for file, about in self._found():
            if self.earlier.get(file) == about:
                os.remove(file)
