"""What `workspace.json` says: which folder, or which file of several folders, a workspace is for."""

from __future__ import annotations

import json


def folder_uri(data: bytes) -> str:
    """Return the URI that a `workspace.json` names; "" if it names none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    uri = document.get("folder") or document.get("workspace")
    return uri if isinstance(uri, str) else ""
