"""The published schema is that of the code."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bridge.protocol import messages, schema

TYPES = Path(__file__).parents[2] / "web" / "static" / "js" / "protocol.d.ts"


def test_the_pages_have_the_present_types() -> None:
    text = TYPES.read_text(encoding="utf-8")
    assert text == schema.typescript(), "run: diemcau schema --typescript > " + TYPES.name


def test_json_schema_names_every_message_and_view() -> None:
    document = schema.json_schema()
    definitions = document["$defs"]
    for name in ("RequestFloor", "Hello", "View", "Patch", "Links", "HostView", "ModeratorView"):
        assert name in definitions
    assert "MarkLive" not in definitions  # a page may not send it
    assert set(document["properties"]) >= {"client", "server", "HostView"}


def test_an_unknown_kind_of_type_is_not_passed_over() -> None:
    class Odd(msgspec.Struct):
        when: tuple[int, str]

    writer = schema._Writer()
    with pytest.raises(KeyError):
        writer.of(msgspec.inspect.type_info(Odd))
    assert writer.of(msgspec.inspect.type_info(messages.Status)) == "Status"
