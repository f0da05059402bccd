"""The session: floor and show composed, the log's format, what is forwarded."""

from __future__ import annotations

from itertools import groupby
from typing import get_args

import msgspec
import pytest

from bridge.errors import Code
from bridge.floor.commands import ListState, PriorityClass
from bridge.floor.events import (
    DropTimedOut,
    FloorGranted,
    FloorPaused,
    FloorReleased,
    FloorResumed,
    FloorRevoked,
    GrantTimedOut,
    LinkLost,
    LinkReturned,
)
from bridge.floor.policy import ChairPriority, Overtime
from bridge.floor.state import Request, Spoken
from bridge.floor.tables import RequestState
from bridge.ids import slate
from bridge.link.orders import AudioOnly, Orders
from bridge.show.commands import Take
from bridge.show.events import ProgramTaken
from bridge.show.scene import Layout, Scene
from bridge.state import (
    FloorPolicy,
    Routes,
    SessionCommand,
    SessionEvent,
    SessionState,
    evolve,
    fold,
    initial,
    next_deadline,
    routes,
)
from tests.floor.playbook import (
    accept,
    ask,
    change,
    extend,
    flow,
    grant,
    host,
    keep,
    mark_live,
    pause,
    resume,
    revoke,
)
from tests.playbook import (
    CA_MAU,
    DIEN_BIEN,
    HANOI,
    MODERATOR,
    SETUP,
    SYSTEM,
    Session,
    by_floor,
)

CHAIR = PriorityClass.CHAIR


def initial_routes() -> Routes:
    return routes(SETUP, initial(SETUP))


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
    session.says(mark_live("g1"), SYSTEM)
    session.says(revoke(request))
    assert session.routes.program == "dien-bien"
    assert "dien-bien" in session.routes.microphones
    session.now = 1005
    assert session.check() == [FloorRevoked(request=request, grant="g1"), by_floor(HANOI)]
    assert session.routes == Routes(program="ha-noi", preview="", microphones=("ha-noi", "lao-cai"))


def test_revoking_before_the_first_sound_puts_the_program_back_at_once() -> None:
    session = Session()
    request = session.queued("dien-bien")
    session.grant(request)
    events = session.says(revoke(request))
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
    chair = session.queued("ca-mau", CHAIR)
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
    session.says(mark_live("g1"), SYSTEM)
    assert session.says(pause("r1"))[1:] == [by_floor(HANOI)]
    assert session.routes == initial_routes()
    session.take(CA_MAU)  # what a moderator takes meanwhile is where the picture returns to
    assert session.says(resume("r1"))[1:] == [by_floor(DIEN_BIEN)]
    assert session.routes.microphones[0] == "dien-bien"
    assert session.release("r1")[1:] == [by_floor(CA_MAU)]


def test_the_preview_is_routed_to_the_moderators() -> None:
    session = Session()
    session.preview(DIEN_BIEN)
    assert session.routes.preview == "dien-bien"
    assert session.routes.program == "ha-noi"


def test_refusals_of_both_parts_come_through() -> None:
    session = Session()
    session.grant(session.queued("dien-bien"))
    session.queued("ca-mau")
    assert session.refuses(grant("r2")).code is Code.FLOOR_BUSY
    assert session.refuses(Take(cmd_id="c", source="camera:atlantis")).code is Code.SOURCE_UNKNOWN


