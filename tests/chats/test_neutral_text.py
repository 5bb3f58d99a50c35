"""Markdown and CSV made of hostile chats: no raw HTML, no image, no formula, and code as it was."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatcask.assistants.vscode.reading.build import build_chat
from chatcask.chats.model import Chat
from chatcask.chats.render import CSV_RAW, renderer
from chatcask.chats.render.csv_ import render as render_csv
from chatcask.chats.render.neutral import neutral_markdown
from support.chat_strategies import chat
from support.effort import effort

_READERS = (MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}))
_PIECES = [
    "`", "``", "```", "~~~", "```html", "   ```", "    ```", "\n", "\n\n", "- ", "1. ", "> ", "# ",
    "    ", "| ", "|-|\n", "\t", "\\", "<img src=x onerror=y>", "<b>", "</b>", "<!-- ", "-->", "<?x ?>",
    "<!DOCTYPE x>", "<![CDATA[", "![x](http://e.org/p.png)", "![x][r]", "![r]",
    "\n[r]: http://e.org/p.png\n", "[![x](http://e.org/p.png)](http://e.org)", "!", "[",
    "](http://e.org)", "a", " ", "<script>", "</script>", "<https://e.org>", "&lt;", "*", "_",
]  # fmt: skip


def _chat(text: str) -> Chat:
    value = chat(1)
    value["customTitle"] = text
    value["requests"][0]["message"]["text"] = text
    return build_chat(value, text)


def _active(text: str) -> list[str]:
    tokens = [token for reader in _READERS for token in reader.parse(text)]
    tokens += [inner for token in tokens for inner in token.children or []]
    return [f"{t.type}: {t.content}" for t in tokens if t.type in {"html_block", "html_inline", "image"}]


@effort(5)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@example("a ` b\nc ` <img src=x> ` d")
@example("# ` a\n <img src=x>` b")
@example("1. x\n   ```\n<img src=x>\n")
@example("| ` | <img src=x> ` |\n|-|-|\n| ` | <img src=x> ` |")
@example("\\<img src=x>")
@example("\\\\<img src=x>")
@example("a\n    ```\n    <img src=x>")
def test_no_reader_finds_a_tag_or_an_image(text: str) -> None:
    assert _active(neutral_markdown(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "plain <3 text, a < b and c > d",
        "see <https://example.org/a> and [a link](https://example.org)",
        "```html\n<b>bold</b> ![x](y)\n```",
        "- list\n\n  ```html\n  <b>bold</b>\n  ```",
        "use `<div>` and ``a ` <b>`` here",
        "a `![x](y)` b",
    ],
)
def test_what_is_harmless_stays(text: str) -> None:
    assert neutral_markdown(text) == text


def test_text_stays_readable() -> None:
    shown = MarkdownIt("commonmark").render(neutral_markdown("<b>x</b> ![lamp](http://e.org/p.png)"))
    assert shown == '<p>&lt;b&gt;x&lt;/b&gt; !<a href="http://e.org/p.png">lamp</a></p>\n'


@given(st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"]), st.text(max_size=10))
def test_no_cell_of_csv_is_a_formula(begin: str, rest: str) -> None:
    chat = _chat(f"{begin}{rest}")
    cells = [cell for row in csv.reader(io.StringIO("".join(render_csv(chat)), newline="")) for cell in row]
    assert not [cell for cell in cells if re.match(r"[=+@\-\t\r\n\uff1d]", cell)]


def test_raw_csv_has_the_cells_as_they_are() -> None:
    chat = _chat("=HYPERLINK(1)")
    raw = list(csv.reader(io.StringIO("".join(renderer(CSV_RAW)(chat)), newline="")))
    guarded = list(csv.reader(io.StringIO("".join(renderer("csv")(chat)), newline="")))
    assert "=HYPERLINK(1)" in raw[1]
    assert "'=HYPERLINK(1)" in guarded[1]
