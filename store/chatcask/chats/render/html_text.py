"""Markdown and code to HTML without any active content, and the style of the page."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from pygments import highlight as pygments_highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

MAX_HIGHLIGHTED = 100_000
"""Longer code is shown without colours, which would take seconds."""

MAX_MARKDOWN = 500_000
"""Longer text is shown as it is."""

_LINK_SCHEMES = frozenset({"http", "https", "mailto"})

_STYLE = """
:root { color-scheme: light dark; --edge: #d0d7de; --soft: #f6f8fa; --faint: #59636e; --bad: #b42318; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 52rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid var(--edge); margin-top: 2rem; }
pre { background: var(--soft); border: 1px solid var(--edge); border-radius: 6px; }
pre { padding: .7rem; overflow-x: auto; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--edge); padding: .2rem .6rem; }
img { max-width: 100%; }
.prompt { white-space: pre-wrap; overflow-wrap: anywhere; }
.prompt { border-left: 4px solid var(--edge); margin: 0; padding: .2rem 1rem; }
.answer { overflow-wrap: anywhere; }
.fact, .attachment, .progress, .file { color: var(--faint); margin: .2rem 0; }
.error, .warning { color: var(--bad); }
details { border: 1px solid var(--edge); border-radius: 6px; margin: .5rem 0; padding: .2rem .7rem; }
summary { cursor: pointer; color: var(--faint); }
@media (prefers-color-scheme: dark) {
:root { --edge: #3d444d; --soft: #161b22; --faint: #9198a1; --bad: #ff7b72; }
body { background: #0d1117; color: #e6edf3; } a { color: #4493f8; }
}
"""


@cache
def page_style() -> str:
    """Return the style sheet, with the colours of code for light and for dark."""
    light, dark = (_code_colours(name) for name in ("default", "github-dark"))
    return f"{_STYLE}\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _code_colours(style: str) -> str:
    formatter = HtmlFormatter(style=style, nobackground=True)
    return str(formatter.get_style_defs(".code"))  # type: ignore[no-untyped-call]


def highlight(code: str, language: str) -> str:
    """Return code as a block, in colours if the language is known."""
    inner = _coloured(code, language) if language and len(code) <= MAX_HIGHLIGHTED else None
    return f'<pre class="code"><code>{escape(code) if inner is None else inner}</code></pre>'


def _coloured(code: str, language: str) -> str | None:
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    return pygments_highlight(code, lexer, HtmlFormatter(nowrap=True))


def markdown_to_html(text: str) -> str:
    """Return Markdown text as HTML; HTML in it is shown as text, images become links."""
    if len(text) > MAX_MARKDOWN:
        return f"<pre>{escape(text)}</pre>"
    return str(_reader().render(text))


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "highlight": _highlight_block})
    reader.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
    reader.validateLink = _is_plain_link  # type: ignore[method-assign]
    reader.core.ruler.push("harmless_attributes", lambda state: _make_harmless(state.tokens))
    return reader


def _highlight_block(code: str, language: str, _attributes: str) -> str:
    return highlight(code, language)


def _is_plain_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _LINK_SCHEMES
    except ValueError:
        return False


def _make_harmless(tokens: Sequence[Token]) -> None:
    """Take away attributes that the page's policy forbids, and keep links from telling where they stand."""
    for token in tokens:
        token.attrs.pop("style", None)
        if token.type == "link_open":
            token.attrSet("rel", "noopener noreferrer nofollow")
        _make_harmless(token.children or ())
