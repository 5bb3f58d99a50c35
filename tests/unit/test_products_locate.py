"""Proves where editors' folders are looked for on each system, and what their sources are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from blake3 import blake3

from chatcask.assistants.base import Family, Platform, Source
from chatcask.assistants.vscode.places.locate import locate, source_for
from chatcask.assistants.vscode.places.products import PRODUCTS, product_named
from chatcask.errors import NotFoundError


def _make(*folders: Path) -> None:
    for folder in folders:
        (folder / "User").mkdir(parents=True)


def _found(platform: Platform) -> dict[str, Path]:
    return {source.id: source.user_data_dir for source in locate(platform)}


def _hashed(name: str, folder: Path) -> str:
    return f"{name}~{blake3(os.fsencode(folder.resolve())).hexdigest()[:8]}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "ada"
    folder.mkdir()
    return folder


def test_product_names_are_unique_and_complete() -> None:
    names = [product.name for product in PRODUCTS]
    assert len(set(names)) == len(names)
    promised = {"code", "code-insiders", "code-oss", "vscodium", "cursor", "windsurf", "positron"}
    assert promised | {"code-server", "vscode-server"} <= set(names)
    for product in PRODUCTS:
        assert product_named(product.name) is product
        assert product.data_folders
        if product.kind == "desktop":
            assert product.linux_executables
            assert product.windows_executables
            assert product.macos_applications
            assert "Electron" in product.macos_executables


def test_an_unknown_product_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="notepad") as raised:
        product_named("notepad")
    assert raised.value.advice is not None
    assert "vscodium" in str(raised.value.advice.values["names"])
    assert (raised.value.what, raised.value.name) == ("editor", "notepad")


def test_nothing_is_found_in_an_empty_home(home: Path) -> None:
    families: tuple[Family, ...] = ("linux", "macos", "windows")
    for family in families:
        assert locate(Platform(family, home, {})) == []


@pytest.mark.parametrize(
    ("family", "base"),
    [("linux", ".config"), ("macos", "Library/Application Support"), ("windows", "AppData/Roaming")],
)
def test_usual_desktop_folders(home: Path, family: Family, base: str) -> None:
    names = {"code": "Code", "code-insiders": "Code - Insiders", "vscodium": "VSCodium", "cursor": "Cursor"}
    _make(*(home / base / folder for folder in names.values()))
    assert _found(Platform(family, home, {})) == {key: home / base / name for key, name in names.items()}


def test_servers(home: Path) -> None:
    _make(home / ".vscode-server" / "data", home / ".local" / "share" / "code-server")
    assert _found(Platform("linux", home, {})) == {
        "code-server": home / ".local" / "share" / "code-server",
        "vscode-server": home / ".vscode-server" / "data",
    }
    (source,) = locate(Platform("linux", home, {}), [product_named("vscode-server")])
    assert source.user == home / ".vscode-server" / "data" / "User"


@pytest.mark.parametrize(
    ("family", "variable", "below", "name"),
    [
        ("linux", "XDG_CONFIG_HOME", "Code", "code"),
        ("windows", "APPDATA", "Code", "code"),
        ("macos", "VSCODE_APPDATA", "Cursor", "cursor"),
        ("linux", "VSCODE_APPDATA", "VSCodium", "vscodium"),
        ("linux", "VSCODE_PORTABLE", "user-data", "code"),
        ("linux", "XDG_DATA_HOME", "code-server", "code-server"),
        ("linux", "VSCODE_AGENT_FOLDER", "data", "vscode-server"),
    ],
)
def test_folders_moved_by_the_environment(
    home: Path, tmp_path: Path, family: Family, variable: str, below: str, name: str
) -> None:
    moved = tmp_path / "moved" / below
    _make(moved)
    found = _found(Platform(family, home, {variable: str(tmp_path / "moved")}))
    assert found == {_hashed(name, moved): moved}


def test_the_usual_folder_keeps_its_id_in_every_environment(home: Path, tmp_path: Path) -> None:
    usual, moved = home / ".config" / "Code", tmp_path / "moved" / "Code"
    _make(usual, moved)
    alone = _found(Platform("linux", home, {}))
    both = _found(Platform("linux", home, {"XDG_CONFIG_HOME": str(tmp_path / "moved")}))
    assert alone == {"code": usual}
    assert both == {"code": usual, _hashed("code", moved): moved}


def test_flatpak(home: Path) -> None:
    folder = home / ".var/app/com.vscodium.codium/config/VSCodium"
    _make(folder)
    assert _found(Platform("linux", home, {})) == {_hashed("vscodium", folder): folder}
    assert _found(Platform("macos", home, {})) == {}


def test_one_folder_is_one_source_however_it_is_reached(home: Path) -> None:
    _make(home / ".config" / "Code")
    (home / "link").symlink_to(home / ".config")
    platform = Platform("linux", home, {"XDG_CONFIG_HOME": str(home / "link")})
    assert _found(platform) == {"code": home / ".config" / "Code"}
    through_link = source_for(home / "link" / "Code", None, platform)
    assert through_link.id == "code"
    assert set(through_link.spellings) == {
        str(home / "link" / "Code"),
        str((home / ".config" / "Code").resolve()),
    }


def test_a_file_in_the_place_of_a_folder_is_not_found(home: Path) -> None:
    (home / ".config").mkdir()
    (home / ".config" / "Code").touch()
    assert locate(Platform("linux", home, {})) == []


def test_locating_asks_for_nothing_below_the_user_data_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / ".config" / "Code"
    _make(folder)
    asked: list[str] = []
    for name in ("stat", "lstat", "scandir", "listdir", "open", "readlink"):
        real = getattr(os, name)

        def spy(path: object, *rest: object, _real: object = real, **more: object) -> object:
            asked.append(os.fspath(path))  # type: ignore[call-overload]
            return _real(path, *rest, **more)  # type: ignore[operator]

        monkeypatch.setattr(os, name, spy)
    locate(Platform("linux", home, {}))
    source_for(folder / "User", None, Platform("linux", home, {}))
    monkeypatch.undo()
    assert str(folder) in asked
    assert [path for path in asked if path.startswith(f"{folder}{os.sep}")] == []


# Folders named by the user


def _for(folder: Path, name: str | None = None) -> Source:
    return source_for(folder, name, Platform("linux", folder.parent / "nobody", {}))


@pytest.mark.parametrize(
    ("folder", "product"),
    [
        ("Code", "code"),
        ("Code - Insiders", "code-insiders"),
        ("code-oss-dev", "code-oss"),
        ("VSCODIUM", "vscodium"),
        ("Windsurf", "windsurf"),
        (".vscode-server/data", "vscode-server"),
        (".cursor-server/data", "cursor-server"),
        ("code-server", "code-server"),
        ("data", "code"),
        ("lighthouse", "code"),
    ],
)
def test_the_product_is_guessed_from_the_folder(tmp_path: Path, folder: str, product: str) -> None:
    _make(tmp_path / folder)
    source = _for(tmp_path / folder)
    assert source.product.name == product
    assert source.id == _hashed(product, tmp_path / folder)
    assert _for(tmp_path / folder, "positron").product.name == "positron"


def test_the_user_folder_and_the_server_folder_are_understood(tmp_path: Path) -> None:
    _make(tmp_path / "Code", tmp_path / ".vscode-server" / "data")
    assert _for(tmp_path / "Code" / "User").user_data_dir == tmp_path / "Code"
    assert _for(tmp_path / ".vscode-server").user_data_dir == tmp_path / ".vscode-server" / "data"


def test_a_relative_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path / "Code")
    monkeypatch.chdir(tmp_path)
    assert _for(Path("Code")).user_data_dir == tmp_path / "Code"
    assert _for(Path("Code")).id == _for(tmp_path / "Code").id


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="lighthouse"):
        _for(tmp_path / "lighthouse")
    with pytest.raises(NotFoundError):
        _for(tmp_path / "\0")
