"""Keep every chat a person had with their code editor: snapshot, compare, restore.

What most programs need stands here; the rest of what is public stands in the faces. The names are listed in
the stubs beside the modules, which type checkers read and `public_names` reads too: each is imported when it
is first used, so a program pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module

from chatcask._version import __version__ as __version__

TYPE_CHECKING = False
"""As type checkers know it; importing `typing` for it would take half of what `--version` may."""

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.abc import SourceLoader

FACES = (
    "advice",
    "archive",
    "browse",
    "bundle",
    "chats",
    "chunks",
    "documents",
    "editing",
    "errors",
    "integrity",
    "jobs",
    "monitor",
    "retention",
    "settings",
    "snapshots",
    "sources",
    "stats",
    "transport",
    "visible",
    "workbench",
)
"""The modules whose names are public beside those of this package."""


def public_names(module: str, loader: SourceLoader, file: str) -> Callable[[str], object]:
    """Return a module's `__getattr__`: it imports a name of the module's stub when that is asked for."""
    homes: dict[str, str] = {}

    def load(name: str) -> object:
        if not homes:
            for line in loader.get_data(f"{file.removesuffix('c')}i").decode().splitlines():
                if line.startswith("from "):
                    _, home, _, original, *_ = line.split()
                    homes[original] = home
        if name == "__all__":
            return sorted(homes)
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        vars(import_module(module))[name] = value
        return value

    return load


__getattr__ = public_names(__name__, __loader__, __file__)
