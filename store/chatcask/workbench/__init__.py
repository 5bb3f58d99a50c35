"""The application that every face shares: one store and one machine, and each command as a method.

    with Workbench.open(Path("store"), machine) as bench:
        for chat in bench.chats.listed(bench.snapshots.find("latest"), ChatFilter(), monitor): ...

Each name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False

if TYPE_CHECKING:
    from chatcask.workbench.bundles import ExportWishes
    from chatcask.workbench.chats import ChosenChat
    from chatcask.workbench.comparison import ComparedChat, Comparison
    from chatcask.workbench.editing import RestoreWishes
    from chatcask.workbench.snapshots import SnapshotPath
    from chatcask.workbench.sources import (
        SourceChoice,
        choose_requests,
        choose_sources,
        editors,
        keep_out_of_editors,
        require_a_closed_one,
    )
    from chatcask.workbench.upkeep import repair_config
    from chatcask.workbench.workbench import Machine, Workbench

_HOMES = {
    "bundles": ("ExportWishes",),
    "chats": ("ChosenChat",),
    "comparison": ("ComparedChat", "Comparison"),
    "editing": ("RestoreWishes",),
    "snapshots": ("SnapshotPath",),
    "sources": (
        "SourceChoice",
        "choose_requests",
        "choose_sources",
        "editors",
        "keep_out_of_editors",
        "require_a_closed_one",
    ),
    "upkeep": ("repair_config",),
    "workbench": ("Machine", "Workbench"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ChosenChat",
    "ComparedChat",
    "Comparison",
    "ExportWishes",
    "Machine",
    "RestoreWishes",
    "SnapshotPath",
    "SourceChoice",
    "Workbench",
    "choose_requests",
    "choose_sources",
    "editors",
    "keep_out_of_editors",
    "repair_config",
    "require_a_closed_one",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'chatcask.workbench' has no attribute {name!r}")
    value: object = getattr(import_module(f"chatcask.workbench.{home}"), name)
    globals()[name] = value
    return value
