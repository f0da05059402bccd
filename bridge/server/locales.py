"""The words of pages and errors: one flat catalogue a language, from ``web/locales``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from bridge.errors import BridgeError

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "Catalogues"]

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"


class Catalogues:
    """All texts in all languages.

    Args:
        root: directory with one directory a language, holding flat JSON files.
    """

    def __init__(self, root: Path) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        for language in LANGUAGES:
            texts: dict[str, str] = {}
            for file in sorted((root / language).glob("*.json")):
                texts |= msgspec.json.decode(file.read_bytes(), type=dict[str, str])
            self._texts[language] = texts

    def texts(self, language: str) -> Mapping[str, str]:
        """Return the whole catalogue of *language*."""
        return self._texts[language]

    def text(self, language: str, key: str, values: Mapping[str, object] | None = None) -> str:
        """Return the text of *key* with ``{name}`` filled in; the key itself if there is none."""
        text = self._texts[language].get(key, key)
        for name, value in (values or {}).items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def error(self, language: str, error: BridgeError) -> str:
        """Return the sentence of *error* for a user; its own English one if there is no other.

        A refusal whose details name the ``state`` something is in, or ``why`` it was refused,
        may have a sentence for just that.
        """
        case = error.details.get("state", error.details.get("why", ""))
        for key in (f"error.{error.code}.{case}", f"error.{error.code}"):
            if key in self._texts[language]:
                return self.text(language, key, error.details)
        return error.message
