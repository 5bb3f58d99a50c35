"""The editors chatcask knows: their names, data folders and program files.

Names come from each product's `product.json` (`nameShort`, `applicationName`, `serverDataFolderName`) where
that file is public (microsoft/vscode, VSCodium/vscodium `prepare_vscode.sh`, posit-dev/positron), and from
the vendors' documentation otherwise.
"""

from __future__ import annotations

from chatcask.assistants.base import Product, named_among


def _desktop(
    name: str,
    display_name: str,
    data_folder: str,
    linux_executables: tuple[str, ...],
    *,
    application: str = "",
    more_data_folders: tuple[str, ...] = (),
    flatpak_ids: tuple[str, ...] = (),
) -> Product:
    """Return a desktop product whose Windows and macOS names follow from the usual pattern."""
    return Product(
        name=name,
        display_name=display_name,
        kind="desktop",
        data_folders=(data_folder, *more_data_folders),
        linux_executables=linux_executables,
        windows_executables=(f"{data_folder}.exe",),
        macos_applications=(f"{application or data_folder}.app",),
        macos_executables=("Electron", data_folder, application or data_folder),
        flatpak_ids=flatpak_ids,
    )


def _server(name: str, display_name: str, folder: str) -> Product:
    """Return a remote server product, which keeps its user data in `~/<folder>/data`."""
    return Product(
        name=name, display_name=display_name, kind="server", data_folders=("data",), server_folder=folder
    )


PRODUCTS: tuple[Product, ...] = (
    _desktop(
        "code",
        "Visual Studio Code",
        "Code",
        ("code",),
        application="Visual Studio Code",
        flatpak_ids=("com.visualstudio.code",),
    ),
    _desktop(
        "code-insiders",
        "Visual Studio Code - Insiders",
        "Code - Insiders",
        ("code-insiders",),
        application="Visual Studio Code - Insiders",
        flatpak_ids=("com.visualstudio.code.insiders",),
    ),
    _desktop(
        "code-oss",
        "Code - OSS",
        "Code - OSS",
        ("code-oss",),
        # A build run out of its sources uses a fixed folder name (microsoft/vscode userDataPath.ts).
        more_data_folders=("code-oss-dev",),
        flatpak_ids=("com.visualstudio.code-oss",),
    ),
    _desktop(
        "vscodium", "VSCodium", "VSCodium", ("codium", "vscodium"), flatpak_ids=("com.vscodium.codium",)
    ),
    _desktop(
        "vscodium-insiders",
        "VSCodium - Insiders",
        "VSCodium - Insiders",
        ("codium-insiders",),
        flatpak_ids=("com.vscodium.codium-insiders",),
    ),
    _desktop("cursor", "Cursor", "Cursor", ("cursor",)),
    _desktop("windsurf", "Windsurf", "Windsurf", ("windsurf",)),
    _desktop("windsurf-next", "Windsurf - Next", "Windsurf - Next", ("windsurf-next",)),
    _desktop("positron", "Positron", "Positron", ("positron",)),
    Product(name="code-server", display_name="code-server", kind="server", data_folders=("code-server",)),
    _server("vscode-server", "VS Code Server", ".vscode-server"),
    _server("vscode-server-insiders", "VS Code Server - Insiders", ".vscode-server-insiders"),
    _server("vscode-server-oss", "Code - OSS Server", ".vscode-server-oss"),
    _server("vscodium-server", "VSCodium Server", ".vscodium-server"),
    _server("cursor-server", "Cursor Server", ".cursor-server"),
    _server("windsurf-server", "Windsurf Server", ".windsurf-server"),
    _server("positron-server", "Positron Server", ".positron-server"),
)
"""Every product chatcask knows, in the order they are looked for."""


def product_named(name: str) -> Product:
    """Return the product called `name`.

    Raises:
        NotFoundError: No product has that name; the message lists those that exist.
    """
    return named_among(PRODUCTS, name)
