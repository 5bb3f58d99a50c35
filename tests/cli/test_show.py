"""`show` gives back each thing that was said, in every format, and tells what is missing from where."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatcask.assistants.vscode.reading.log import replay
from support.console import Console
from support.pasts import Past, chat, log, turn, workspace

GENUINE = Path(__file__).resolve().parents[1] / "data" / "genuine" / "User"
SESSION = "3f2b8c1e-7a64-4d0b-9c5e-5b8a1d2e6f70"
PLACE = f"w1/chatSessions/{SESSION}.jsonl"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past.begin(tmp_path)


@pytest.fixture
def simple(past: Past) -> Past:
    past.take({PLACE: log(SESSION, 3), "w1/workspace.json": workspace("lighthouse")})
    return past


def _said(value: Any) -> list[str]:
    """Every text that a reader of the chat must find, from the stored object itself."""
    found = []
    for request in value["requests"]:
        found.append(request["message"]["text"])
        for part in request["response"]:
            kind = part.get("kind")
            if kind in (None, "thinking"):
                found.append(part["value"] if isinstance(part["value"], str) else "")
            elif kind == "toolInvocationSerialized":
                past = part.get("pastTenseMessage") or part["invocationMessage"]
                found.append(past if isinstance(past, str) else past["value"])
            elif kind == "textEditGroup":
                found += [edit["text"] for group in part["edits"] for edit in group]
        error = (request.get("result") or {}).get("errorDetails")
        found += [error["message"]] if error else []
    return [line.strip() for text in found for line in text.splitlines() if line.strip()]


def test_each_thing_said_in_the_genuine_folder_is_shown(tmp_path: Path) -> None:
    console = Console(tmp_path)
    shutil.copytree(GENUINE, console.editor / "User")
    assert console.run("snapshot").code == 0
    files = sorted((console.editor / "User").rglob("*hatSessions/*.jsonl"))
    assert len(files) == 5
    texts = 0
    for file in files:
        shown = console.run("show", file.stem)
        assert (shown.code, shown.err) == (0, "")
        plain = re.sub(r"^> ?", "", shown.text, flags=re.MULTILINE)
        for line in _said(replay([file.read_bytes()])):
            texts += 1
            assert line in plain or _unescaped(line) in _unescaped(plain), f"{file.name}: {line!r}"
        assert console.run("show", file.stem, "--format", "raw").out == file.read_bytes()
    assert texts > 30


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)


def test_the_same_turns_in_every_format(simple: Past) -> None:
    shown = {
        name: simple.run("show", SESSION[:8], "--format", name).text
        for name in ("md", "html", "json", "jsonl", "yaml", "csv")
    }
    for number in range(1, 4):
        for name, text in shown.items():
            assert f"How bright is lamp {number}?" in text, name
            assert f"Lamp {number} has {number}00 candela." in text, name
    document = json.loads(shown["json"])
    assert (document["schema_version"], document["turn_count"]) == (1, 3)
    assert [json.loads(line)["turn"] for line in shown["jsonl"].splitlines()] == [1, 2, 3]
    messages = list(yaml.safe_load_all(shown["yaml"]))
    assert [message["role"] for message in messages] == ["user", "assistant"] * 3
    assert len(list(csv.reader(io.StringIO(shown["csv"])))) == 7


def test_json_for_programs_names_the_snapshot(past: Past) -> None:
    reference = past.take({PLACE: log(SESSION, 3), "w1/workspace.json": workspace("lighthouse")})
    document = past.run("show", SESSION, "--json").document
    assert document["snapshot"] == reference.id
    assert document["path"].endswith(PLACE)
    assert document["workspace_folder"] == "file:///home/ada/lighthouse"
    assert (document["state"], document["findings"], document["missing_since"]) == ("sound", [], None)
    plain = json.loads(past.run("show", SESSION, "--format", "json").text)
    assert plain.items() <= document.items()
    assert past.run("show", SESSION, "--json", "--format", "html").code == 2


def test_raw_is_the_exact_bytes_of_any_file(past: Past) -> None:
    data = b'\xef\xbb\xbf{"kind":0,\x00\xff torn\r\n\n' * 100
    past.take({PLACE: data})
    shown = past.run("show", SESSION, "--format", "raw")
    assert (shown.code, shown.out) == (0, data)


def test_a_damaged_chat_is_shown_as_far_as_it_goes_and_says_so(past: Past) -> None:
    more = json.dumps({"kind": 2, "k": ["requests"], "v": [turn(9)]}).encode()
    past.take({PLACE: log(SESSION, 2) + more[:40]})
    shown = past.run("show", SESSION)
    assert shown.code == 0
    assert "Lamp 2 has 200 candela." in shown.text
    assert "lamp 9" not in shown.text
    assert "does not open it" in shown.err
    assert "40 bytes" in shown.err
    assert "torn" in shown.err
    document = past.run("show", SESSION, "--json").document
    assert (document["state"], document["opens"]) == ("salvaged", False)
    (finding,) = document["findings"]
    assert "torn" in finding
    assert "40 bytes" not in past.run("show", SESSION, "--quiet").err


def test_many_findings_are_not_all_told(past: Past) -> None:
    past.take({PLACE: log(SESSION) + b"".join(b"x%d\n\n \n" % number for number in range(40))})
    told = past.run("show", SESSION).err.splitlines()
    assert len(told) == 12
    assert "more" in told[-1]


def test_a_file_without_a_chat_is_refused_with_the_way_out(past: Past) -> None:
    past.take({PLACE: b"not a chat\n"})
    shown = past.run("show", SESSION)
    assert shown.code == 1
    assert shown.out == b""
    assert f"chatcask log {SESSION}" in shown.err
    assert past.run("show", SESSION, "--format", "raw").out == b"not a chat\n"


def test_a_chat_that_is_gone_comes_from_the_last_snapshot_that_held_it(past: Past) -> None:
    other = "w1/chatSessions/aaaabbbb.jsonl"
    past.take({PLACE: log(SESSION, 1), other: log("aaaabbbb")})
    last = past.take({PLACE: log(SESSION, 2), other: log("aaaabbbb")})
    lacking = past.take({other: log("aaaabbbb")})
    past.take({other: log("aaaabbbb", 3)})
    shown = past.run("show", SESSION)
    assert shown.code == 0
    assert "lamp 2" in shown.text
    assert f"of snapshot {last.id[:12]}" in shown.err
    assert "no longer holds this chat" in shown.err
    assert past.run("show", "aaaabbbb").err == ""
    document = past.run("show", SESSION, "--json").document
    assert document["snapshot"] == last.id
    assert document["missing_since"] not in (None, last.id)
    absent = past.run("show", f"{SESSION}@{lacking.id[:12]}")
    assert absent.code == 15
    assert f"the newest snapshot that does is {last.id[:12]}" in absent.err


def test_a_named_snapshot_gives_that_version(past: Past) -> None:
    first = past.take({PLACE: log(SESSION, 1)})
    past.take({PLACE: log(SESSION, 2)})
    for at in (first.id[:10], "latest~1", "{now}~1"):
        shown = past.run("show", f"{SESSION[:6]}@{at}")
        assert shown.code == 0, shown.err
        assert ("lamp 1?" in shown.text, "lamp 2?" in shown.text) == (True, False)
    assert past.run("show", f"{SESSION}@{{2020-01-01}}").code == 15
    assert "lamp 2?" in past.run("show", f"{SESSION}@{{now}}").text


def test_titles_with_an_at_sign(past: Past) -> None:
    past.take(
        {PLACE: log(SESSION, 1, "Mail to ada@example.org"), "w1/chatSessions/bbbb.jsonl": log("bbbb", 2)}
    )
    assert "Mail to ada@example.org" in past.run("show", "mail to ada@example.org").text
    assert "Mail to ada@example.org" in past.run("show", "ada@example.org@latest").text
    missing = past.run("show", f"{SESSION}@nosuchtag")
    assert missing.code == 15
    assert "nosuchtag" in missing.err


def test_an_ambiguous_name_lists_the_candidates(past: Past) -> None:
    past.take({"w1/chatSessions/abcd1.jsonl": log("abcd1"), "w1/chatSessions/abcd2.jsonl": log("abcd2")})
    shown = past.run("show", "abcd")
    assert shown.code == 15
    assert "abcd1" in shown.err
    assert "abcd2" in shown.err


def test_writing_to_a_file(simple: Past) -> None:
    target = simple.folder / "lamps.html"
    shown = simple.run("show", SESSION, "-o", target)
    assert shown.code == 0
    assert target.read_bytes().startswith(b"<!DOCTYPE html>")
    again = simple.run("show", SESSION, "-o", target, "--format", "md")
    assert again.code == 2
    assert target.read_bytes().startswith(b"<!DOCTYPE html>")
    document = simple.run("show", SESSION, "-o", target, "--format", "md", "--overwrite", "--json").document
    assert (document["format"], document["bytes_written"]) == ("md", target.stat().st_size)
    assert target.read_bytes().startswith(b"# Lamps\n")


def test_the_output_may_not_lie_in_an_editors_folder(tmp_path: Path) -> None:
    console = Console(tmp_path)
    (console.editor / "User").mkdir(parents=True)
    shown = console.run("show", "whatever", "-o", console.editor / "User" / "chat.md")
    assert shown.code == 2
    assert list((console.editor / "User").iterdir()) == []


def _with_image(name: str) -> bytes:
    folder = "/home/ada/.config/Code/User/workspaceStorage/vscode-chat-images"
    reference = {"$mid": 1, "scheme": "file", "path": f"{folder}/{name}"}
    item = {
        "kind": "image",
        "name": "Pasted Image",
        "references": [{"kind": "reference", "reference": reference}],
    }
    return log(SESSION, [turn(1, variableData={"variables": [item]})])


def test_pasted_images_are_taken_from_the_snapshot(past: Past) -> None:
    past.take({PLACE: _with_image("image-17.png"), "vscode-chat-images/image-17.png": PIXEL})
    page = past.run("show", SESSION, "--format", "html").text
    assert f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}" in page


@pytest.mark.parametrize("name", ["image-18.png", "..", "../state.vscdb", "%2e%2e/x"])
def test_images_that_are_not_there_do_no_harm(past: Past, name: str) -> None:
    past.take({PLACE: _with_image(name), "vscode-chat-images/image-17.png": PIXEL})
    shown = past.run("show", SESSION, "--format", "html")
    assert shown.code == 0
    assert "data:image" not in shown.text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo terminals in Python")
def test_a_terminal_gets_a_rendered_chat(past: Past) -> None:
    fields = {
        "response": [
            {"kind": "thinking", "value": "Look it up."},
            {"value": "**So** [here](https://example.org/lamp)\n\n```python\nlamp = 3\n```\n\x1b]0;evil\x07"},
        ]
    }
    past.take({PLACE: log(SESSION, [turn(1, "How\x1b[2J bright?", **fields)])})
    plain = _on_terminal(past, "--color", "never")
    assert "\x1b" not in plain
    assert "1. Prompt" in plain
    assert "https://example.org/lamp" in plain
    assert "```" not in plain
    assert "<details>" not in plain
    colored = _on_terminal(past, "--color", "always")
    assert "\x1b[" in colored
    assert "\x1b]" not in colored
    assert "\x1b[2J" not in colored
    assert "lamp = 3" in re.sub(r"\x1b\[[0-9;]*m", "", colored)


def _on_terminal(past: Past, *options: str) -> str:
    import pty

    ours, theirs = pty.openpty()
    keep = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    roots = [str(Path(__file__).resolve().parents[2] / name) for name in ("store", "cli")]
    places = {"PYTHONPATH": os.pathsep.join(roots), "CHATCASK_CACHE": str(past.folder / "cache")}
    command = [sys.executable, "-m", "chatcask_cli", "show", SESSION, "--store", str(past.folder / "store")]
    process = subprocess.Popen(
        [*command, *options], stdin=theirs, stdout=theirs, env={**keep, **places, "TERM": "xterm-256color"}
    )
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # Linux says so when the other side is closed
        pass
    finally:
        os.close(ours)
        process.wait(timeout=60)
    assert process.returncode == 0
    return b"".join(pieces).decode()


def test_what_the_helper_writes_is_a_chat_of_the_editor() -> None:
    assert replay([log(SESSION, 2)]) == chat(SESSION, 2)
