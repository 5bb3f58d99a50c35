"""One question and answer as VS Code keeps it: prompt, tool calls, edits, prose and the metadata around them.

The pieces are JSON text, not objects: a folder of 900 MB is joined from them (facts: microsoft/vscode
chatModel.ts for the fields). What tools returned and what was said stands again in `result.metadata`, which
belongs to the extension; that repetition is a good part of why real sessions compress well.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from simulation.project import Project, SourceFile
from simulation.text import code, prose, terminal

_FLAGS = '"supportThemeIcons":false,"supportHtml":false'
_SLASH_COMMANDS = ",".join(
    f'{{"name":"{name}","description":"{text}","sampleRequest":"","when":"panelEnabled"}}'
    for name, text in (
        ("explain", "Explain how the code in your active editor works"),
        ("fix", "Propose a fix for the problems in the selected code"),
        ("tests", "Generate unit tests for the selected code"),
        ("setupTests", "Set up tests in your project (Experimental)"),
        ("clear", "Start a new chat and archive the current one"),
    )
)
_AGENT = (
    '"agent":{"extensionId":{"value":"GitHub.copilot-chat","_lower":"github.copilot-chat"},'
    '"extensionVersion":"0.55.0","publisherDisplayName":"GitHub","extensionPublisherId":"GitHub",'
    '"extensionDisplayName":"GitHub Copilot Chat","id":"github.copilot.editsAgent",'
    '"description":"Edit files in your workspace in agent mode","when":"config.chat.agent.enabled",'
    '"metadata":{"themeIcon":{"id":"tools"},"hasFollowups":false,"supportIssueReporting":false,'
    '"additionalWelcomeMessage":"If handling customer data, disable telemetry.","sampleRequest":""},'
    '"name":"agent","fullName":"GitHub Copilot","isDefault":true,"locations":["panel"],"modes":["agent"],'
    f'"slashCommands":[{_SLASH_COMMANDS}],"disambiguation":[]}}'
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn in pieces: fields set when it is asked, parts of the response, fields set when it ends."""

    opening: str
    parts: tuple[str, ...]
    closing: tuple[tuple[str, str], ...]
    started: int
    ended: int

    def whole(self) -> str:
        """Return the finished request as one JSON object."""
        fields = ",".join(f'"{key}":{value}' for key, value in self.closing)
        return f'{{{self.opening},"response":[{",".join(self.parts)}],{fields}}}'

    def entries(self, number: int) -> Iterator[str]:
        """Yield the log lines that add this turn as request `number`, as it streams in and then ends."""
        first = self.parts[0]
        yield (
            f'{{"kind":2,"k":["requests"],"v":[{{{self.opening},"response":[{first}],"modelState":{{"value":0}}}}]}}\n'
        )
        step = max(1, len(self.parts) // 4)
        for start in range(1, len(self.parts), step):
            # The last part seen so far is written again, because it had grown since.
            again = ",".join(self.parts[start - 1 : start + step])
            yield f'{{"kind":2,"k":["requests",{number},"response"],"v":[{again}],"i":{start - 1}}}\n'
        for key, value in self.closing:
            yield f'{{"kind":1,"k":["requests",{number},"{key}"],"v":{value}}}\n'


def make_uuid(rng: random.Random) -> str:
    """Return a random UUID of the kind VS Code makes."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def make_turn(rng: random.Random, project: Project, started: int, size: int) -> Turn:
    """Return a turn asked at `started` (milliseconds) that takes about `size` bytes as one object."""
    request, response = make_uuid(rng), make_uuid(rng)
    # Agent, ids and field names take 2.5 kB; prose stands twice, in the response and in the rounds.
    content = max(400, size - 2500)
    prompt = prose().text(rng, min(600, content // 20)).replace("\\n", " ")
    calls = [_tool_call(rng, project, content) for _ in range(max(1, min(40, content // 9000)))]
    share = max(120, content // (4 * (len(calls) + 1)))
    texts = [prose().text(rng, share) for _ in range(len(calls) + 1)]
    parts = [f'{{"kind":"thinking","id":"{make_uuid(rng)[:8]}","value":"{prose().text(rng, share // 3)}"}}']
    for text, call in zip(texts, calls, strict=False):
        parts += (f'{{"value":"{text}",{_FLAGS}}}', call.part)
        parts += call.edit
    parts.append(f'{{"value":"{texts[-1]}",{_FLAGS}}}')
    ended = started + 2000 + size // 8
    return Turn(
        _opening(rng, request, response, prompt, project, started),
        tuple(parts),
        _closing(rng, texts, calls, started, ended),
        started,
        ended,
    )


@dataclass(frozen=True, slots=True)
class _ToolCall:
    part: str
    edit: tuple[str, ...]
    call: str
    result: str


def _uri(path: str) -> str:
    return f'{{"$mid":1,"fsPath":"{path}","external":"file://{path}","path":"{path}","scheme":"file"}}'


def _tool_call(rng: random.Random, project: Project, content: int) -> _ToolCall:
    call_id = f"call_{rng.getrandbits(96):024x}"
    file = rng.choice(project.files)
    length = min(9000, content // 2)
    kind = rng.random()
    edit: tuple[str, ...] = ()
    if kind < 0.55:
        tool, said, result = "copilot_readFile", f"Reading {file.path}", file.excerpt(rng, length)
    elif kind < 0.75:
        tool, said, result = "run_in_terminal", "Running `pytest -q`", terminal().text(rng, length // 2)
    else:
        tool, said, result = "copilot_replaceString", f"Editing {file.path}", "The file was edited."
        edit = _edit(rng, file, max(2, min(60, length // 100)))
    part = (
        f'{{"kind":"toolInvocationSerialized","toolId":"{tool}","toolCallId":"{call_id}",'
        f'"invocationMessage":{{"value":"{said}",{_FLAGS}}},'
        f'"pastTenseMessage":{{"value":"{said}: done",{_FLAGS}}},'
        '"isConfirmed":{"type":1},"isComplete":true,"source":{"type":"internal","label":"Built-In"}}'
    )
    arguments = f'{{\\"filePath\\":\\"{file.path}\\",\\"startLine\\":{rng.randrange(1, 400)}}}'
    call = f'{{"name":"{tool}","arguments":"{arguments}","id":"{call_id}"}}'
    shown = f'"{call_id}":{{"$mid":20,"content":[{{"$mid":22,"value":"{result}"}}]}}'
    return _ToolCall(part, edit, call, shown)


def _edit(rng: random.Random, file: SourceFile, count: int) -> tuple[str, ...]:
    line, new = file.edit(rng, count)
    place = f'{{"startLineNumber":{line},"startColumn":1,"endLineNumber":{line + count},"endColumn":1}}'
    edits = f'[[{{"range":{place},"text":"{"".join(new)}"}}],[]]'
    stop = f'{{"kind":"undoStop","id":"{make_uuid(rng)}"}}'
    return stop, f'{{"kind":"textEditGroup","uri":{_uri(file.path)},"edits":{edits},"done":true}}'


def _opening(
    rng: random.Random, request: str, response: str, prompt: str, project: Project, started: int
) -> str:
    file = rng.choice(project.files)
    end = len(prompt)
    return (
        f'"requestId":"request_{request}","timestamp":{started},"message":{{"text":"{prompt}","parts":[{{"range":'
        f'{{"start":0,"endExclusive":{end}}},"editorRange":{{"startLineNumber":1,"startColumn":1,'
        f'"endLineNumber":1,"endColumn":{end + 1}}},"text":"{prompt}","kind":"text"}}]}},"variableData":'
        f'{{"variables":[{{"kind":"file","id":"{file.path}","name":"{file.path.rsplit("/", 1)[1]}",'
        f'"value":{_uri(file.path)}}}]}},{_AGENT},"modelId":"copilot/example-model","modeInfo":{{"kind":"agent",'
        f'"isBuiltin":true,"telemetryModeId":"agent"}},"responseId":"response_{response}",'
        f'"responseTimestamp":{started + 900},"responseMarkdownInfo":[],"followups":[],'
        f'"codeCitations":[],"timeSpentWaiting":{started + 900}'
    )


def _closing(
    rng: random.Random, texts: list[str], calls: list[_ToolCall], started: int, ended: int
) -> tuple[tuple[str, str], ...]:
    rounds = ",".join(
        f'{{"response":"{text}","toolCalls":[{call.call}],"toolInputRetry":0,"id":"{make_uuid(rng)}"}}'
        for text, call in zip(texts, calls, strict=False)
    )
    results = ",".join(call.result for call in calls)
    metadata = (
        f'{{"codeBlocks":[{{"code":"{code().text(rng, 200)}","language":"python"}}],'
        f'"toolCallRounds":[{rounds}],'
        f'"toolCallResults":{{{results}}},"cacheKey":"{make_uuid(rng)}","modelMessageId":"{make_uuid(rng)}"}}'
    )
    elapsed = ended - started
    return (
        ("contentReferences", "[]"),
        ("result", f'{{"timings":{{"firstProgress":900,"totalElapsed":{elapsed}}},"metadata":{metadata}}}'),
        ("promptTokens", str(rng.randrange(4_000, 90_000))),
        ("completionTokens", str(sum(map(len, texts)) // 4)),
        ("elapsedMs", str(elapsed)),
        ("modelState", f'{{"value":1,"completedAt":{ended}}}'),
    )
