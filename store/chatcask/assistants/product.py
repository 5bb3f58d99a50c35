"""A program whose chats are kept: its names, and where its data and program files are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ProductKind: TypeAlias = Literal["desktop", "server"]
"""A desktop application, or a server that a browser or a remote window talks to."""


@dataclass(frozen=True, slots=True)
class Product:
    """One editor product.

    Attributes:
        name: The name used on the command line and in source ids.
        display_name: The name its users know.
        kind: Whether it is a desktop application or a server.
        data_folders: Names its user-data folder can have; the first is the usual one (`nameShort`).
        linux_executables: File names of its main program on Linux.
        windows_executables: File names of its main program on Windows.
        macos_applications: Names of its application bundle on macOS.
        macos_executables: File names of the main program inside that bundle. It was `Electron` until about
            version 1.113 and is the product's name since.
        server_folder: Folder below the home folder that holds a server's data, or "".
        flatpak_ids: Flatpak application ids, whose data lies below `~/.var/app/<id>/config`.
    """

    name: str
    display_name: str
    kind: ProductKind
    data_folders: tuple[str, ...]
    linux_executables: tuple[str, ...] = ()
    windows_executables: tuple[str, ...] = ()
    macos_applications: tuple[str, ...] = ()
    macos_executables: tuple[str, ...] = ()
    server_folder: str = ""
    flatpak_ids: tuple[str, ...] = ()
