"""JSON Merge Patch (RFC 7396): apply and difference, on decoded JSON values.

A merge patch cannot set a member to ``null``, because null means removal. The
views therefore send an absent optional member as removed, which a page reads
as ``undefined``; :func:`difference` refuses nothing and treats both alike.
"""

from __future__ import annotations

from typing import Any

__all__ = ["apply", "difference"]

Json = dict[str, Any]


def difference(old: Json, new: Json) -> Json:
    """Return the smallest patch that turns *old* into *new*.

    Equal up to members that are null in *new*, which come out as removed.
    """
    patch: Json = {}
    for key, value in new.items():
        before = old.get(key)
        if before is value or before == value:
            continue
        if isinstance(before, dict) and isinstance(value, dict):
            patch[key] = difference(before, value)
        else:
            patch[key] = value
    for key in old:
        if key not in new:
            patch[key] = None
    return patch


def apply(target: Json, patch: Json) -> Json:
    """Return *target* with *patch* merged in (RFC 7396 section 2); *target* is not changed."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = apply(before if isinstance(before, dict) else {}, value)
        else:
            result[key] = value
    return result
