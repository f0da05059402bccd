"""What pages are sent, whoever reads, leaves and returns when."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from bridge.commands import Actor
from bridge.floor.commands import (
    AcceptRequest,
    CallOnDeck,
    CancelRequest,
    CorrectTime,
    GrantFloor,
    ListState,
    MarkLive,
    MoveRequest,
    ReleaseFloor,
    RequestFloor,
    SetList,
)
from bridge.history import Undo
from bridge.ids import Role
from bridge.protocol.frames import text_frame
from bridge.show.commands import SetPreview, StartItem, Take
from bridge.state import SessionCommand
from tests.sessions.pages import MODERATOR, SITES, SYSTEM, FakePage, Session, delegate, host

STAGE = Actor(role=Role.STAGE, key="s")
TECHNICIAN = Actor(role=Role.TECHNICIAN, key="t")
KINDS = ("accept", "cancel", "move", "call", "grant", "correct", "undo")
LISTS = (ListState.CLOSED, ListState.OPEN)


@pytest.fixture
def session() -> Session:
    return Session()


def joined(session: Session, actor: Actor) -> FakePage:
    page = FakePage(actor)
    session.join(page)
    return page


def change(session: Session, times: int = 1) -> None:
    """Make *times* commits that every page shows."""
    for _ in range(times):
        state = LISTS[session.rev % 2]
        assert session.commit(MODERATOR, SetList(cmd_id="c", state=state))


def announce(session: Session, text: bytes) -> None:
    session.channels.announce(lambda _audience: text_frame(text))


def test_all_pages_of_an_audience_are_sent_the_same_bytes(session: Session) -> None:
    pages = [joined(session, STAGE) for _ in range(3)]
    change(session)
    session.deliver()
    first = pages[0].writes[-1]
    assert all(page.writes[-1] is first for page in pages)


def test_nothing_is_sent_twice(session: Session) -> None:
    page = joined(session, MODERATOR)
    change(session)
    assert session.deliver() == 1
    assert session.deliver() == 0
    session.channels.settle(page)
    assert [message["type"] for message in page.told] == ["view", "patch"]


def test_a_slow_page_is_sent_everything_it_missed_at_once(session: Session) -> None:
    slow, quick = joined(session, host("dien-bien")), joined(session, host("dien-bien"))
    slow.stalled = True
    for _ in range(5):
        change(session)
        assert session.deliver() == 1
    slow.read()
    assert session.deliver() == 1
    assert len(slow.writes) == 2
    assert (slow.rev, slow.view) == (quick.rev, quick.view) == (5, session.expected(quick.actor))
    assert [message["rev"] for message in slow.told] == [0, 1, 2, 3, 4, 5]


def test_a_page_that_missed_more_than_its_view_is_sent_the_view(session: Session) -> None:
    page, returns = joined(session, STAGE), joined(session, STAGE)
    session.channels.leave(returns)
    page.stalled = True
    size, missed = len(page.writes[0]), 0
    while missed * len(text_frame(b'{"type":"patch","rev":1,"now":1000000.0}')) < size:
        change(session)
        missed += 1
        assert not session.deliver()
    page.read()
    session.deliver()
    session.join(returns, resume=True)
    for one in (page, returns):
        assert [message["type"] for message in one.told] == ["view", "view"]
        assert len(one.writes[1]) <= size + 10
        assert (one.rev, one.view) == (missed, session.expected(STAGE))
    change(session)
    session.deliver()
    assert page.told[-1]["type"] == "patch"


def test_what_is_due_goes_first_even_to_a_page_that_does_not_read(session: Session) -> None:
    page = joined(session, MODERATOR)
    page.stalled = True
    change(session)
    session.channels.settle(page)
    page.write(text_frame(b'{"type":"ack"}'))
    page.read()
    assert [message["type"] for message in page.told] == ["view", "patch", "ack"]
    assert session.deliver() == 0


def test_only_the_newest_news_reaches_a_slow_page(session: Session) -> None:
    slow, quick = joined(session, STAGE), joined(session, STAGE)
    slow.stalled = True
    for number in range(3):
        announce(session, b'{"type":"links","now":%d}' % number)
        session.deliver()
    slow.read()
    session.deliver()
    assert [message["now"] for message in quick.told[1:]] == [0, 1, 2]
    assert [message["now"] for message in slow.told[1:]] == [2]


def test_news_and_patches_leave_together(session: Session) -> None:
    page = joined(session, STAGE)
    change(session)
    announce(session, b'{"type":"links"}')
    session.deliver()
    assert len(page.writes) == 2
    assert [message["type"] for message in page.told] == ["view", "patch", "links"]


def test_each_audience_hears_its_own_news(session: Session) -> None:
    pages = [joined(session, host(site)) for site in SITES]
    other = joined(session, STAGE)
    session.channels.announce(
        lambda each: text_frame(b'{"type":"%s"}' % each.site.encode()) if each.site else b""
    )
    assert session.deliver() == len(SITES)
    assert [page.told[-1]["type"] for page in pages] == list(SITES)
    assert len(other.told) == 1


def test_a_page_that_left_is_sent_nothing(session: Session) -> None:
    stays, leaves = joined(session, STAGE), joined(session, STAGE)
    change(session)
    delivery = session.channels.deliver()
    next(delivery)
    session.channels.leave(leaves)
    session.channels.settle(leaves)
    assert list(delivery) == [False]
    assert (len(stays.writes), len(leaves.writes)) == (2, 1)
    assert session.channels.pages() == [stays]


def test_a_page_that_fails_keeps_nobody_from_theirs(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = joined(session, STAGE), joined(session, STAGE)
    broken.write = lambda _frames: 1 / 0  # type: ignore[assignment, method-assign]
    change(session)
    assert session.deliver() == 1
    assert other.rev == 1
    assert "could not be written to" in caplog.text


def test_a_page_that_returns_resumes(session: Session) -> None:
    page = joined(session, MODERATOR)
    session.channels.leave(page)
    change(session, 3)
    session.join(page, resume=True)
    assert [message["type"] for message in page.told] == ["view", "patch", "patch", "patch"]
    session.channels.leave(page)
    session.join(page, resume=True)
    assert page.told[-1]["patch"] == {}
    session.channels.leave(page)
    session.join(page, resume=True, instance="another run")
    assert page.told[-1]["type"] == "view"
    assert page.view == session.expected(MODERATOR)


def test_a_page_that_claims_the_future_gets_the_whole_view(session: Session) -> None:
    page = joined(session, STAGE)
    page.rev = 7
    session.join(page, resume=True)
    assert page.told[-1]["type"] == "view"


picks = st.integers(0, 9)
pages = st.integers(0, 17)
sites = st.sampled_from(SITES)


class Pages(RuleBasedStateMachine):
    """I11: a view and all patches after it are the view of the later revision."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.pages = [
            FakePage(actor)
            for actor in (MODERATOR, TECHNICIAN, STAGE, *map(host, SITES), *map(delegate, SITES))
            for _ in range(2)
        ]
        self.here: set[FakePage] = set()
        self.names = map(str, itertools.count())
        for page in self.pages[::2]:
            self.join(page)

    def join(self, page: FakePage) -> None:
        self.session.join(page, resume=page.rev >= 0)
        self.here.add(page)

    @rule(site=sites, by_host=st.booleans())
    def request(self, site: str, by_host: bool) -> None:
        actor = host(site) if by_host else MODERATOR
        command = RequestFloor(cmd_id="c", name=next(self.names), site=site)
        self.session.commit(actor, command)

    @rule(pick=picks, other=picks, kind=st.sampled_from(KINDS))
    def about_a_request(self, pick: int, other: int, kind: str) -> None:
        requests = list(self.session.state.floor.requests)
        if not requests:
            return
        one, two = requests[pick % len(requests)], requests[other % len(requests)]
        commands: dict[str, SessionCommand] = {
            "accept": AcceptRequest(cmd_id="c", request=one),
            "cancel": CancelRequest(cmd_id="c", request=one, reason="Lý do"),
            "move": MoveRequest(cmd_id="c", request=one, before=two),
            "call": CallOnDeck(cmd_id="c", request=one),
            "grant": GrantFloor(cmd_id="c", request=one, override=True),
            "correct": CorrectTime(cmd_id="c", request=one, seconds=other),
            "undo": Undo(cmd_id="c"),
        }
        self.session.commit(MODERATOR, commands[kind])

    @rule(ends=st.booleans())
    def speech(self, ends: bool) -> None:
        self.session.now += 10
        for request, grant in self.session.state.floor.turns():
            self.session.commit(SYSTEM, MarkLive(cmd_id="c", grant=grant.id))
            if ends:
                self.session.commit(MODERATOR, ReleaseFloor(cmd_id="c", request=request.id))

    @rule(site=sites, item=st.sampled_from(["one", "two"]))
    def show(self, site: str, item: str) -> None:
        self.session.commit(MODERATOR, SetPreview(cmd_id="c", source=f"camera:{site}"))
        self.session.commit(MODERATOR, Take(cmd_id="c"))
        self.session.commit(MODERATOR, StartItem(cmd_id="c", item=item))

    @rule(page=pages)
    def come_or_go(self, page: int) -> None:
        one = self.pages[page]
        if one in self.here:
            one.read()
            self.session.channels.leave(one)
            self.here.remove(one)
        else:
            self.join(one)

    @rule(page=pages)
    def stall(self, page: int) -> None:
        if self.pages[page] in self.here:
            self.pages[page].stalled = True

    @rule(page=pages)
    def settle(self, page: int) -> None:
        self.session.channels.settle(self.pages[page])

    @rule()
    def deliver(self) -> None:
        self.session.deliver()

    @rule(until=st.integers(1, 8), page=pages)
    def deliver_while_things_happen(self, until: int, page: int) -> None:
        delivery = self.session.channels.deliver()
        for _ in itertools.islice(delivery, until):
            pass
        self.request(SITES[0], by_host=False)
        self.come_or_go(page)
        for _ in delivery:
            pass

    def teardown(self) -> None:
        for page in self.here:
            page.read()
        self.session.deliver()
        for page in self.here:
            assert page.rev == self.session.rev
            assert page.view == self.session.expected(page.actor)


TestPages = Pages.TestCase
TestPages.settings = settings(max_examples=60, stateful_step_count=40)
