"""The command that an advice names, ready to be pasted: with given options, quoted for the shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatcask_cli.shell.advice import WORDS

if TYPE_CHECKING:
    from chatcask import Platform
    from chatcask.advice import Advice

_PLAIN_ON_WINDOWS = re.compile(r"[\w./\\:@~+=-]+")
_PROMPT = "PROMPT"
"""A variable that cmd sets for what it starts, and PowerShell does not."""


def command_text(advice: Advice, options: Sequence[str], platform: Platform) -> str:
    """Return the command of an advice that is a command and nothing else.

    Args:
        advice: Its words are a command.
        options: What to add behind it.
        platform: Whose shell it is for.
    """
    words = (word.format_map(advice.values) for word in WORDS[advice.code].split())
    return " ".join(quoted(word, platform) for word in [*words, *options])


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
