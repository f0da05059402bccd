"""Configuration as data: event files, site files, settings, and where shipped files are.

Reads files; opens no socket, starts nothing. Every mistake of a file is found in
one pass and carried by ``ConfigProblems``.
"""

from __future__ import annotations

from bridge.config.agenda import Item, ItemKind
from bridge.config.event import Event, SessionConfig, SessionKind, Site, load_event
from bridge.config.problems import ConfigProblems, Problem, format_problems
from bridge.config.resources import config_root, web_root
from bridge.config.settings import OPTIONS, Option, Settings, load_settings
from bridge.config.sites import Region

__all__ = [
    "OPTIONS",
    "ConfigProblems",
    "Event",
    "Item",
    "ItemKind",
    "Option",
    "Problem",
    "Region",
    "SessionConfig",
    "SessionKind",
    "Settings",
    "Site",
    "config_root",
    "format_problems",
    "load_event",
    "load_settings",
    "web_root",
]
