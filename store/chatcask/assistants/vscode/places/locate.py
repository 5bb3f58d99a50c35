"""Find the user-data folders of editors without looking into them.

Only the user-data folder itself is ever asked for here. Everything below its `User` folder may hold chats,
so it stays untouched until the guard has said that the editor is closed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from blake3 import blake3

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.base import Platform, Product, Source
from chatcask.assistants.vscode.places.products import PRODUCTS, product_named
from chatcask.errors import NotFoundError


def locate(platform: Platform, products: Iterable[Product] | None = None) -> list[Source]:
    """Return the user-data folders that exist, in the order of `products` (default: all); added ones last."""
    sources: list[Source] = []
    seen: set[str] = set()
    wanted = PRODUCTS if products is None else tuple(products)
    added = [(product, folder) for folder in platform.scope.added if (product := _guess(folder)) in wanted]
    found = ((product, folder) for product in wanted for folder in _candidates(product, platform))
    for product, folder in (*found, *added):
        real = os.path.realpath(folder)
        if real not in seen and _is_folder(folder):
            seen.add(real)
            sources.append(_source(product, folder, platform))
    return sources


def possible_folders(platform: Platform) -> list[Path]:
    """Return every user-data folder that a desktop editor may have here, whether or not it is there yet."""
    desktop = [product for product in PRODUCTS if product.kind == "desktop"]
    found = (folder for product in desktop for folder in _candidates(product, platform))
    every = (*found, *platform.scope.added)
    return list(dict.fromkeys(Path(os.path.abspath(folder)) for folder in every))  # noqa: PTH100


def source_for(user_data_dir: Path, product_name: str | None, platform: Platform) -> Source:
    """Return the source for a folder named by the user.

    The folder may also be named by its `User` folder, and a server by its server folder (`~/.vscode-server`).
    Without a product name the product is guessed from the folder's name, and is `code` if that says nothing.

    Raises:
        NotFoundError: The folder does not exist, or no product has that name.
    """
    folder = Path(os.path.abspath(user_data_dir))  # noqa: PTH100 - must not resolve links
    if folder.name == "User":
        folder = folder.parent
    if _server_with_folder(folder.name) is not None:
        folder = folder / "data"
    if not _is_folder(folder):
        raise NotFoundError(
            f"no folder {folder}",
            what="folder",
            name=str(folder),
            advice=Advice(AdviceCode.NAME_FOLDER_ABOVE_USER),
        )
    product = product_named(product_name) if product_name is not None else _guess(folder)
    return _source(product, folder, platform)


def default_manifest(platform: Platform) -> Path | None:
    """Return the manifest in its usual place, or None if there is none."""
    path = platform.home / ".ck3raven" / "journal_manifest.json"
    return path if path.is_file() else None


def data_folders(product: Product, platform: Platform) -> list[Path]:
    """Return the folders a product uses on this platform when nothing on its command line says otherwise.

    Precedence as in the editor: portable, `VSCODE_APPDATA`, the platform's base folder
    (facts: microsoft/vscode userDataPath.ts).
    """
    if product.kind == "server":
        return _server_folders(product, platform)
    portable = platform.environment.get("VSCODE_PORTABLE")
    if portable:
        return [Path(portable) / "user-data"]
    base = data_base(platform)
    return [base / name for name in product.data_folders]


def data_base(platform: Platform) -> Path:
    """Return the folder below which desktop editors keep their user-data folders."""
    environment = platform.environment
    if environment.get("VSCODE_APPDATA"):
        return Path(environment["VSCODE_APPDATA"])
    if platform.family == "windows" and environment.get("APPDATA"):
        return Path(environment["APPDATA"])
    if platform.family == "linux" and environment.get("XDG_CONFIG_HOME"):
        return Path(environment["XDG_CONFIG_HOME"])
    return _home_base(platform)


def _home_base(platform: Platform) -> Path:
    """Return the base folder as it is when no environment variable moves it."""
    if platform.family == "windows":
        return platform.home / "AppData" / "Roaming"
    if platform.family == "macos":
        return platform.home / "Library" / "Application Support"
    return platform.home / ".config"


def _usual_folder(product: Product, platform: Platform) -> Path:
    """Return the one folder whose source id is the bare product name.

    It depends on the home folder alone: a scheduled run has another environment than a terminal, and must
    give the same folder the same id.
    """
    if product.server_folder:
        return platform.home / product.server_folder / "data"
    if product.kind == "server":
        return _code_server_folder(platform)
    return _home_base(platform) / product.data_folders[0]


def _code_server_folder(platform: Platform) -> Path:
    """Return code-server's usual folder (coder/code-server `src/node/util.ts`, getEnvPaths)."""
    if platform.family == "windows":
        return platform.home / "AppData" / "Local" / "code-server" / "Data"
    return platform.home / ".local" / "share" / "code-server"


