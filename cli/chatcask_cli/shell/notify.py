"""A notification on the person's desktop, by the program that each system has for it.

Titles of chats are somebody else's text: they go as arguments or variables of fixed programs, through no
shell, made visible and short.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from chatcask.visible import visible_line
from chatcask_cli.shell.programs import run_bounded

if TYPE_CHECKING:
    from chatcask.sources import Family

_SECONDS = 10.0
_LONGEST_TITLE, _LONGEST_TEXT = 80, 300
_OSASCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_TOAST = """
$ErrorActionPreference = 'Stop'
$of = 'Windows.UI.Notifications, ContentType=WindowsRuntime'
[Type]::GetType("Windows.UI.Notifications.ToastNotificationManager, $of") > $null
$kind = [Windows.UI.Notifications.ToastTemplateType]::ToastText02
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent($kind)
$texts = $xml.GetElementsByTagName('text')
$texts.Item(0).AppendChild($xml.CreateTextNode($env:CHATCASK_TOAST_TITLE)) > $null
$texts.Item(1).AppendChild($xml.CreateTextNode($env:CHATCASK_TOAST_TEXT)) > $null
$toast = [Windows.UI.Notifications.ToastNotification]::new($xml)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('chatcask').Show($toast)
"""


def notify(family: Family, title: str, lines: list[str]) -> str:
    """Show a notification.

    Returns:
        What went wrong, in words; "" for nothing.
    """
    title = short(title, _LONGEST_TITLE)
    text = "\n".join(short(line, _LONGEST_TEXT) for line in lines)
    variables = None
    if family == "windows":
        command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", _TOAST]
        variables = {"CHATCASK_TOAST_TITLE": title, "CHATCASK_TOAST_TEXT": text}
    elif family == "macos":
        script = (part for line in _OSASCRIPT for part in ("-e", line))
        command = ["osascript", *script, "--", title, text]
    else:
        # A desktop of Linux may read the body as markup.
        command = ["notify-send", "--app-name=chatcask", "--", title, html.escape(text, quote=False)]
    return run_bounded(command, b"", _SECONDS, variables)


def short(text: str, longest: int) -> str:
    """Return a text as one line that hides and forges nothing, cut to a length."""
    line = visible_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