class TestALostSpeaker:
    @pytest.fixture
    def session(self) -> Session:
        session = Session()
        session.live("dien-bien")
        session.says(flow("g1", flowing=False), SYSTEM)
        return session

    def test_the_slate_is_shown_and_what_arrives_again_is_heard_at_once(
        self, session: Session
    ) -> None:
        assert session.state.show.program.source == slate("dien-bien")
        assert session.routes.program == ""
        assert session.routes.microphones[0] == "dien-bien"
        assert session.says(flow("g1", flowing=True), SYSTEM) == [
            LinkReturned(request="r1", grant="g1"),
            by_floor(DIEN_BIEN),
        ]

    def test_a_drop_puts_the_program_back(self, session: Session) -> None:
        session.now = 1030
        assert session.check() == [DropTimedOut(request="r1", grant="g1"), by_floor(HANOI)]
        assert session.routes == initial_routes()

    def test_what_a_moderator_took_meanwhile_stays(self, session: Session) -> None:
        session.take(CA_MAU)
        assert session.says(flow("g1", flowing=True), SYSTEM) == [
            LinkReturned(request="r1", grant="g1")
        ]
        assert session.routes.program == "ca-mau"

    def test_when_another_speech_ends_the_lost_one_is_shown_as_lost(self) -> None:
        session = Session(msgspec.structs.replace(SETUP, policy=FloorPolicy(capacity=2)))
        session.live("dien-bien")
        session.live("ca-mau")
        assert session.says(flow("g1", flowing=False), SYSTEM) == [
            LinkLost(request="r1", grant="g1", drop_until=1030)
        ]
        assert session.release("r2")[1:] == [by_floor(slate("dien-bien"))]
        assert session.says(flow("g1", flowing=True), SYSTEM)[1:] == [by_floor(DIEN_BIEN)]


class TestAChairThatSuspends:
    @pytest.fixture
    def session(self) -> Session:
        policy = FloorPolicy(capacity=2, chair_priority=ChairPriority.SUSPEND)
        return Session(msgspec.structs.replace(SETUP, policy=policy))

    def test_the_suspended_are_neither_heard_nor_seen_and_come_back(self, session: Session) -> None:
        session.live("dien-bien")
        chair = session.queued("ca-mau", CHAIR)
        events = session.grant(chair)
        assert [type(event) for event in events if event != by_floor(CA_MAU)] == [
            FloorGranted,
            FloorPaused,
        ]
        assert session.routes.microphones == ("ca-mau", "ha-noi", "lao-cai")
        events = session.release(chair)
        assert events[-2:] == [FloorResumed(request="r1", grant="g1"), by_floor(DIEN_BIEN)]
        assert session.routes.microphones == ("dien-bien", "ha-noi", "lao-cai")

    def test_it_needs_no_microphone_that_is_only_opened_when_it_has_ended(
        self, session: Session
    ) -> None:
        sites = (*SETUP.sites, "son-la", "yen-bai")
        session.setup = msgspec.structs.replace(session.setup, sites=sites)
        session.live("dien-bien")
        session.live("ca-mau")  # four are open
        chair = session.live("son-la", CHAIR)
        assert len(session.routes.microphones) == 3
        # Beside the chair there is room, but none when those who are suspended go on.
        session.says(change(chair_priority=ChairPriority.BESIDE))
        other = session.queued("yen-bai", CHAIR)
        assert session.refuses(grant(other)).code is Code.MICROPHONES_FULL
        session.release(chair)
        assert len(session.routes.microphones) == 4

    def test_a_speech_that_is_kept_meanwhile_is_not_heard(self, session: Session) -> None:
        session.live("dien-bien")
        session.says(revoke("r1"))
        session.live("ca-mau", CHAIR)
        assert session.routes.microphones[:2] == ("dien-bien", "ca-mau")
        session.says(keep("r1"))
        assert session.routes.microphones[0] == "ca-mau"


def test_a_paused_speech_does_not_go_on_where_nobody_could_hear_it() -> None:
    setup = msgspec.structs.replace(
        SETUP, sites=(*SETUP.sites, "son-la"), co_chairs=("lao-cai", "son-la")
    )
    session = Session(setup)
    session.live("dien-bien")
    session.says(pause("r1"))
    session.live("ca-mau", CHAIR)
    assert session.refuses(resume("r1")).code is Code.MICROPHONES_FULL


