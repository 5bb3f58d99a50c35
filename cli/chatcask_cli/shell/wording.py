"""Advice in words; its commands can be pasted: with the options that were given, quoted for the shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatcask_cli.shell.advice import WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from chatcask import ChatcaskError, Platform, Problem
    from chatcask.advice import Advice, Remark

_PLAIN_ON_WINDOWS = re.compile(r"[\w./\\:@~+=-]+")
_PROMPT = "PROMPT"
"""A variable that cmd sets for what it starts, and PowerShell does not."""

_OF_EDITORS = ("--store", "--user-data-dir", "--product", "--profile")
_OF_A_FOLDER = ("--store", "--user-data-dir", "--profile")
_OF_THE_STORE = ("--store", "--profile")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "snapshot": _OF_EDITORS,
    "restore": _OF_EDITORS,
    "doctor": _OF_EDITORS,
    "repair": _OF_EDITORS,
    "undo": _OF_A_FOLDER,
    "sources": ("--profile",),
    "config": ("--profile",),
    **dict.fromkeys(
        ("log", "sessions", "show", "ls", "cat", "diff", "archive", "check", "forget"),
        _OF_THE_STORE,
    ),
    **dict.fromkeys(
        ("losses", "upkeep", "wait", "prune", "undelete", "tag", "pin", "export", "import", "stats"),
        _OF_THE_STORE,
    ),
}
"""Which of the options that say where things are each command takes."""

_COMMAND = re.compile(
    r"'(?P<quoted>chatcask [^']+)'"
    rf"|(?P<bare>(?<!')\bchatcask (?:{'|'.join(_OPTIONS)})\b.*?(?=, then |$))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """How advice is put into words for one user.

    Attributes:
        platform: Whose shell commands are for.
        store: The store, if it was named.
        folder: The editor's folder, if it was named.
        product: The editor, if it was named.
        profile: The profile of the config file, if it was named.
    """

    platform: Platform
    store: Path | None = None
    folder: Path | None = None
    product: str | None = None
    profile: str | None = None

    def at(self, folder: Path | None) -> Wording:
        """Return the wording for things of one editor's folder; None if it was not named."""
        return replace(self, folder=folder) if folder is not None else self

    def words(self, advice: Advice) -> str:
        """Return an advice in words, with the commands and options that follow it."""
        return self.text(WORDS[advice.code], advice.values)

    def text(self, template: str, values: Mapping[str, str | int] | None = None) -> str:
        """Return words in which each command says where things are.

        Args:
            template: The words; a command stands in quotes, or goes on to the end.
            values: What stands for the names in braces; None if there are none.
        """
        return "".join(self._pieces(template, values))

    def hint(self, error: ChatcaskError) -> str | None:
        """Return the way out of an error: what the command line added, else what the library advises."""
        notes: list[str] = getattr(error, "__notes__", [])
        if notes:
            return "; ".join(notes)
        return self.words(error.advice) if error.advice else None

    def problem(self, problem: Problem) -> str:
        """Return what is wrong with a path, with the way out behind it."""
        return self._with_advice(problem.message, problem.advice)

    def remark(self, remark: Remark) -> str:
        """Return a remark on a plan, with the way out behind it."""
        return self._with_advice(remark.text, remark.advice)

    def _with_advice(self, text: str, advice: Advice | None) -> str:
        return f"{text}; {self.words(advice)}" if advice else text

    def _pieces(self, template: str, values: Mapping[str, str | int] | None) -> Iterator[str]:
        end = 0
        for found in _COMMAND.finditer(template):
            yield _filled(template[end : found.start()], values)
            command = self._command(found["quoted"] or found["bare"], values)
            mark = '"' if "'" in command else "'"
            yield f"{mark}{command}{mark}" if found["quoted"] else command
            end = found.end()
        yield _filled(template[end:], values)

    def _command(self, template: str, values: Mapping[str, str | int] | None) -> str:
        words = [_filled(word, values) for word in template.split()]
        words += self._options(words[1])
        return " ".join(quoted(word, self.platform) for word in words)

    def _options(self, command: str) -> Iterator[str]:
        given = zip(_OF_EDITORS, (self.store, self.folder, self.product, self.profile), strict=True)
        for name, value in given:
            if value is not None and name in _OPTIONS.get(command, ()):
                yield from (name, str(value))


def quoted(word: str, platform: Platform) -> str:
    """Return a word as the user's shell takes it: a POSIX shell, PowerShell, or cmd.

    cmd expands `%NAME%` inside quotes too, and nothing on its command line prevents that.
    """
    if platform.family != "windows":
        return shlex.quote(word)
    if _PLAIN_ON_WINDOWS.fullmatch(word) and not word.startswith("@"):
        return word
    if _PROMPT in platform.environment:
        return '"' + word.replace('"', '""') + '"'
    return "'" + re.sub("(['\u2018-\u201b])", r"\1\1", word) + "'"


def _filled(text: str, values: Mapping[str, str | int] | None) -> str:
    return text if values is None else text.format_map(values)
