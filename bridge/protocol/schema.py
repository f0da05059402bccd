"""The wire protocol for other programs: JSON Schema, and TypeScript types for the pages.

Both are derived from the structs, so they cannot say anything else. The
TypeScript file is kept in ``web/static/js/protocol.d.ts`` and a test fails
when it is not what this module would write.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec
from msgspec import inspect

from bridge.protocol import messages, technician_view, views

__all__ = ["json_schema", "typescript"]

VIEWS: tuple[type[msgspec.Struct], ...] = (
    views.HostView,
    views.DelegateView,
    views.ModeratorView,
    technician_view.TechnicianView,
    views.StageView,
)

SCALARS: dict[type[inspect.Type], str] = {
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
    inspect.AnyType: "unknown",
}


def json_schema() -> dict[str, Any]:
    """Return JSON Schema 2020-12 with client messages, server messages and views."""
    types: list[Any] = [messages.ClientMessage, messages.ServerMessage, *VIEWS]
    (client, server, *view_schemas), components = msgspec.json.schema_components(
        types, ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Điểm Cầu websocket protocol",
        "properties": {
            "client": client,
            "server": server,
            **{view.__name__: schema for view, schema in zip(VIEWS, view_schemas, strict=True)},
        },
        "$defs": components,
    }


def typescript() -> str:
    """Return a ``.d.ts`` module with one exported type per struct."""
    types: list[Any] = [messages.ClientCommand, messages.ClientMessage, messages.ServerMessage]
    writer = _Writer()
    unions = [
        f"export type {name} = {writer.of(inspect.type_info(kind))};\n"
        for name, kind in zip(
            ("ClientCommand", "ClientMessage", "ServerMessage"), types, strict=True
        )
    ]
    for view in VIEWS:
        writer.of(inspect.type_info(view))
    parts = [f"{writer.declared[name]}\n" for name in sorted(writer.declared)]
    head = "// Written by `diemcau schema --typescript`; do not edit.\n\n"
    return head + "\n".join([*parts, *unions])


class _Writer:
    """Turns msgspec's description of types into TypeScript, remembering declarations."""

    def __init__(self) -> None:
        self.declared: dict[str, str] = {}

    def of(self, info: inspect.Type) -> str:
        """Return the TypeScript expression for one type."""
        if isinstance(info, inspect.StructType):
            return self._struct(info)
        if isinstance(info, inspect.EnumType):
            return self._enum(info.cls)
        if isinstance(info, inspect.UnionType):
            return " | ".join(self.of(member) for member in info.types)
        if isinstance(info, inspect.ListType):
            return f"Array<{self.of(info.item_type)}>"
        if isinstance(info, inspect.DictType):
            return f"Record<string, {self.of(info.value_type)}>"
        return SCALARS[type(info)]

    def _struct(self, info: inspect.StructType) -> str:
        name = info.cls.__name__
        if name not in self.declared:
            self.declared[name] = ""  # a placeholder, so that recursion ends
            lines = [f"  {info.tag_field}: {info.tag!r};".replace("'", '"')] if info.tag else []
            lines += [self._field(field) for field in info.fields]
            self.declared[name] = "\n".join([f"export interface {name} {{", *lines, "}"])
        return name

    def _field(self, field: inspect.Field) -> str:
        kind = field.type
        optional = not field.required
        if isinstance(kind, inspect.UnionType) and any(
            isinstance(member, inspect.NoneType) for member in kind.types
        ):
            optional = True  # a merge patch removes what is null
        return f"  {field.encode_name}{'?' if optional else ''}: {self.of(kind)};"

    def _enum(self, kind: type[enum.Enum]) -> str:
        name = kind.__name__
        if name not in self.declared:
            values = " | ".join(f'"{member.value}"' for member in kind)
            self.declared[name] = f"export type {name} = {values};"
        return name
