"""When technicians are told of a link, as an event file writes it under ``[alerts]``."""

from __future__ import annotations

from bridge.config.document import Table
from bridge.link.alerts import AlertRules

__all__ = ["read_alerts"]

#: The scale of the score: ITU-T G.107 annex B.
WORST, BEST = 1.0, 4.5


def read_alerts(table: Table) -> AlertRules:
    """Return the rules of *table*, its gaps filled with the usual ones; mistakes are noted."""
    usual = AlertRules()
    rules = AlertRules(
        warning_score=table.number("warning_score", WORST, BEST, usual.warning_score),
        critical_score=table.number("critical_score", WORST, BEST, usual.critical_score),
        margin=table.number("margin", 0, 1, usual.margin),
        hold=table.number("hold", 0, 600, usual.hold),
        hold_on_air=table.number("hold_on_air", 0, 600, usual.hold_on_air),
        clear=table.number("clear", 0, 600, usual.clear),
        forget=table.number("forget", 10, 86_400, usual.forget),
    )
    if rules.critical_score > rules.warning_score:
        table.note(
            "critical_score",
            f"a critical link ({rules.critical_score:g}) would be better than one that is warned "
            f"of ({rules.warning_score:g})",
            f"write a score up to {rules.warning_score:g}",
        )
    if rules.hold_on_air > rules.hold:
        table.note(
            "hold_on_air",
            f"a site on air would be told of later ({rules.hold_on_air:g} s) than another one "
            f"({rules.hold:g} s)",
            f"write up to {rules.hold:g} seconds",
        )
    table.finish()
    return rules
