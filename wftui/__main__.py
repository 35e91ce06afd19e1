"""`python -m wftui`, and the `wftui` script."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line. Returns the exit code."""
    from wftui.cli.main import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
