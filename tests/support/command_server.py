"""Runs commands in processes that start with everything imported: forks of a process that has run nothing.

Most of the time of a short command goes into its imports. A fork has its own memory, working folder, streams
and environment like a process started afresh; what Python itself reads at its start (PYTHON...) is the
server's. What commands import by themselves is tested in tests/cost with processes started afresh.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOTS = [str(Path(__file__).parent.parent.parent / name) for name in ("store", "cli")]
IS_POSSIBLE = hasattr(os, "fork") and hasattr(socket, "send_fds")
_LONGEST = 1 << 20


class CommandServer:
    """A process that forks once for every command it is sent; one command at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(number)],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                pass_fds=[number],
            )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float
    ) -> tuple[int, bytes, bytes]:
        """Run a command; return its exit code, standard output and standard error.

        Raises:
            TimeoutError: it did not end in so many seconds.
        """
        request = json.dumps([list(arguments), dict(environment), str(folder)]).encode() + b"\n"
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            self._socket.settimeout(timeout)
            sent = socket.send_fds(self._socket, [request], [out.fileno(), err.fileno()])
            self._socket.sendall(request[sent:])
            code = int(self._socket.recv(64))
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._process.wait()


def plain_environment() -> dict[str, str]:
    """Return what a process needs to start as if no user had set anything, with our code in its path."""
    needed = ("PATH", "SYSTEMROOT", "TEMP", "TMP")
    return {
        **{name: os.environ[name] for name in needed if name in os.environ},
        "PYTHONPATH": os.pathsep.join(ROOTS),
    }


@cache
def command_server() -> CommandServer:
    """Return the server of this test process, started at the first call; it serves every test."""
    server = CommandServer(plain_environment())
    atexit.register(server.close)
    return server


def _serve(number: int) -> None:
    """Fork for every request until the other end closes; return in the fork only."""
    _import_everything()
    gc.freeze()
    with socket.socket(fileno=number) as connection:
        while True:
            request, descriptors, _, _ = socket.recv_fds(connection, _LONGEST, 2)
            while request and not request.endswith(b"\n"):
                request += connection.recv(_LONGEST)
            if not request:
                os._exit(0)
            child = os.fork()
            if not child:
                break
            for descriptor in descriptors:
                os.close(descriptor)
            _, status = os.waitpid(child, 0)
            connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    for descriptor, stream in zip(descriptors, (1, 2), strict=True):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    arguments, environment, folder = json.loads(request)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[1:] = arguments


def _import_everything() -> None:
    for room in ("chatcask", "chatcask_cli"):
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if not module.name.endswith("__main__"):
                with contextlib.suppress(ImportError):  # a module of another system
                    importlib.import_module(module.name)


if __name__ == "__main__":
    del sys.path[0]  # the folder of the tests' own modules
    _serve(int(sys.argv[1]))
    runpy.run_module("chatcask_cli", run_name="__main__", alter_sys=True)
