"""Writes docs/config.md from the table of keys: `python docs/make_config_reference.py`."""

from __future__ import annotations

import runpy
from pathlib import Path

from chatcask.settings import KEYS, Key, toml_text, variable_of

TARGET = Path(__file__).parent / "config.md"
_wrapped = runpy.run_path(str(Path(__file__).with_name("wrap_prose.py")))["wrapped"]

_INTRODUCTION = """\
# The config file

Generated from the table of keys by `docs/make_config_reference.py`; a test keeps it current.

What is settled here holds for every command. The file is TOML and need not exist:

| system | its place |
|---|---|
| Linux | `~/.config/chatcask/config.toml` (`$XDG_CONFIG_HOME`) |
| macOS | `~/Library/Application Support/chatcask/config.toml` |
| Windows | `%LOCALAPPDATA%\\chatcask\\config.toml` |

`CHATCASK_CONFIG` names another file, which then has to be there.

```toml
store = "~/backup/chats"

[privacy]
exclude = ["~/clients/secret"]

[hooks]
on_alarm = ["/home/ada/bin/tell-me", "chats"]

[retention]
keep_last = 20
keep_daily = 30

[display]
pager = ["less", "-FRX"]

[profiles.work]
store = "~/work/chats"
```

`chatcask config` shows what is in force for every key and who said so. `chatcask config edit` opens the file in `$VISUAL` or `$EDITOR` and checks it afterwards; where there is none, it begins with one that names every key. `chatcask config check` says all that is wrong with it, and `chatcask config keys` lists the keys.

**Who wins.** An option of the command line, then the key's variable, then the chosen profile, then the rest of the file, then the default. An empty variable says nothing.

**Variables** hold texts as they are, and other values as the file has them: `CHATCASK_RETENTION_KEEP_LAST=5`, `CHATCASK_DISPLAY_PAGER='["less", "-R"]'`. For an array of texts a single one may stand alone.

**Profiles** are tables with the same keys, chosen with `--profile NAME` or `CHATCASK_PROFILE`. What a profile does not say is taken from the rest of the file.

**Mistakes.** A key that is not known, a value of another kind, a profile that is not there, or a file that is no TOML ends every command with exit code 2 before it does anything; the message names the file, the key, what is expected and what was probably meant. Of two mistakes the first is named; `config check` names all.

Paths may begin with `~`. Times are written `30s`, `10min`, `12h`, `30d`, `8w`, `6m` (30 days each), `2y`, or several in a row: `1y6m`.

**What is excluded.** A pattern of `privacy.exclude` names a folder with all below it, whatever its case: `~/clients/**/secret`, `C:\\Users\\ada\\private`, `vscode-remote://ssh-remote+*/srv`; one that begins at no root may begin anywhere. Of a workspace that was opened on such a folder only its `workspace.json` is read, to know that. It is in no snapshot, not even in those that come before a restore, and `sessions`, `show`, `log`, `diff` of chats, `doctor`, `archive`, `losses` and exported chats pass it over. What was stored before it was excluded raises no alarm, and stays in the store until its snapshots are forgotten and pruned; commands on plain files (`ls`, `cat`, `restore --output`, bundles) show what is stored. Windows without a folder and workspace files that lie elsewhere are not excluded by the folders they name.

**Hooks** are started by runs that nobody started, without a shell, after the run is recorded. `on_alarm` reads the JSON of `snapshot --json` on its standard input, `on_failure` that of a failure (`kind`, `message`, `hint`). They get titles in full. What they print goes nowhere; one that fails or takes too long is said and fails nothing.

**Notifications** are shown by `notify-send` on Linux, `osascript` on macOS and PowerShell on Windows.

**Upkeep** forgets by `[retention]` (without a policy: runs without change that are older than a week), frees space, and reads and proves a share of the store. `chatcask upkeep --dry-run` says what it would do.

## Keys
"""


def reference() -> str:
    """Return the text of docs/config.md."""
    head = ["| key | kind | default | meaning | variable |", "|---|---|---|---|---|"]
    text: str = _wrapped("\n".join([_INTRODUCTION, *head, *map(_row, KEYS), ""]))
    return text


def _row(key: Key[object]) -> str:
    default = toml_text(key.default)
    kind = key.kind.name
    return f"| `{key.name}` | {kind} | `{default}` | {key.about} | `{variable_of(key)}` |"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
