"""Site files: every place that may be a bridge point, whatever the event.

Owns names, regions and coordinates; which of them take part, and as what, is
the event's business.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bridge.config.document import Table, read_document
from bridge.config.problems import Problem, suggest
from bridge.config.resources import config_root
from bridge.protocol.views import Text

__all__ = ["Catalogue", "Place", "Region", "find_sites_file", "load_sites"]


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A group of sites, for sorting and filtering."""

    code: str
    name: Text


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A possible bridge point.

    Attributes:
        code: stable for ever: join links and logs refer to it.
        name: as shown on screens.
        region: code of a region.
        lat: degrees north, WGS 84.
        lon: degrees east, WGS 84.
    """

    code: str
    name: Text
    region: str
    lat: float
    lon: float


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """A site file: regions and places by code, in the order of the file."""

    regions: dict[str, Region]
    places: dict[str, Place]


def find_sites_file(name: str, folder: Path) -> tuple[Path, str]:
    """Return the site file an event means, and what would be right if it is not there.

    Args:
        name: ``vietnam-63`` for a file of the folder ``sites`` beside the event's
            folder or of the shipped ones, or a path relative to the event file.
        folder: the folder of the event file.
    """
    if "/" in name or name.endswith(".toml"):
        return folder / name, "give its path relative to the event file"
    folders = (folder.parent / "sites", config_root() / "sites")
    for candidate in folders:
        if (candidate / f"{name}.toml").is_file():
            return candidate / f"{name}.toml", ""
    known = {file.stem: None for candidate in folders for file in sorted(candidate.glob("*.toml"))}
    return folders[0] / f"{name}.toml", suggest(name, known)


def load_sites(path: Path, problems: list[Problem]) -> Catalogue | None:
    """Return the site file at *path*; None if it cannot be read at all.

    Mistakes are noted in *problems*.
    """
    document = read_document(path, problems)
    if document is None:
        return None
    root = document.root()
    regions: dict[str, Region] = {}
    for table in root.tables("regions"):
        code = _new_code(table, regions)
        regions[code] = Region(code=code, name=table.bilingual("name"))
        table.finish()
    places: dict[str, Place] = {}
    for table in root.tables("sites"):
        code = _new_code(table, places)
        places[code] = Place(
            code=code,
            name=table.bilingual("name"),
            region=table.choice("region", regions),
            lat=table.number("lat", -90, 90),
            lon=table.number("lon", -180, 180),
        )
        table.finish()
    root.finish()
    if not places:
        root.note("sites", "there is no site", "add a table [[sites]] for every site")
    return Catalogue(regions=regions, places=places)


def _new_code(table: Table, taken: dict[str, Region] | dict[str, Place]) -> str:
    code = table.identifier("code", "dien-bien")
    if code in taken:
        table.note("code", f'"{code}" is there twice', "give every one its own code")
    return code