#: One line per event, after the time of its commit: what a server of the first release wrote.
#: Never edit these lines; a new field or event gets new ones. A stored log must replay for ever.
FIRST = """
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

#: How the second release went on in the same log.
SECOND = """
1200 {"type":"list_suspended"}
1201 {"type":"list_opened"}
1210 {"type":"policy_changed","policy":{"capacity":1,"first_limit":420.0,"next_limit":180.0,"contribution":"site","chair_limit":0.0,"point_of_order_limit":180.0,"reply_limit":180.0,"warning":60.0,"overtime":"cut","auto_accept":false,"auto_call":false,"auto_grant":false,"several_requests":false,"chair_priority":"suspend","check_timeout":15.0,"prep_timeout":120.0,"arm_timeout":30.0,"drop_timeout":30.0,"revoke_grace":5.0}}
1220 {"type":"floor_requested","request":"r6","site":"dien-bien","name":"Lò Thị Phượng","priority_class":"reply","reply_to":"r5","by":"p1"}
1221 {"type":"request_accepted","request":"r6"}
1222 {"type":"request_unaccepted","request":"r6"}
1223 {"type":"request_accepted","request":"r6"}
1224 {"type":"request_filed","request":"r6"}
1225 {"type":"request_unfiled","request":"r6","priority_class":"normal"}
1226 {"type":"request_held","request":"r6"}
1228 {"type":"hold_ended","request":"r6"}
1230 {"type":"called_on_deck","request":"r6","check_until":1245.0,"prep_until":1350.0}
1231 {"type":"deck_progressed","request":"r6","missing":["sound","return"]}
1232 {"type":"return_confirmed","request":"r6"}
1233 {"type":"deck_passed","request":"r6"}
1234 {"type":"deck_failed","request":"r6","missing":["link"],"prep_until":1354.0}
1354 {"type":"deck_timed_out","request":"r6"}
1360 {"type":"called_on_deck","request":"r6","check_until":1375.0,"prep_until":1480.0}
1361 {"type":"deck_left","request":"r6"}
1362 {"type":"called_on_deck","request":"r6","check_until":1377.0,"prep_until":1482.0}
1370 {"type":"floor_granted","request":"r6","grant":"g5","limit":180.0,"warning":60.0,"arm_until":1400.0,"used":0.0,"cut":true,"missing":["link","picture","sound","return"]}
1370 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1371 {"type":"action_undone","rev":56}
1371 {"type":"grant_withdrawn","request":"r6","grant":"g5"}
1371 {"type":"program_taken","source":"camera:lao-cai","by":"floor"}
1380 {"type":"floor_granted","request":"r6","grant":"g6","limit":180.0,"warning":60.0,"arm_until":1410.0,"used":0.0,"cut":true}
1380 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1382 {"type":"grant_went_live","request":"r6","grant":"g6"}
1390 {"type":"link_lost","request":"r6","grant":"g6","drop_until":1420.0}
1390 {"type":"program_taken","source":"slate:dien-bien","by":"floor"}
1395 {"type":"link_returned","request":"r6","grant":"g6"}
1395 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1400 {"type":"link_lost","request":"r6","grant":"g6","drop_until":1430.0}
1400 {"type":"program_taken","source":"slate:dien-bien","by":"floor"}
1430 {"type":"drop_timed_out","request":"r6","grant":"g6"}
1430 {"type":"program_taken","source":"camera:lao-cai","by":"floor"}
1431 {"type":"floor_requested","request":"r7","site":"ca-mau","name":"Chủ tọa","priority_class":"chair"}
1431 {"type":"request_accepted","request":"r7"}
1440 {"type":"floor_granted","request":"r6","grant":"g7","limit":180.0,"warning":60.0,"arm_until":1470.0,"used":13.0,"cut":true}
1440 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1442 {"type":"grant_went_live","request":"r6","grant":"g7"}
1450 {"type":"floor_granted","request":"r7","grant":"g8","limit":180.0,"warning":60.0,"arm_until":1480.0,"used":0.0,"suspends":true}
1450 {"type":"program_taken","source":"camera:ca-mau","by":"floor"}
1450 {"type":"floor_paused","request":"r6","grant":"g7","chair":"g8"}
1460 {"type":"floor_released","request":"r7","grant":"g8"}
1460 {"type":"program_taken","source":"camera:lao-cai","by":"floor"}
1460 {"type":"floor_resumed","request":"r6","grant":"g7"}
1460 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1580 {"type":"floor_extended","request":"r6","grant":"g7","limit":141.0}
1581 {"type":"revoke_started","request":"r6","grant":"g7","ends_at":1585.0,"cut":true}
1583 {"type":"revoke_stopped","request":"r6","grant":"g7"}
1590 {"type":"floor_released","request":"r6","grant":"g7"}
1590 {"type":"program_taken","source":"camera:lao-cai","by":"floor"}
1600 {"type":"time_corrected","request":"r6","seconds":150.0,"reason":"Đồng hồ sai"}
1610 {"type":"floor_requested","request":"r8","site":"dien-bien","name":"Lò Thị Phượng","reply_to":"r5","readd_of":"r6","by":"p1"}
1610 {"type":"request_accepted","request":"r8"}
1620 {"type":"floor_granted","request":"r8","grant":"g9","limit":180.0,"warning":60.0,"arm_until":1650.0,"used":0.0,"cut":true}
1620 {"type":"program_taken","source":"camera:dien-bien","by":"floor"}
1621 {"type":"floor_requested","request":"r9","site":"ca-mau","name":"Chủ tọa","priority_class":"chair","readd_of":"r7"}
1621 {"type":"request_accepted","request":"r9"}
1622 {"type":"floor_granted","request":"r9","grant":"g10","limit":180.0,"warning":60.0,"arm_until":1652.0,"used":0.0,"suspends":true}
1622 {"type":"program_taken","source":"camera:ca-mau","by":"floor"}
1622 {"type":"grant_withdrawn","request":"r8","grant":"g9","chair":"g10"}
"""  # noqa: E501 - stored lines

#: And the third, which had slides and layouts.
THIRD = """
1700 {"type":"slides_started","site":"ca-mau"}
1701 {"type":"preview_set","source":"slides:ca-mau"}
1702 {"type":"preview_layout_set","layout":"inset"}
1702 {"type":"preview_inset_set","source":"camera:ca-mau"}
1703 {"type":"program_taken","source":"slides:ca-mau"}
1703 {"type":"layout_taken","layout":"inset"}
1703 {"type":"inset_taken","source":"camera:ca-mau"}
1704 {"type":"inset_taken","source":"camera:dien-bien","by":"floor"}
1705 {"type":"slides_started","site":"dien-bien"}
1706 {"type":"slides_stopped","site":"dien-bien"}
"""

#: And the fourth, in which technicians give orders.
FOURTH = """
1800 {"type":"site_ordered","site":"ca-mau","orders":{"muted":true,"audio_only":"down","cap_kbps":400,"layer":"q"}}
1801 {"type":"site_ordered","site":"dien-bien","orders":{"cap_kbps":0}}
1802 {"type":"site_ordered","site":"ca-mau","orders":{"audio_only":"both"}}
"""  # noqa: E501 - stored lines

EVENTS = msgspec.json.Decoder(SessionEvent)


def stored(*logs: str) -> list[tuple[float, str, SessionEvent]]:
    """Return the events of *logs*, of all without any, with their times and texts."""
    lines = [
        line.partition(" ")
        for log in logs or (FIRST, SECOND, THIRD, FOURTH)
        for line in log.strip().splitlines()
    ]
    return [(float(at), text, EVENTS.decode(text)) for at, _, text in lines]


def replayed(*logs: str) -> SessionState:
    """Return the state that *logs* make, one commit for each time."""
    state = initial(SETUP)
    for rev, (at, commit) in enumerate(groupby(stored(*logs), key=lambda line: line[0]), 1):
        state = fold(SETUP, state, MODERATOR, [event for _, _, event in commit], at, rev)
    return state


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
        state = replayed(FIRST)
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

    def test_the_fourth_release_has_orders(self) -> None:
        assert replayed(FIRST, FOURTH).orders == {
            "ca-mau": Orders(audio_only=AudioOnly.BOTH),
            "dien-bien": Orders(cap_kbps=0),
        }

    def test_the_second_release_goes_on_where_the_first_one_was(self) -> None:
        state = replayed(FIRST, SECOND)
        floor, show = state.floor, state.show
        assert floor.ended == ("r4", "r3", "r2", "r1", "r5", "r7", "r6")
        assert (floor.queue, floor.speaking) == (("r8",), ("r9",))
        assert floor.requests["r6"].turn.used == 13 + 8 + 130
        assert floor.requests["r6"].counted == 150
        assert floor.ledger == {"ca-mau": Spoken(10, 1), "dien-bien": Spoken(17 + 150, 3)}
        assert floor.requests["r8"] == Request(
            id="r8",
            site="dien-bien",
            name="Lò Thị Phượng",
            title="",
            topic="",
            priority_class=PriorityClass.NORMAL,
            requested_at=1610,
            state=RequestState.QUEUED,
            reply_to="r5",
            readd_of="r6",
            by="p1",
        )
        assert floor.requests["r9"].turn.suspends
        assert floor.policy is not None
        assert floor.policy.overtime is Overtime.CUT
        assert (floor.requests_made, floor.grants_made) == (9, 10)
        assert (show.program.source, show.home) == ("camera:ca-mau", "camera:lao-cai")

    def test_the_third_release_knows_two_pictures(self) -> None:
        show = replayed().show
        assert show.program.scene == Scene("slides:ca-mau", Layout.INSET, "camera:dien-bien")
        assert show.home_scene == Scene("slides:ca-mau", Layout.INSET, "camera:ca-mau")
        assert show.preview.scene == Scene("slides:ca-mau", Layout.INSET, "camera:ca-mau")
        assert show.slides == ("ca-mau",)
        assert replayed(FIRST, SECOND).show.program.layout is Layout.SINGLE

    def test_commits_and_single_events_make_the_same_floor_and_show(self) -> None:
        state = initial(SETUP)
        for at, _, event in stored():
            state = evolve(state, event, at)
        again = replayed()
        assert (state.floor, state.show) == (again.floor, again.show)

    def test_a_state_survives_a_round_trip_too(self) -> None:
        state = replayed()
        assert state.history.actions
        again = msgspec.json.decode(msgspec.json.encode(state), type=SessionState)
        assert again == state


def test_a_command_and_an_event_never_share_a_name() -> None:
    def tags(union: object) -> set[object]:
        return {struct.__struct_config__.tag for struct in get_args(union)}

    assert not tags(SessionCommand) & tags(SessionEvent)
    assert len(tags(SessionEvent)) == len(get_args(SessionEvent))


def test_extending_and_accepting_leave_the_program_alone() -> None:
    session = Session()
    session.says(ask("Một"), host("ca-mau"))
    assert len(session.says(accept("r1"))) == 1
    session.grant("r1")
    assert len(session.says(extend("r1", 60))) == 1


def test_a_chair_is_not_given_a_floor_that_nobody_could_hear() -> None:
    setup = msgspec.structs.replace(
        SETUP,
        sites=(*SETUP.sites, "yen-bai", "son-la"),
        co_chairs=("lao-cai", "yen-bai"),
    )
    session = Session(setup)
    session.grant(session.queued("dien-bien"))
    chair = session.queued("son-la", CHAIR)
    refusal = session.refuses(grant(chair))
    assert refusal.code is Code.MICROPHONES_FULL
    assert refusal.details == {"limit": 4}
    session.release("r1")
    session.grant(chair)
    assert session.routes.microphones[0] == "son-la"
