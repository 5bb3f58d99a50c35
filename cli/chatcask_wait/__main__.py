"""Start here: `python -I -S chatcask_wait/__main__.py [--every SECONDS] [--root FOLDER]... -- COMMAND...`."""

import sys

if not __package__:  # started by this file's path, with no packages in reach
    sys.path.append(__file__.removesuffix("__main__.py") + "..")

from chatcask_wait.program import main

sys.exit(main(sys.argv[1:]))
