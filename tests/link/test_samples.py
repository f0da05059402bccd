from __future__ import annotations

import msgspec
import pytest

from bridge.link.samples import Direction, LinkSample


@pytest.mark.parametrize(
    ("lost", "expected", "loss"),
    [
        (0, 0, 0.0),
        (5, 0, 0.0),
        (0, 100, 0.0),
        (5, 100, 0.05),
        (-3, 100, 0.0),
        (100, 100, 1.0),
        (150, 100, 1.0),
    ],
)
def test_loss_is_a_ratio_whatever_was_counted(lost: int, expected: int, loss: float) -> None:
    assert Direction(lost=lost, expected=expected).loss == loss
    assert Direction(missing=lost, expected=expected).residual == loss


def test_bitrate_is_bits_per_second_of_the_interval() -> None:
    assert Direction(bytes=250_000).kbps(2.0) == 1000
    assert Direction(bytes=250_000).kbps(0.0) == 0


def test_samples_are_frozen_and_start_without_signal() -> None:
    sample = LinkSample()
    assert not sample.connected
    assert sample.rtt_ms == -1
    assert msgspec.structs.replace(sample, rtt_ms=2.0).rtt_ms == 2
    with pytest.raises(AttributeError):
        sample.rtt_ms = 1.0  # type: ignore[misc]
