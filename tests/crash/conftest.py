"""Says at the end of a run what the storms went through."""

from __future__ import annotations

from collections import Counter
from statistics import median

import pytest

from tests.crash.kills import Kill
from tests.crash.storm import Figures

FIGURES = pytest.StashKey[list[Figures]]()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[Figures]:
    """Where a storm leaves its figures."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    storms = config.stash.get(FIGURES, [])
    acked = [count for one in storms for count in one.acked]
    if not acked:
        return
    write = terminalreporter.write_line
    refused = sum((one.refused for one in storms), Counter[str]())
    write(
        f"crash: {len(acked)} rounds in {sum(one.seconds for one in storms):.0f} s; acknowledged "
        f"{sum(acked)} ({min(acked)}-{max(acked)} a round), "
        f"commits {sum(one.commits for one in storms)}"
    )
    write(
        f"crash: lines lost {sum(one.dropped for one in storms)}, resumed without a loss "
        f"{sum(one.resumed for one in storms)}, outcome unclear "
        f"{sum(one.unclear for one in storms)}, sent again {sum(one.resent for one in storms)}, "
        f"copies that came late {sum(one.late for one in storms)}"
    )
    write(f"crash: refused {', '.join(f'{code} {n}' for code, n in refused.most_common())}")
    for kill in Kill:
        outages = [s for one in storms for s in one.outages.get(kill, [])]
        ready = [s for one in storms for s in one.ready.get(kill, [])]
        if outages:
            line = f"crash: killed {kill}: {len(outages)} times, saved again after {_span(outages)}"
            write(f"{line}, server ready after {_span(ready)}" if ready else line)


def _span(seconds: list[float]) -> str:
    return f"{min(seconds):.2f}-{max(seconds):.2f} s (median {median(seconds):.2f})"
