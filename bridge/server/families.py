"""Metric families made in one line, by the conventions of Prometheus and OpenMetrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)

__all__ = ["Samples", "counters", "gauge", "gauges", "info"]

PREFIX: Final = "diemcau_"
#: OpenMetrics wants a family that has a unit to say so, and the name to end with it.
UNITS: Final = ("seconds", "bytes", "packets", "datagrams", "ratio")

#: Values of labels, in the order of the labels, and the figure.
Samples = Iterable[tuple[Sequence[str], float]]


def gauges(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return what goes up and down; *name* without prefix."""
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels, unit=_unit(name))
    for values, figure in samples:
        family.add_metric(values, figure)
    return family


def gauge(name: str, text: str, figure: float) -> Metric:
    """Return one figure that goes up and down."""
    return gauges(name, text, [], [([], figure)])


def counters(name: str, text: str, labels: Sequence[str], samples: Samples) -> Metric:
    """Return what only grows; *name* without prefix and without ``_total``."""
    family = CounterMetricFamily(PREFIX + name, text, labels=labels, unit=_unit(name))
    for values, figure in samples:
        family.add_metric(values, figure)
    return family


def info(name: str, text: str, **labels: str) -> Metric:
    """Return what is always 1 and says something in its labels; *name* without ``_info``."""
    family = InfoMetricFamily(PREFIX + name, text)
    family.add_metric([], labels)
    return family


def _unit(name: str) -> str:
    ending = name.rpartition("_")[2]
    return ending if ending in UNITS else ""
