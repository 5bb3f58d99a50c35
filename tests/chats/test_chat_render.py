"""Proves that every readable form shows all of a chat, and that a page made of hostile text does nothing."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatcask.advice import Advice, AdviceCode
from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.assistants.vscode.reading.log import replay
from chatcask.assistants.vscode.reading.parse import parse_chat
from chatcask.chats.model import Chat
from chatcask.chats.render import FORMATS, renderer
from chatcask.chats.render.text import clean, close_fences, code_span, fenced, utc_time
from chatcask.errors import ChatcaskError, InvalidInputError
from support.chat_strategies import EXAMPLE_ID, EXAMPLES, GENUINE, chat, request
from support.effort import effort
from support.html_page import Page

GENUINE_FILES = sorted(GENUINE.rglob("*hatSessions/*.jsonl"))
SHOWN_FILES = [*GENUINE_FILES, EXAMPLES / f"{EXAMPLE_ID}.json"]
HOSTILE = (
    "<script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "<svg onload=\"document.title='pwned'\"></svg>",
    "[go](javascript:document.title='pwned')",
    "[go](JaVaScRiPt&colon;alert(1)) <javascript:alert(1)>",
    "[go](data:text/html;base64,PHNjcmlwdD4=) ![x](https://example.org/pixel.png)",
    "![x](javascript:alert(1)) [x]: https://example.org 'a\" onclick=\"x'",
    "</title></style></summary></details></main><iframe src=//example.org></iframe>",
    "```html\" onmouseover=\"x\n</code></pre><script>document.title='pwned'</script>",
    "<!-- <base href=//example.org> --> <?php ?> <![CDATA[ x ]]>",
    "| a |\n|:-:|\n| <b onclick=x>c</b> |\n",
    "&lt;script&gt; &#x3c;script&#x3e; \x00<scr\x00ipt> \ud800 \x1b[31m",
    "<meta http-equiv=refresh content='0;url=https://example.org'><link rel=stylesheet href=//example.org>",
    '"><form action=https://example.org><input autofocus onfocus="document.title=\'pwned\'">',
)


def shown(session: Chat, name: str) -> str:
    return "".join(renderer(name)(session))


def session_of(value: dict[str, Any]) -> Chat:
    return build_chat(value, "ada-1")


def texts_to_see(raw: dict[str, Any]) -> Iterator[str]:
    """Every text of a stored chat that a person saw in the editor, found without the code under test."""
    for turn in raw["requests"]:
        yield turn["message"]["text"]
        yield from (item["name"] for item in turn["variableData"]["variables"])
        for item in turn["response"]:
            yield from TEXTS_OF_KIND[item.get("kind")](item)
        for item in turn["contentReferences"]:
            target = item["reference"].get("uri", item["reference"])
            yield target["path"]
        if turn["modelState"]["value"] == 2:
            yield "Cancelled"
        error = turn.get("result", {}).get("errorDetails")
        if error:
            yield from ("Failed", error["message"])


def _labels(node: dict[str, Any]) -> Iterator[str]:
    yield node["label"]
    for child in node.get("children", []):
        yield from _labels(child)


def _tool(item: dict[str, Any]) -> list[str]:
    command = item.get("toolSpecificData", {}).get("commandLine", {})
    return [item["toolId"], item["pastTenseMessage"]["value"], *command.values()]


def _edits(item: dict[str, Any]) -> list[str]:
    return [
        item["uri"]["path"].rsplit("/", 1)[1],
        *(edit["text"] for group in item["edits"] for edit in group),
    ]


# A kind that is not named here fails the test: somebody has to say what of it must be seen.
TEXTS_OF_KIND: dict[str | None, Callable[[dict[str, Any]], Iterable[str]]] = {
    None: lambda item: [item["value"]],
    "thinking": lambda item: [item["value"]],
    "toolInvocationSerialized": _tool,
    "textEditGroup": _edits,
    "codeblockUri": lambda item: [item["uri"]["external"]],
    "inlineReference": lambda item: [item["name"]],
    "command": lambda item: [item["command"]["title"]],
    "warning": lambda item: [item["content"]["value"]],
    "progressMessage": lambda item: [item["content"]["value"]],
    "treeData": lambda item: _labels(item["treeData"]),
    "undoStop": lambda item: [],
    "mcpServersStarting": lambda item: [],
}


def words_only(text: str) -> str:
    """Text without the marks of Markdown and without regard to spaces."""
    return re.sub(r"[\s*`>]+", "", re.sub(r"^```\w*$", "", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["html", "md", "json", "jsonl", "yaml", "csv"])
@pytest.mark.parametrize("path", SHOWN_FILES, ids=lambda path: path.name[:8] + path.suffix)
def test_all_that_the_editor_showed_is_shown(path: Path, name: str) -> None:
    data = path.read_bytes()
    raw = replay([data]) if path.suffix == ".jsonl" else json.loads(data)
    found = parse_chat(data, path.name)
    assert found.chat is not None
    document = shown(found.chat, name)
    plain = words_only(_plain(document, name))
    expected = [text for text in texts_to_see(raw) if words_only(text)]
    assert len(expected) >= 3 * len(raw["requests"])
    for text in expected:
        assert words_only(text) in plain


def _plain(document: str, name: str) -> str:
    if name == "html":
        return Page(document).text
    if name == "md":
        return html.unescape(document)
    if name in ("json", "jsonl"):
        return "".join(_strings([json.loads(line) for line in _documents(document, name)]))
    if name == "yaml":
        return "".join(_strings(list(yaml.safe_load_all(document))))
    return "".join("".join(row) for row in csv.reader(io.StringIO(document, newline="")))


def _documents(document: str, name: str) -> list[str]:
    return [document] if name == "json" else document.splitlines()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_the_genuine_folder_has_what_the_test_above_looks_for() -> None:
    kinds, states = set(), set()
    for path in GENUINE_FILES:
        for turn in replay([path.read_bytes()])["requests"]:
            kinds |= {item.get("kind") for item in turn["response"]}
            states.add(turn["modelState"]["value"])
    assert len(GENUINE_FILES) == 5
    assert {None, "thinking", "textEditGroup", "inlineReference", "treeData", "command", "warning"} <= kinds
    assert states == {1, 2, 3}


def hostile_chat(texts: tuple[str, ...] | list[str]) -> dict[str, Any]:
    value = chat(0, title=" ".join(texts))
    for text in texts:
        value["requests"].append(
            {
                **request(1, prompt=text, answer=text),
                "requestId": text,
                "modelId": text,
                "slashCommand": {"name": text},
                "agent": {"name": text},
                "variableData": {
                    "variables": [
                        {"kind": "file", "name": text, "value": {"external": text}},
                        {"kind": "image", "name": text, "mimeType": text, "value": {"$base64": text}},
                    ]
                },
                "result": {"errorDetails": {"message": text}},
                "response": [
                    {"value": text},
                    {"kind": "inlineReference", "name": text, "inlineReference": {"external": text}},
                    {"kind": "thinking", "value": text, "generatedTitle": text},
                    {"kind": "toolInvocationSerialized", "toolId": text, "invocationMessage": text},
                    {"kind": "textEditGroup", "uri": {"external": text}, "edits": [[{"text": text}]]},
                    {"kind": "codeblockUri", "uri": {"external": text}},
                    {"kind": "command", "command": {"id": text, "title": text}},
                    {"kind": "warning", "content": text},
                    {"kind": "treeData", "treeData": {"label": text}},
                    {"kind": text, "value": text},
                ],
            }
        )
    value.update(
        sessionId=HOSTILE[0],
        responderUsername=HOSTILE[1],
        inputState={"inputText": texts[0] if texts else ""},
    )
    return value


def test_hostile_text_stays_text() -> None:
    page = Page(shown(session_of(hostile_chat(HOSTILE)), "html"))
    assert page.offences == []
    assert page.images == []
    seen = "".join(page.text.split())
    for text in HOSTILE[:3]:
        assert seen.count("".join(text.split())) >= 8


@effort(0.6)
@given(
    st.lists(
        st.lists(
            st.sampled_from(HOSTILE)
            | st.text(max_size=12)
            | st.sampled_from(list("<>\"'`&[]()!\n|:=/ ~#*_-")),
            max_size=6,
        ).map("".join),
        min_size=1,
        max_size=2,
    )
)
def test_no_text_becomes_active(texts: list[str]) -> None:
    assert Page(shown(session_of(hostile_chat(texts)), "html")).offences == []


def test_the_judge_of_pages_sees_offences() -> None:
    for bad in (
        "<script></script>",
        "<p onclick=x></p>",
        "<a href='javascript:x'></a>",
        "<img src=http://x>",
        "<p>",
    ):
        assert Page(bad).offences


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_a_browser_runs_nothing_of_a_hostile_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    body = shown(session_of(hostile_chat(HOSTILE)), "html")
    page.write_text(body, "utf-8")
    assert "pwned" not in _title_in_browser(page, tmp_path)
    # The browser does run scripts: a script of ours without the policy changes the title.
    scripted = body.replace("</body>", "<script>document.title='pwned'</script></body>")
    active = re.sub(r"<meta http-equiv=[^>]*>", "", scripted)
    page.write_text(active, "utf-8")
    assert _title_in_browser(page, tmp_path) == "pwned"
    # And the policy alone would stop it.
    page.write_text(scripted, "utf-8")
    assert _title_in_browser(page, tmp_path) != "pwned"


def _title_in_browser(page: Path, folder: Path) -> str:
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=100, check=True)
    found = re.search(r"<title>(.*?)</title>", done.stdout.decode(errors="replace"), re.DOTALL)
    assert found is not None
    return html.unescape(found[1]).replace("document.title='pwned'", "")


def test_images_are_inlined_by_their_bytes_and_nothing_else_is() -> None:
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n rest").decode()
    svg = base64.b64encode(b"<svg onload=x>").decode()
    variables = [
        {"kind": "image", "name": "beam", "mimeType": "image/svg+xml", "value": {"$base64": png}},
        {"kind": "image", "name": "svg", "mimeType": "image/png", "value": {"$base64": svg}},
        {"kind": "image", "name": "torn", "value": {"$base64": "%%%"}},
    ]
    value = {**chat(0), "requests": [{**request(1), "variableData": {"variables": variables}}]}
    page = Page(shown(session_of(value), "html"))
    assert page.images == [f"data:image/png;base64,{png}"]
    assert page.offences == []


def test_thinking_and_tools_are_folded_and_links_kept() -> None:
    value = chat(1)
    value["requests"][0]["response"] = [
        {"kind": "thinking", "value": "deep thought"},
        {
            "kind": "toolInvocationSerialized",
            "toolId": "grep",
            "resultDetails": {"input": "lamp", "output": "found"},
        },
        {"value": "See [the list](https://example.org/lamps)."},
    ]
    document = shown(session_of(value), "html")
    page = Page(document)
    assert {"deep thought", "Thinking"} <= {piece.strip() for piece in page.folded}
    assert "Input:\nlamp\nOutput:\nfound" in "".join(page.folded)
    assert 'href="https://example.org/lamps"' in document
    assert page.offences == []


@pytest.mark.parametrize("name", ["html", "md", "json"])
def test_pasted_text_is_shown(name: str) -> None:
    variables = [{"kind": "paste", "name": "notes", "value": "fuel </details>\n```\nlow"}]
    value = {**chat(0), "requests": [{**request(1), "variableData": {"variables": variables}}]}
    document = shown(session_of(value), name)
    assert words_only("fuel </details>\n```\nlow") in words_only(_plain(document, name))
    if name == "html":
        assert Page(document).offences == []


def test_a_cut_off_code_block_does_not_swallow_the_next_turn() -> None:
    value = chat(2)
    value["requests"][0]["response"] = [{"value": "Look:\n```python\nprint(1)"}]
    markdown = shown(session_of(value), "md")
    assert "print(1)\n```\n" in markdown
    assert close_fences(markdown) == markdown
    value["requests"][0]["response"] = [{"value": "<!-- open\n```\n<!-- code\n```"}]
    markdown = shown(session_of(value), "md")
    assert "\n\\<!-- open\n```\n<!-- code\n```" in markdown


def test_yaml_has_one_document_a_message_with_literal_text() -> None:
    value = chat(2)
    value["requests"][0]["message"]["text"] = "two\nlines"
    document = shown(session_of(value), "yaml")
    assert "content: |-\n  two\n  lines\n" in document
    loaded = list(yaml.safe_load_all(document))
    assert [item["role"] for item in loaded] == ["user", "assistant"] * 2
    assert loaded[0]["timestamp"] == "2026-06-01T08:01:00Z"
    assert loaded[0]["metadata"]["turn"] == 1


@given(st.text(alphabet="ab \t\n#-:|>'\"é", max_size=30))
def test_yaml_gives_back_the_text(text: str) -> None:
    value = {**chat(0), "requests": [request(1, prompt=text + "x")]}
    document = shown(session_of(value), "yaml")
    assert next(yaml.safe_load_all(document))["content"] == text + "x"
    assert document.startswith("---\nrole: user\ncontent: |")


def test_json_lines_has_one_turn_a_line() -> None:
    lines = shown(session_of(chat(3)), "jsonl").splitlines()
    assert [json.loads(line)["turn"] for line in lines] == [1, 2, 3]
    value = chat(1)
    value["requests"][0]["response"].append({"kind": "brandNew", "deep": {"er": [1]}})
    whole = json.loads(shown(session_of(value), "json"))
    assert whole["turns"][0]["unknown_parts"] == [{"kind": "brandNew", "deep": {"er": [1]}}]


def test_csv_has_one_row_a_message() -> None:
    rows = list(csv.DictReader(io.StringIO(shown(session_of(chat(2)), "csv"), newline="")))
    assert [(row["turn"], row["role"]) for row in rows] == [
        ("1", "user"),
        ("1", "assistant"),
        ("2", "user"),
        ("2", "assistant"),
    ]
    assert rows[0]["content"] == "How bright is lamp 1?"


def test_formats_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(FORMATS) == {"md", "html", "json", "jsonl", "yaml", "csv"}
    with pytest.raises(InvalidInputError):
        renderer("pdf")

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name="markdown_it")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(ChatcaskError, match="markdown_it") as caught:
        renderer("html")
    assert caught.value.advice == Advice(AdviceCode.INSTALL_EXTRA, extra="render")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_780_300_805_250, "2026-06-01T08:00:05.250Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (10**30, None),
        (None, None),
    ],
)
def test_times(milliseconds: int | None, text: str | None) -> None:
    assert utc_time(milliseconds) == text


@given(st.text(alphabet="`a \n", max_size=20))
def test_code_cannot_leave_its_fence(text: str) -> None:
    block = fenced(text)
    fence = block[: len(block) - len(block.lstrip("`"))]
    assert fence not in block[len(fence) : -len(fence)]
    assert close_fences(block) == block
    assert "\n" not in code_span(text)


def test_control_characters_become_symbols() -> None:
    assert clean("a\x1b[31m\r\nb\x00\x07\x9b\ud800\t") == "a\u241b[31m\nb\u2400\u2407\ufffd\ufffd\t"
