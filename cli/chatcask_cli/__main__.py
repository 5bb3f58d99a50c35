"""Start here: answer `--version` at once, otherwise hand over to the command that was named."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with a documented code."""
    if sys.argv[1:] == ["--version"]:
        from chatcask._version import __version__  # noqa: PLC0415 - the only import this answer needs

        print(f"chatcask {__version__}")
        return
    try:
        from chatcask_cli.shell.app import run  # noqa: PLC0415 - not needed for the answer above

        code = run()
    except KeyboardInterrupt:  # before the command had begun
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
