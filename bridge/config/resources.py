"""Where the files are found that are shipped beside the code.

In a wheel they are the packages ``bridge._web`` and ``bridge._config``; in a
checkout (and an editable install) the folders ``web`` and ``config``.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["config_root", "web_root"]

PACKAGE = Path(__file__).resolve().parent.parent


def web_root() -> Path:
    """Return the folder of templates, static files and locales."""
    return _root(PACKAGE, "web")


def config_root() -> Path:
    """Return the folder of the shipped event and site files."""
    return _root(PACKAGE, "config")


def _root(package: Path, name: str) -> Path:
    packaged = package / f"_{name}"
    return packaged if packaged.is_dir() else package.parent / name
