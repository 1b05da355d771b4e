"""The program ``similitude``."""

import signal
import sys

from . import _similitude


def main():
    # The program ends where it is interrupted, as any other does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_similitude.program(["similitude", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
