"""Documents that cannot rot: the reference is what the code says, every command is told of."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from chatcask import documents
from chatcask_cli.shell.app import COMMANDS, load_command
from chatcask_cli.shell.exit_codes import ExitCode, exit_code_of

PROJECT = Path(__file__).parent.parent.parent


def test_the_command_reference_is_current() -> None:
    made = runpy.run_path(str(PROJECT / "docs" / "make_cli_reference.py"))["reference"]()
    current = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert current == made, "run: python docs/make_cli_reference.py"


def test_the_reference_lists_every_document() -> None:
    listed = runpy.run_path(str(PROJECT / "docs" / "make_cli_reference.py"))["DOCUMENTS"]
    assert {*listed, "cat", "wait"} == set(COMMANDS)
    names = {kind.__name__ for kinds in listed.values() for kind in kinds}
    assert names | {"ErrorDocument"} == {kind.__name__ for kind in documents.Document.__subclasses__()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_for_itself_and_each_option(name: str) -> None:
    command = load_command(name)
    assert command.help
    for parameter in command.params:
        assert parameter.help or parameter.name == "help", f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name: str) -> None:
    assert f"chatcask {name}" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_every_error_kind_of_the_library_has_a_documented_code() -> None:
    from chatcask import errors

    kinds = {
        value.kind for value in vars(errors).values() if isinstance(value, type) and hasattr(value, "kind")
    }
    assert len(kinds) >= 12
    for kind in kinds:
        assert exit_code_of(kind) in ExitCode
    assert exit_code_of("editor_running") == 13
    assert exit_code_of("damaged") == 14
    assert exit_code_of("no_store") == 10


def test_links_between_documents_lead_somewhere() -> None:
    import re

    for page in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_prose_is_wrapped_at_100() -> None:
    made = runpy.run_path(str(PROJECT / "docs" / "wrap_prose.py"))
    for page in made["documents"]():
        text = page.read_text(encoding="utf-8")
        assert text == made["wrapped"](text), f"{page.name}: run python docs/wrap_prose.py"


def test_the_page_of_the_config_file_is_current() -> None:
    made = runpy.run_path(str(PROJECT / "docs" / "make_config_reference.py"))["reference"]()
    current = (PROJECT / "docs" / "config.md").read_text(encoding="utf-8")
    assert current == made, "run: python docs/make_config_reference.py"
