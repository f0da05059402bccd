"""The session: floor and show composed, the log's format, what is forwarded."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor.commands import (
    AcceptRequest,
    CheckDeadlines,
    ExtendFloor,
    GrantFloor,
    ListState,
    MarkLive,
    PauseFloor,
    PriorityClass,
    ReleaseFloor,
    RequestFloor,
    ResumeFloor,
    RevokeFloor,
)
from bridge.floor.events import FloorGranted, FloorReleased, FloorRevoked, GrantTimedOut
from bridge.floor.state import Spoken
from bridge.ids import Role, camera
from bridge.show.commands import SetPreview, Take
from bridge.show.events import ProgramTaken, TakenBy
from bridge.state import (
    FloorPolicy,
    Routes,
    SessionCommand,
    SessionEvent,
    SessionSetup,
    SessionState,
    decide,
    evolve,
    initial,
    next_deadline,
    routes,
)

SETUP = SessionSetup(
    id="plenary",
    venue="ha-noi",
    sites=("ha-noi", "dien-bien", "lao-cai", "ca-mau"),
    co_chairs=("lao-cai",),
)
MODERATOR = Actor(role=Role.MODERATOR, key="m1")
SYSTEM = Actor(role=Role.SYSTEM)
HANOI, DIEN_BIEN, CA_MAU = camera("ha-noi"), camera("dien-bien"), camera("ca-mau")


class Session:
    """Decides and evolves at the time ``now``."""

    def __init__(self, setup: SessionSetup = SETUP) -> None:
        self.setup = setup
        self.state = initial(setup)
        self.now = 1000.0

    def says(self, command: SessionCommand, actor: Actor = MODERATOR) -> list[SessionEvent]:
        events = decide(self.setup, self.state, actor, command, self.now)
        for event in events:
            self.state = evolve(self.state, event, self.now)
        return events

    def queued(
        self, site: str, priority_class: PriorityClass = PriorityClass.NORMAL, name: str = "Một"
    ) -> str:
        self.says(RequestFloor(cmd_id="c", name=name, site=site, priority_class=priority_class))
        return f"r{self.state.floor.requests_made}"

    def grant(self, request: str) -> list[SessionEvent]:
        return self.says(GrantFloor(cmd_id="c", request=request, override=True))

    def release(self, request: str) -> list[SessionEvent]:
        return self.says(ReleaseFloor(cmd_id="c", request=request))

    def take(self, source: str) -> list[SessionEvent]:
        return self.says(Take(cmd_id="c", source=source))

    def check(self) -> list[SessionEvent]:
        return self.says(CheckDeadlines(cmd_id="c"), SYSTEM)

    @property
    def routes(self) -> Routes:
        return routes(self.setup, self.state)


def initial_routes() -> Routes:
    return routes(SETUP, initial(SETUP))


def by_floor(source: str) -> ProgramTaken:
    return ProgramTaken(source=source, by=TakenBy.FLOOR)


def test_a_session_begins_open_with_the_venue_on_air() -> None:
    session = Session()
    assert session.state.floor.list_state is ListState.OPEN
    assert session.routes == Routes(program="ha-noi", preview="", microphones=("ha-noi", "lao-cai"))
    assert next_deadline(SETUP, session.state) is None


def test_the_program_follows_the_speaker_and_returns() -> None:
    session = Session()
    request = session.queued("dien-bien")
    events = session.grant(request)
    assert [type(event) for event in events] == [FloorGranted, ProgramTaken]
    assert events[1] == by_floor(DIEN_BIEN)
    assert session.routes.program == "dien-bien"
    assert session.routes.microphones == ("dien-bien", "ha-noi", "lao-cai")
    assert session.release(request) == [
        FloorReleased(request=request, grant="g1"),
        by_floor(HANOI),
    ]
    assert session.routes == initial_routes()


def test_what_a_moderator_takes_during_a_speech_stays_after_it() -> None:
    session = Session()
    request = session.queued("dien-bien")
    session.grant(request)
    session.take(CA_MAU)
    assert session.routes.microphones == ("dien-bien", "ha-noi", "lao-cai")
    assert len(session.release(request)) == 1
    assert session.routes.program == "ca-mau"


def test_a_timeout_puts_the_program_back() -> None:
    session = Session()
    request = session.queued("dien-bien")
    session.grant(request)
    assert next_deadline(SETUP, session.state) == 1030
    session.now = 1030
    assert session.check() == [GrantTimedOut(request=request, grant="g1"), by_floor(HANOI)]
    assert session.routes.microphones == ("ha-noi", "lao-cai")


def test_a_revoked_speaker_is_heard_and_seen_until_the_grace_time_ends() -> None:
    session = Session()
    request = session.queued("dien-bien")
    session.grant(request)
    session.says(MarkLive(cmd_id="c", grant="g1"), SYSTEM)
    session.says(RevokeFloor(cmd_id="c", request=request))
    assert session.routes.program == "dien-bien"
    assert "dien-bien" in session.routes.microphones
    session.now = 1005
    assert session.check() == [FloorRevoked(request=request, grant="g1"), by_floor(HANOI)]
    assert session.routes == Routes(program="ha-noi", preview="", microphones=("ha-noi", "lao-cai"))


def test_revoking_before_the_first_sound_puts_the_program_back_at_once() -> None:
    session = Session()
    request = session.queued("dien-bien")
    session.grant(request)
    events = session.says(RevokeFloor(cmd_id="c", request=request))
    assert events == [FloorRevoked(request=request, grant="g1"), by_floor(HANOI)]


def test_several_timeouts_at_once_end_at_home() -> None:
    session = Session(msgspec.structs.replace(SETUP, policy=FloorPolicy(capacity=2)))
    for site in ("dien-bien", "ca-mau"):
        session.grant(session.queued(site))
    assert session.routes.microphones == ("dien-bien", "ca-mau", "ha-noi", "lao-cai")
    session.now = 1030
    assert session.check() == [
        GrantTimedOut(request="r1", grant="g1"),
        GrantTimedOut(request="r2", grant="g2"),
        by_floor(HANOI),
    ]


def test_after_the_chair_the_interrupted_speaker_is_seen_again() -> None:
    session = Session()
    session.grant(session.queued("dien-bien"))
    chair = session.queued("ca-mau", PriorityClass.CHAIR)
    assert session.grant(chair)[1:] == [by_floor(CA_MAU)]
    assert session.release(chair)[1:] == [by_floor(DIEN_BIEN)]
    assert session.release("r1")[1:] == [by_floor(HANOI)]


@pytest.mark.parametrize("site", ["ha-noi", "lao-cai"])
def test_the_microphones_of_venue_and_co_chairs_stay_open_after_their_speech(site: str) -> None:
    session = Session()
    request = session.queued(site)
    session.grant(request)
    assert session.routes.microphones[0] == site  # who speaks comes first
    assert sorted(session.routes.microphones) == ["ha-noi", "lao-cai"]
    session.release(request)
    assert session.routes.microphones == ("ha-noi", "lao-cai")


def test_a_paused_speaker_is_neither_heard_nor_seen_until_it_goes_on() -> None:
    session = Session()
    session.grant(session.queued("dien-bien"))
    session.says(MarkLive(cmd_id="c", grant="g1"), SYSTEM)
    assert session.says(PauseFloor(cmd_id="c", request="r1"))[1:] == [by_floor(HANOI)]
    assert session.routes == initial_routes()
    session.take(CA_MAU)  # what a moderator takes meanwhile is where the picture returns to
    assert session.says(ResumeFloor(cmd_id="c", request="r1"))[1:] == [by_floor(DIEN_BIEN)]
    assert session.routes.microphones[0] == "dien-bien"
    assert session.release("r1")[1:] == [by_floor(CA_MAU)]


def test_the_preview_is_routed_to_the_moderators() -> None:
    session = Session()
    session.says(SetPreview(cmd_id="c", source=DIEN_BIEN))
    assert session.routes.preview == "dien-bien"
    assert session.routes.program == "ha-noi"


def test_refusals_of_both_parts_come_through() -> None:
    session = Session()
    session.grant(session.queued("dien-bien"))
    session.queued("ca-mau")
    with pytest.raises(FloorRefused) as caught:
        session.grant("r2")
    assert caught.value.code is Code.FLOOR_BUSY
    with pytest.raises(FloorRefused) as caught:
        session.take("camera:atlantis")
    assert caught.value.code is Code.SOURCE_UNKNOWN


#: One line per commit time: what a server of the first release wrote. Never edit these lines;
#: a new field or event gets new lines. Every stored log must replay for ever.
STORED = """
1000 {"type":"floor_requested","request":"r1","site":"dien-bien","name":"Lò Văn An","title":"Phó Chủ tịch","topic":"Chuyển đổi số"}
1001 {"type":"request_accepted","request":"r1"}
1002 {"type":"floor_requested","request":"r2","site":"ca-mau","name":"Trần Thị Bé"}
1003 {"type":"request_accepted","request":"r2"}
1004 {"type":"request_moved","request":"r2","before":"r1"}
1005 {"type":"floor_requested","request":"r3","site":"ca-mau","name":"Trần Thị Bé","priority_class":"written"}
1006 {"type":"request_filed","request":"r3"}
1007 {"type":"floor_requested","request":"r4","site":"lao-cai","name":"Giàng A Páo"}
1008 {"type":"request_denied","request":"r4","reason":"Trùng nội dung"}
1009 {"type":"request_cancelled","request":"r3","reason":"Gửi sau"}
1010 {"type":"list_closed"}
1011 {"type":"list_opened"}
1012 {"type":"item_started","item":"phat-bieu"}
1013 {"type":"preview_set","source":"camera:ca-mau"}
1014 {"type":"program_taken","source":"camera:lao-cai"}
1015 {"type":"floor_granted","request":"r2","grant":"g1","limit":420.0,"warning":60.0,"arm_until":1045.0}
1015 {"type":"program_taken","source":"camera:ca-mau","by":"floor"}
1045 {"type":"grant_timed_out","request":"r2","grant":"g1"}
1045 {"type":"program_taken","source":"camera:lao-cai","by":"floor"}
1050 {"type":"floor_granted","request":"r2","grant":"g2","limit":420.0,"warning":60.0,"arm_until":1080.0}
1052 {"type":"grant_went_live","request":"r2","grant":"g2"}
1060 {"type":"floor_extended","request":"r2","grant":"g2","limit":480.0}
1062 {"type":"floor_released","request":"r2","grant":"g2"}
1070 {"type":"floor_granted","request":"r1","grant":"g3","limit":420.0,"warning":60.0,"arm_until":1100.0}
1071 {"type":"grant_went_live","request":"r1","grant":"g3"}
1080 {"type":"revoke_started","request":"r1","grant":"g3","ends_at":1085.0,"reason":"Quá giờ"}
1085 {"type":"floor_revoked","request":"r1","grant":"g3","reason":"Quá giờ"}
1090 {"type":"floor_requested","request":"r5","site":"dien-bien","name":"Quàng Thị Phượng"}
1091 {"type":"request_accepted","request":"r5"}
1091 {"type":"request_edited","request":"r5","name":"Quàng Thị Phượng","title":"Phó Giám đốc","topic":"Cà phê Mường Ảng"}
1092 {"type":"floor_granted","request":"r5","grant":"g4","limit":180.0,"warning":60.0,"arm_until":1122.0}
1093 {"type":"grant_went_live","request":"r5","grant":"g4"}
1095 {"type":"floor_paused","request":"r5","grant":"g4"}
1099 {"type":"floor_resumed","request":"r5","grant":"g4"}
1100 {"type":"floor_released","request":"r5","grant":"g4"}
"""  # noqa: E501 - stored lines

EVENTS = msgspec.json.Decoder(SessionEvent)


def stored() -> list[tuple[float, str, SessionEvent]]:
    lines = [line.partition(" ") for line in STORED.strip().splitlines()]
    return [(float(at), text, EVENTS.decode(text)) for at, _, text in lines]


class TestTheStoredFormat:
    def test_it_holds_every_event_there_is(self) -> None:
        assert {type(event) for _, _, event in stored()} == set(get_args(SessionEvent))

    def test_events_are_written_as_they_were_read(self) -> None:
        for _, text, event in stored():
            assert msgspec.json.decode(msgspec.json.encode(event)) == msgspec.json.decode(text)
            assert EVENTS.decode(msgspec.json.encode(event)) == event

    def test_an_unknown_field_of_a_later_release_is_ignored(self) -> None:
        assert EVENTS.decode(b'{"type":"list_opened","colour":"blue"}')

    def test_it_replays_to_the_state_it_made_then(self) -> None:
        state = initial(SETUP)
        for at, _, event in stored():
            state = evolve(state, event, at)
        floor, show = state.floor, state.show
        assert floor.ended == ("r4", "r3", "r2", "r1", "r5")
        assert [floor.requests[r].status.value for r in ("r1", "r2", "r3", "r4")] == [
            "revoked",
            "released",
            "cancelled",
            "denied",
        ]
        assert floor.requests["r1"].reason == "Quá giờ"
        assert floor.ledger == {"ca-mau": Spoken(10, 1), "dien-bien": Spoken(17, 2)}
        assert (floor.requests_made, floor.grants_made) == (5, 4)
        assert (show.program.source, show.home) == ("camera:lao-cai", "camera:lao-cai")
        assert (show.preview.source, show.item) == ("camera:ca-mau", "phat-bieu")

    def test_a_state_survives_a_round_trip_too(self) -> None:
        state = initial(SETUP)
        for at, _, event in stored():
            state = evolve(state, event, at)
        again = msgspec.json.decode(msgspec.json.encode(state), type=SessionState)
        assert again == state


def test_a_command_and_an_event_never_share_a_name() -> None:
    def tags(union: object) -> set[object]:
        return {struct.__struct_config__.tag for struct in get_args(union)}

    assert not tags(SessionCommand) & tags(SessionEvent)
    assert len(tags(SessionEvent)) == len(get_args(SessionEvent))


def test_extending_and_accepting_leave_the_program_alone() -> None:
    session = Session()
    host = Actor(role=Role.HOST, site="ca-mau")
    session.says(RequestFloor(cmd_id="c", name="Một"), host)
    assert len(session.says(AcceptRequest(cmd_id="c", request="r1"))) == 1
    session.grant("r1")
    assert len(session.says(ExtendFloor(cmd_id="c", request="r1", seconds=60))) == 1


def test_a_chair_is_not_given_a_floor_that_nobody_could_hear() -> None:
    setup = msgspec.structs.replace(
        SETUP,
        sites=(*SETUP.sites, "yen-bai", "son-la"),
        co_chairs=("lao-cai", "yen-bai"),
    )
    session = Session(setup)
    session.grant(session.queued("dien-bien"))
    chair = session.queued("son-la", PriorityClass.CHAIR)
    before = session.state
    with pytest.raises(FloorRefused) as refused:
        session.grant(chair)
    assert refused.value.code is Code.MICROPHONES_FULL
    assert session.state == before
    session.release("r1")
    session.grant(chair)
    assert session.routes.microphones[0] == "son-la"
