"""One cause for each link: which one, how soon, and that nobody else is blamed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.link.samples import (
    Device,
    Direction,
    Limitation,
    LinkSample,
    PathKind,
    ServerLoad,
    TrackState,
)
from bridge.link.verdict import Cause, Judge, Scene, Verdict
from bridge.link.windows import Windows
from tests.link.figures import GONE, GOOD, direction, page, sample

SITES = ("ha-noi", "son-la", "hue")
ON_AIR = Scene(picture="son-la", sources=("son-la", "ha-noi"), expected=("son-la",))
QUIET = ServerLoad(lag_ms=5)


class Play:
    """Sites whose links are good, second by second, but for what is said.

    Args:
        scene: what flows.
        settled: begin after links have settled.
    """

    def __init__(
        self, scene: Scene = ON_AIR, sites: tuple[str, ...] = SITES, *, settled: bool = True
    ) -> None:
        self._windows, self._judge = Windows(), Judge()
        self._sites, self.scene, self.now = sites, scene, 1000.0
        self.said: dict[str, Verdict] = {}
        if settled:
            self.seconds(12)

    def seconds(
        self, count: int, load: ServerLoad = QUIET, **others: LinkSample
    ) -> dict[str, Cause]:
        """Go on for so many seconds; return the causes that are named at their end."""
        samples = {name.replace("_", "-"): one for name, one in others.items()}
        for _ in range(count):
            self.now += 1
            windows = {
                site: self._windows.push(site, samples.get(site, sample())) for site in self._sites
            }
            self.said = self._judge.update(windows, self.scene, load, self.now)
        return {site: one.cause for site, one in self.said.items() if one.cause}

    def until_named(self, cause: Cause, load: ServerLoad = QUIET, **others: LinkSample) -> int:
        """Return after how many seconds *cause* is named at the sites of *others*."""
        wanted = dict.fromkeys((name.replace("_", "-") for name in others), cause)
        return self._until(wanted, load, others)

    def until_good(self, **others: LinkSample) -> int:
        """Return after how many seconds nothing is said of anybody."""
        return self._until({}, QUIET, others)

    def _until(
        self, wanted: Mapping[str, Cause], load: ServerLoad, others: Mapping[str, LinkSample]
    ) -> int:
        for passed in range(1, 40):
            if self.seconds(1, load, **others) == wanted:
                return passed
        raise AssertionError(self.said)


STARVED = page(page_lag_ms=600.0, encoded_fps=6.0)
FAULTS: dict[str, tuple[Cause, str, LinkSample]] = {
    "uplink loses": (Cause.UPLINK, "loss", sample(up=direction(12))),
    "uplink is narrow": (
        Cause.UPLINK,
        "rate",
        sample(said=page(limitation=Limitation.BANDWIDTH, available_kbps=420.0)),
    ),
    "round trip is long": (Cause.UPLINK, "delay", sample(rtt_ms=520.0)),
    "uplink is uneven": (Cause.UPLINK, "jitter", sample(up=direction(jitter_ms=90.0))),
    "downlink loses": (Cause.DOWNLINK, "loss", sample(down=direction(12))),
    "downlink is narrow": (Cause.DOWNLINK, "rate", sample(down=direction(height=180, width=320))),
    "sound only comes through": (Cause.DOWNLINK, "rate", sample(down=direction(height=0, fps=0))),
    "downlink is uneven": (Cause.DOWNLINK, "jitter", sample(down=direction(jitter_ms=90.0))),
    "picture stands": (Cause.DOWNLINK, "freeze", sample(down=direction(freeze_s=0.6))),
    "sound is made up": (Cause.DOWNLINK, "freeze", sample(down=direction(concealed=0.2))),
    "encoder gives up": (
        Cause.SITE_CPU,
        "encoder",
        sample(said=page(limitation=Limitation.CPU, encoded_fps=9.0)),
    ),
    "encoder is slow": (
        Cause.SITE_CPU,
        "encoder",
        sample(said=page(encode_ms=80.0, encoded_fps=11.0)),
    ),
    "page gets no turns": (
        Cause.SITE_CPU,
        "lag",
        sample(up=direction(jitter_ms=90.0), rtt_ms=400.0, said=STARVED),
    ),
    "page stands": (Cause.SITE_CPU, "lag", sample(said=page(page_lag_ms=2500.0))),
    "camera is unplugged": (
        Cause.CAMERA,
        "ended",
        sample(up=direction(fps=0), said=page(camera=TrackState.ENDED, captured_fps=None)),
    ),
    "camera is taken": (Cause.CAMERA, "muted", sample(said=page(camera=TrackState.MUTED))),
    "camera gives nothing": (Cause.CAMERA, "no_frames", sample(said=page(captured_fps=0.0))),
    "encoder without pictures": (
        Cause.CAMERA,
        "no_frames",
        sample(up=direction(fps=0), said=None),
    ),
    "microphone is unplugged": (
        Cause.MICROPHONE,
        "ended",
        sample(said=page(microphone=TrackState.ENDED)),
    ),
    "microphone is switched off": (
        Cause.MICROPHONE,
        "muted",
        sample(said=page(microphone=TrackState.MUTED)),
    ),
    "microphone is silent": (
        Cause.MICROPHONE,
        "silent",
        sample(up=direction(level_dbov=-127.0)),
    ),
    "microphone is silent, says the page": (
        Cause.MICROPHONE,
        "silent",
        sample(up=direction(level_dbov=None), said=page(microphone_level=0.0)),
    ),
    "loss through a TCP relay": (
        Cause.RELAY,
        "jitter",
        sample(up=direction(jitter_ms=120.0), path=PathKind.RELAY_TCP),
    ),
    "line is cut": (Cause.NO_SIGNAL, "lost", GONE),
    "nothing is sent any more": (
        Cause.NO_SIGNAL,
        "no_media",
        sample(up=Direction(), said=None),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_within_ten_seconds_and_gone_within_twenty(fault: str) -> None:
    cause, sign, second = FAULTS[fault]
    play = Play()
    named_s = play.until_named(cause, son_la=second)
    assert named_s <= 9, "a second is for measuring"
    assert play.said["son-la"].evidence["sign"] == sign
    for _ in range(30):
        assert play.seconds(1, son_la=second) == {"son-la": cause}, "steady, and nobody else"
    assert play.until_good() <= 15


def test_nothing_is_wrong_with_good_links() -> None:
    play = Play(settled=False)
    for _ in range(60):
        assert play.seconds(1) == {}


def test_who_never_came_is_not_lost() -> None:
    assert Play(settled=False).seconds(30, hue=GONE) == {}


def test_a_link_is_lost_at_once_and_says_for_how_long() -> None:
    play = Play()
    assert play.seconds(1, hue=GONE) == {"hue": Cause.NO_SIGNAL}
    play.seconds(9, hue=GONE)
    assert play.said["hue"].evidence == {"sign": "lost", "seconds": 9}
    assert play.until_good() == 1, "who is back is not lost"


def test_a_young_connection_looks_for_its_rate_in_peace() -> None:
    slow = sample(said=page(limitation=Limitation.BANDWIDTH, available_kbps=300.0))
    play = Play(settled=False)
    assert play.seconds(7, hue=slow) == {}
    assert play.until_named(Cause.UPLINK, hue=slow) <= 4


@pytest.mark.parametrize("percent", [2.5, 5, 12, 40])
def test_what_a_source_loses_is_not_its_viewers_line(percent: float) -> None:
    # Sound is not asked for again, and viewers see the numbers that are missing.
    play = Play()
    for _ in range(30):
        causes = play.seconds(
            1,
            son_la=sample(up=direction(percent)),
            hue=sample(down=direction(percent)),
            ha_noi=sample(down=direction(percent * 0.9)),
        )
        assert causes.pop("son-la", Cause.UPLINK) is Cause.UPLINK
        assert set(causes.values()) <= {Cause.REMOTE}
    assert play.said["son-la"].cause is Cause.UPLINK
    assert play.until_good() <= 15


def test_what_a_source_lost_may_be_reported_late_by_its_viewers() -> None:
    play = Play()
    for second in range(40):
        causes = play.seconds(
            1,
            son_la=sample(up=direction(8 if second < 12 else 0)),
            hue=sample(down=direction(30 if second in {4, 9, 14} else 0)),
            ha_noi=sample(down=direction(30 if second in {2, 7, 12} else 0)),
        )
        assert causes.pop("son-la", Cause.UPLINK) is Cause.UPLINK
        assert set(causes.values()) <= {Cause.REMOTE}, second


def test_a_picture_that_stands_everywhere_is_nobodys_line() -> None:
    stands = sample(down=direction(freeze_s=0.6))
    assert Play().seconds(9, son_la=stands, hue=stands) == {}
    assert Play().seconds(9, hue=stands) == {"hue": Cause.DOWNLINK}


def test_viewers_are_told_whose_uplink_it_is() -> None:
    play = Play()
    bad = sample(up=direction(20))
    missed = sample(down=direction(8))
    play.seconds(9, son_la=bad, ha_noi=missed, hue=sample(down=direction(9, freeze_s=0.4)))
    said = play.said["hue"]
    assert said.cause is Cause.REMOTE
    assert said.evidence == {
        "sign": "source",
        "site": "son-la",
        "cause": "uplink",
        "freeze_s": 2.0,
        "loss_down": 0.09,
    }
    assert play.said["ha-noi"].cause is Cause.REMOTE


def test_what_a_starved_source_sends_is_uneven_at_its_viewers_too() -> None:
    play = Play()
    starved = sample(up=direction(fps=3, jitter_ms=60.0), rtt_ms=300.0, said=STARVED)
    uneven = sample(down=direction(jitter_ms=200.0, freeze_s=0.6))
    play.seconds(12, son_la=starved, ha_noi=uneven, hue=uneven)
    assert play.said["son-la"].cause is Cause.SITE_CPU
    assert {play.said[name].cause for name in ("ha-noi", "hue")} == {Cause.REMOTE}
    steady = sample(down=direction(jitter_ms=200.0))
    assert play.seconds(20, hue=steady) == {"hue": Cause.DOWNLINK}


def test_a_viewers_own_loss_is_its_own_although_the_source_is_bad_too() -> None:
    play = Play()
    causes = play.seconds(
        9,
        son_la=sample(up=direction(5), down=direction(2)),
        ha_noi=sample(down=direction(2)),
        hue=sample(down=direction(20)),
    )
    assert causes["son-la"] is Cause.UPLINK
    assert causes["hue"] is Cause.DOWNLINK


def test_a_long_round_trip_leads_where_the_server_sends_less_because_of_it() -> None:
    play = Play()
    assert play.until_named(Cause.DOWNLINK, hue=sample(down=direction(height=0), rtt_ms=440.0)) <= 9
    assert play.said["hue"].evidence["sign"] == "delay"


def test_a_small_picture_is_no_narrow_line_if_the_source_sends_no_larger_one() -> None:
    small = direction(height=180, width=320)
    assert Play().seconds(20, son_la=sample(up=small, down=small), hue=sample(down=small)) == {}


def test_a_picture_that_was_away_is_named_soon_and_grows_back_in_peace() -> None:
    def sees(height: int) -> LinkSample:
        return sample(down=direction(height=height, fps=20 if height else 0))

    play = Play()
    assert play.until_named(Cause.DOWNLINK, hue=sees(0)) <= 5
    for height in (180, 180, 180, 180):
        assert play.seconds(1, hue=sees(height)) == {"hue": Cause.DOWNLINK}, "not much better"
    assert play.until_good(hue=sees(360)) <= 7, "half of the lines are enough"
    assert Play().seconds(2, hue=sees(0)) == {}, "a moment"


def test_a_small_picture_that_was_ordered_is_no_narrow_line() -> None:
    scene = Scene(picture="son-la", sources=("son-la",), restricted=("hue",))
    play = Play(scene)
    assert play.seconds(20, hue=sample(down=direction(height=180))) == {}
    assert play.seconds(20, hue=sample(up=direction(fps=0), said=None)) == {}


def test_a_cap_is_no_narrow_line() -> None:
    capped = page(limitation=Limitation.BANDWIDTH, available_kbps=400.0)
    assert Play().seconds(20, hue=sample(said=capped, cap_kbps=400)) == {}


def test_an_uplink_that_finds_its_rate_again_is_good() -> None:
    play = Play()
    narrow = page(limitation=Limitation.BANDWIDTH, available_kbps=300.0)
    assert play.seconds(10, hue=sample(said=narrow)) == {"hue": Cause.UPLINK}
    for step in range(12):
        grown = page(limitation=Limitation.BANDWIDTH, available_kbps=300 * 1.08**step)
        play.seconds(1, hue=sample(said=grown))
    assert play.said["hue"].cause is Cause.NONE


def test_a_silent_microphone_matters_only_where_it_should_be_heard() -> None:
    silent = sample(up=direction(level_dbov=-127.0), said=page(microphone=TrackState.MUTED))
    assert Play().seconds(30, hue=silent) == {}
    ended = sample(said=page(microphone=TrackState.ENDED))
    assert Play().seconds(5, hue=ended) == {"hue": Cause.MICROPHONE}


def test_a_pause_of_breath_is_no_silent_microphone() -> None:
    play = Play()
    for _ in range(10):
        assert play.seconds(3, son_la=sample(up=direction(level_dbov=-127.0))) == {}
        assert play.seconds(1) == {}


def test_a_server_that_is_late_is_to_blame_for_everything_but_devices() -> None:
    play = Play()
    late = ServerLoad(lag_ms=400)
    strange = sample(up=direction(8, jitter_ms=200.0), rtt_ms=600.0)
    unplugged = sample(said=page(camera=TrackState.ENDED))
    for _ in range(9):
        causes = play.seconds(1, late, son_la=strange, hue=unplugged)
        assert Cause.UPLINK not in causes.values()
    assert causes == {"ha-noi": Cause.SERVER, "son-la": Cause.SERVER, "hue": Cause.CAMERA}
    assert play.said["ha-noi"].evidence == {"sign": "lag", "lag_ms": 400}
    assert play.until_good() <= 15


def test_what_lines_look_for_after_an_overload_is_not_their_fault() -> None:
    play = Play()
    play.seconds(9, ServerLoad(lag_ms=400))
    narrow = page(limitation=Limitation.BANDWIDTH, available_kbps=300.0)
    seeking = sample(down=direction(height=180, width=320, freeze_s=0.4), said=narrow)
    for second in range(18):
        said = set(play.seconds(1, son_la=sample(said=narrow), hue=seeking).values())
        assert said <= {Cause.SERVER}, second
    assert play.seconds(9, hue=seeking) == {"hue": Cause.DOWNLINK}, "still so: it is the line"
    lossy = Play()
    lossy.seconds(9, ServerLoad(lag_ms=400))
    lossy.seconds(12, hue=sample(up=direction(12)))
    assert lossy.said["hue"].cause is Cause.UPLINK, "loss is never of that kind"
    far = Play()
    far.seconds(9, ServerLoad(lag_ms=400))
    far.seconds(12, hue=sample(rtt_ms=450.0))
    assert far.said["hue"].evidence["sign"] == "delay", "nor is a long way"


def test_one_late_second_of_the_server_is_nothing() -> None:
    play = Play()
    assert play.seconds(1, ServerLoad(lag_ms=600)) == {}
    assert play.seconds(10) == {}


def test_a_server_that_throws_packets_away_says_so() -> None:
    play = Play()
    play.seconds(9, ServerLoad(drops=80))
    assert play.said["hue"].evidence == {"sign": "drops", "drops": 80}


def test_the_same_loss_at_many_sites_is_the_servers_line() -> None:
    sites = tuple(f"site-{n}" for n in range(8))
    play = Play(Scene(), sites)
    lossy = {f"site_{n}": sample(down=direction(8)) for n in range(6)}
    assert set(play.seconds(9, QUIET, **lossy).values()) == {Cause.SERVER}
    assert play.said["site-0"].evidence["sites"] == 6
    few = Play(Scene(), sites)
    some = {f"site_{n}": sample(down=direction(8)) for n in range(4)}
    assert set(few.seconds(9, QUIET, **some).values()) == {Cause.DOWNLINK}


def test_loss_of_all_behind_the_relay_is_the_relays_and_of_one_its_own() -> None:
    lossy = sample(up=direction(10), path=PathKind.RELAY_UDP)
    both = Play().seconds(9, son_la=lossy, hue=lossy)
    assert both == {"son-la": Cause.RELAY, "hue": Cause.RELAY}
    alone = Play().seconds(9, son_la=lossy, hue=sample(path=PathKind.RELAY_UDP))
    assert alone == {"son-la": Cause.UPLINK}
    direct_too = Play().seconds(9, son_la=lossy, hue=lossy, ha_noi=sample(up=direction(10)))
    assert set(direct_too.values()) == {Cause.UPLINK}


def test_the_worse_cause_takes_the_place_of_a_lesser_one() -> None:
    play = Play()
    assert play.seconds(9, hue=sample(rtt_ms=400.0)) == {"hue": Cause.UPLINK}
    unplugged = sample(rtt_ms=400.0, said=page(camera=TrackState.ENDED))
    assert play.until_named(Cause.CAMERA, hue=unplugged) <= 5


def test_a_link_at_the_limit_does_not_flicker() -> None:
    play = Play()
    play.seconds(9, hue=sample(up=direction(2)))
    assert play.said["hue"].cause is Cause.UPLINK
    for percent in (1.5, 2, 2, 1.5) * 5:
        assert play.seconds(1, hue=sample(up=direction(percent))) == {"hue": Cause.UPLINK}


def test_a_site_that_only_watches_has_a_downlink_only() -> None:
    def watcher(rtt_ms: float) -> LinkSample:
        devices = (Device(peer="p"),)
        return sample(Direction(), publisher="", devices=devices, said=None, rtt_ms=rtt_ms)

    play = Play(settled=False)
    assert play.seconds(30, hue=watcher(20.0)) == {}
    assert play.until_named(Cause.DOWNLINK, hue=watcher(520.0)) <= 9
    assert play.said["hue"].evidence["sign"] == "delay"


@given(st.lists(st.sampled_from([*FAULTS, ""]), min_size=1, max_size=60))
def test_whatever_happens_to_one_site_no_other_is_blamed(story: list[str]) -> None:
    play = Play()
    for fault in story:
        second = FAULTS[fault][2] if fault else sample()
        causes = play.seconds(1, son_la=second)
        assert set(causes) <= {"son-la"}, (fault, play.said)


def test_good_is_the_figure_of_a_link_without_fault() -> None:
    assert GOOD.loss == 0
    assert all(cause for cause, _, _ in FAULTS.values())
    named = {cause for cause, _, _ in FAULTS.values()}
    assert named | {Cause.NONE, Cause.REMOTE, Cause.SERVER} == set(Cause)
