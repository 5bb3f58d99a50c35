"""Made-up transcripts, as the Copilot extension writes them."""

from __future__ import annotations

import json
from typing import Any

from chatcask.chats.jsontext import Json

_START = "2026-08-19T05:{:02}:00.000Z"


def event(kind: str, minute: int = 0, **data: Json) -> bytes:
    """Return one event as a line."""
    whole: dict[str, Any] = {"type": kind, "data": data, "id": f"{kind}-{minute}", "parentId": None}
    return json.dumps({**whole, "timestamp": _START.format(minute)}).encode() + b"\n"


def transcript(*prompts: str) -> bytes:
    """Return a transcript in which each prompt is answered after a look into a file."""
    lines = [event("session.start", version=1, producer="copilot-agent", startTime=_START.format(0))]
    for number, prompt in enumerate(prompts, start=1):
        call = {"toolCallId": f"call_{number}", "name": "read_file"}
        arguments = {"filePath": "/boats/stock.csv"}
        as_text = json.dumps(arguments, separators=(",", ":"))
        lines += [
            event("user.message", number, content=prompt, attachments=[]),
            event("assistant.turn_start", number, turnId="0"),
            event("assistant.message", number, content="", reasoningText="Small file.",
                  toolRequests=[{**call, "arguments": as_text, "type": "function"}]),
            event("tool.execution_start", number, toolCallId=f"call_{number}", toolName="read_file",
                  arguments=arguments),
            event("tool.execution_complete", number, toolCallId=f"call_{number}", success=True,
                  result={"content": "oar,7"}),
            event("assistant.message", number, content=f"Answer {number}.", toolRequests=[]),
            event("assistant.turn_end", number, turnId="0"),
        ]  # fmt: skip
    return b"".join(lines)
