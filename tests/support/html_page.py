"""Reads an HTML page as a browser would find it: its text, and everything in it that could act or load."""

from __future__ import annotations

from html.parser import HTMLParser

LINK_SCHEMES = ("http://", "https://", "mailto:")
IMAGE_TYPES = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
)
KNOWN_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "a",
        "blockquote",
        "code",
        "pre",
        "span",
        "div",
        "details",
        "summary",
        "strong",
        "em",
        "s",
        "ul",
        "ol",
        "li",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "img",
    ]
)
KNOWN_ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "id",
        "class",
        "href",
        "title",
        "rel",
        "start",
        "alt",
        "src",
    ]
)


class Page(HTMLParser):
    """The parsed page; `offences` must stay empty."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.offences: list[str] = []
        self.images: list[str] = []
        self.folded: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN_TAGS:
            self.offences.append(f"<{tag}>")
        for name, value in attrs:
            self._judge(tag, name, value or "")
        if tag == "img":
            self.images.append(dict(attrs).get("src") or "")
        if tag not in ("meta", "br", "hr", "img"):
            self._open.append(tag)

    def _judge(self, tag: str, name: str, value: str) -> None:
        if name not in KNOWN_ATTRIBUTES:
            self.offences.append(f"{tag} {name}={value!r}")
        if name == "href" and (tag != "a" or not value.lower().startswith(LINK_SCHEMES)):
            self.offences.append(f"{tag} {name}={value!r}")
        if name == "src" and (tag != "img" or not value.startswith(IMAGE_TYPES)):
            self.offences.append(f"{tag} {name}={value!r}")
        if name == "http-equiv" and value != "Content-Security-Policy":
            self.offences.append(f"{tag} {name}={value!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.offences.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.pieces.append(data)
        if "details" in self._open:
            self.folded.append(data)

    def handle_comment(self, data: str) -> None:
        self.offences.append(f"comment {data!r}")

    def handle_pi(self, data: str) -> None:
        self.offences.append(f"instruction {data!r}")

    def close(self) -> None:
        super().close()
        if self._open:
            self.offences.append(f"left open: {self._open}")
