"""What the command line looks up about this machine: folders, user, host, clock."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatcask import Platform
    from chatcask.sources import Scope
    from chatcask.workbench import Machine

STORE_VARIABLE = "CHATCASK_STORE"
CONFIG_VARIABLE = "CHATCASK_CONFIG"
PROFILE_VARIABLE = "CHATCASK_PROFILE"
CACHE_VARIABLE = "CHATCASK_CACHE"
OTHER_VARIABLES = frozenset({CONFIG_VARIABLE, PROFILE_VARIABLE, CACHE_VARIABLE, "CHATCASK_DEBUG"})
"""Variables of ours that override no key of the config file."""


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def variables() -> Mapping[str, str]:
    """Return the variables of this process."""
    return os.environ


def config_file() -> Path:
    """Return where the config file is, if there is one."""
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415 - costs 10 ms

    return user_config_path("chatcask", appauthor=False) / "config.toml"


def data_folder() -> Path:
    """Return the folder of this user on this machine for data that nothing else could give again."""
    from platformdirs import user_data_path  # noqa: PLC0415 - costs 10 ms

    return user_data_path("chatcask", appauthor=False)


def cache_folder() -> Path:
    """Return the folder of this machine for data that can be derived again."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_cache_path  # noqa: PLC0415 - costs 10 ms

    return user_cache_path("chatcask", appauthor=False)


def own_program() -> list[str]:
    """Return what starts this program again, from anywhere; on Windows without a console window."""
    python = Path(sys.executable)
    if sys.platform == "win32" and python.with_name("pythonw.exe").is_file():
        python = python.with_name("pythonw.exe")
    return [str(python), "-P", "-m", "chatcask_cli"]


def waiting_program() -> list[str]:
    """Return what starts the program that waits for editors to close: alone, with no packages in reach."""
    place = Path(__file__).parent.parent.parent / "chatcask_wait" / "__main__.py"
    return [own_program()[0], "-I", "-S", str(place)]


def named_store(option: Path | None) -> Path | None:
    """Return the store that an option or the variable names, or None: a job has no variable of ours."""
    named = option or (Path(variable) if (variable := os.environ.get(STORE_VARIABLE)) else None)
    return named.expanduser().absolute() if named else None


def named_profile(option: str | None) -> str | None:
    """Return the profile that an option or the variable names, or None."""
    return option or os.environ.get(PROFILE_VARIABLE) or None


def configuration_folder() -> Path:
    """Return the folder below which this user's programs keep their settings, on Linux."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def has_systemd() -> bool:
    """Tell whether this user has a systemd of their own that listens now."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return runtime is not None and (Path(runtime) / "systemd" / "private").is_socket()


def windows_user() -> str:
    """Return this user's name with that of the domain or machine, as Windows' tasks need it."""
    name = os.environ.get("USERNAME", "")
    return f"{domain}\\{name}" if (domain := os.environ.get("USERDOMAIN")) else name


def platform(scope: Scope | None = None) -> Platform:
    """Return what the library may know about this machine; `scope` is what of it is meant, None for all."""
    from chatcask import Platform  # noqa: PLC0415 - only commands that look for editors need it

    family = {"win32": "windows", "cygwin": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    return Platform(
        family=family,  # type: ignore[arg-type]
        home=Path.home(),
        environment=dict(os.environ),
        windows_drives=Path("/mnt") if "WSL_DISTRO_NAME" in os.environ else None,
        **({} if scope is None else {"scope": scope}),
    )


def machine(scope: Scope | None = None) -> Machine:
    """Return this user on this machine; `scope` is what of it is meant, None for all."""
    from chatcask import __version__  # noqa: PLC0415 - help needs no library
    from chatcask.workbench import Machine  # noqa: PLC0415

    return Machine(
        platform=platform(scope),
        origin=None,
        host=host(),
        program=f"chatcask {__version__}",
        clock=utc_now,
        cache_folder=cache_folder(),
        memory_folder=data_folder(),
        former_origin=_former_origin(),
    )


def host() -> str:
    """Return the machine's name for itself."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket  # noqa: PLC0415 - 2 ms that only Windows needs

    return socket.gethostname()


def _former_origin() -> str:
    """Return the id that was made of the names of user and host before a random one was kept."""
    import getpass  # noqa: PLC0415 - only commands that name snapshots need it

    from blake3 import blake3  # noqa: PLC0415

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return blake3(f"{user}\0{host()}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
