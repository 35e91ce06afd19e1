"""`python -m wftui`, and the `wftui` script."""

from __future__ import annotations

import gc
import signal
import sys


def main() -> int:
    """Run the command line. Returns the exit code."""
    try:
        from wftui.cli.main import main as run

        code = run(sys.argv[1:])
        gc.freeze()  # the interpreter looks through all that there is for garbage before it throws all of it away
    except KeyboardInterrupt:  # before the command line could see to it, or once more while it did
        code = 130
    while True:
        try:
            # All is said: an interrupt while the interpreter takes itself down would only be a traceback.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        except KeyboardInterrupt:  # an impatient one
            code = 130
        else:
            return code


if __name__ == "__main__":
    sys.exit(main())
