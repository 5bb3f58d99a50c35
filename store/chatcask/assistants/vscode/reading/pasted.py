"""Images that were pasted into a prompt: the editor keeps them as files beside the chats for a week."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from chatcask.assistants.vscode.places.snapshot_paths import IMAGE_FOLDER, image_file
from chatcask.chats.fields import array_at, base_name, uri_text, value_at

if TYPE_CHECKING:
    from chatcask.chats.jsontext import Json
    from chatcask.chats.model import Attachment


def image_path(item: Attachment) -> str:
    """Return where, below the source, the pasted image is that an attachment refers to; "" for none."""
    uris = [item.uri, *(_reference(row) for row in array_at(item.raw, "references"))]
    for uri in uris:
        folder, _, name = unquote(uri or "").replace("\\", "/").rpartition("/")
        if name and base_name(folder) == IMAGE_FOLDER:
            return image_file(name)
    return ""


def _reference(row: Json) -> str | None:
    reference = value_at(row, "reference")
    return uri_text(reference) or uri_text(value_at(reference, "uri"))