def _server_folders(product: Product, platform: Platform) -> list[Path]:
    """Return a server's folders (facts: microsoft/vscode server.main.ts)."""
    moved = platform.environment.get("VSCODE_AGENT_FOLDER")
    if product.server_folder:
        return [Path(moved) / "data" if moved else platform.home / product.server_folder / "data"]
    data_home = platform.environment.get("XDG_DATA_HOME")
    if data_home and platform.family != "windows":
        return [Path(data_home) / "code-server"]
    return [_code_server_folder(platform)]


def _candidates(product: Product, platform: Platform) -> Iterator[Path]:
    """Yield every folder worth asking for, the usual one first."""
    yield _usual_folder(product, platform)
    if product.kind == "server":
        if product.name in ("code-server", "vscode-server"):
            yield from _server_folders(product, platform)
        return
    without_portable = {k: v for k, v in platform.environment.items() if k != "VSCODE_PORTABLE"}
    yield from data_folders(product, Platform(platform.family, platform.home, without_portable))
    yield from (_home_base(platform) / name for name in product.data_folders)
    for application in product.flatpak_ids if platform.family == "linux" else ():
        for name in product.data_folders:
            yield platform.home / ".var" / "app" / application / "config" / name
    portable = platform.environment.get("VSCODE_PORTABLE")
    if portable and product.name == "code":
        # Which editor set the variable is not known; the guard goes by the folder, not by this name.
        yield Path(portable) / "user-data"


def _source(product: Product, folder: Path, platform: Platform) -> Source:
    """Return the source for an existing folder."""
    absolute = os.path.abspath(folder)  # noqa: PTH100 - must not resolve links
    real = os.path.realpath(absolute)
    identifier = product.name
    if real != os.path.realpath(_usual_folder(product, platform)):
        digest = blake3(os.fsencode(os.path.normcase(real))).hexdigest()
        identifier = f"{product.name}~{digest[:8]}"
    spellings = tuple(dict.fromkeys((absolute, real)))
    return Source(identifier, product, Path(absolute), spellings, platform.scope.excluded)


def _guess(folder: Path) -> Product:
    """Return the product whose data folder has this name, or `code`."""
    server = _server_with_folder(folder.parent.name) if folder.name == "data" else None
    if server is not None:
        return server
    # A portable or moved folder can have any case on file systems that ignore it.
    name = folder.name.casefold()
    for product in PRODUCTS:
        if not product.server_folder and name in (known.casefold() for known in product.data_folders):
            return product
    return product_named("code")


def _server_with_folder(name: str) -> Product | None:
    """Return the server product whose server folder has this name."""
    return next((p for p in PRODUCTS if p.server_folder and p.server_folder == name), None)


def _is_folder(folder: Path) -> bool:
    """Tell whether the user-data folder is there, by one stat of itself."""
    try:
        return stat.S_ISDIR(os.stat(folder).st_mode)  # noqa: PTH116 - one call, seen by tests that count calls
    except (OSError, ValueError):
        return False
