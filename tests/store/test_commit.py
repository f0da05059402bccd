from __future__ import annotations

import hashlib
from dataclasses import replace

import msgspec
import pytest

from bridge.errors import Code, StoreUnavailable
from bridge.store.commit import GENESIS, Commit, commit_hash, decode, following, verify_chain
from tests.store.servers import MODERATOR, Noted, chain, noted


def test_first_commit_follows_the_genesis_hash() -> None:
    commit = noted(None, "c1")
    assert (commit.rev, commit.prev_hash, commit.cmd_id) == (1, GENESIS, "c1")


def test_next_commit_carries_the_hash_of_the_stored_bytes() -> None:
    first = noted(None, "c1")
    second = noted(first, "c2")
    assert second.rev == 2
    assert second.prev_hash == hashlib.sha256(first.data).hexdigest() == commit_hash(first.data)


def test_decode_gives_back_every_field_and_the_exact_bytes() -> None:
    commit = noted(None, "c1", text="Điện Biên xin phát biểu")
    again = decode(commit.data)
    assert again == commit
    assert again.data == commit.data
    assert again.hash == commit.hash
    assert again.actor == MODERATOR
    assert msgspec.json.decode(again.events, type=list[Noted]) == [
        Noted(text="Điện Biên xin phát biểu")
    ]


def test_hash_covers_fields_of_later_versions_too() -> None:
    plain = noted(None, "c1")
    newer = plain.data[:-1] + b',"added_later":1}'
    commit = decode(newer)
    assert commit == plain
    assert commit.hash == commit_hash(newer) != plain.hash


def test_commit_without_events_is_an_empty_array() -> None:
    commit = following(None, at=1.0, actor=MODERATOR, cmd_id="c1", events=[])
    assert decode(commit.data).events == b"[]"


@pytest.mark.parametrize("data", [b"", b"{}", b"not json", b'{"rev":1}', b"\xff\xfe"])
def test_bytes_that_are_no_commit_are_refused(data: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        decode(data)


def test_whole_chain_verifies() -> None:
    verify_chain(chain(20))
    verify_chain([])


def test_part_of_a_chain_verifies_after_its_predecessor() -> None:
    commits = chain(5)
    verify_chain(commits[3:], after=commits[2])
    with pytest.raises(StoreUnavailable):
        verify_chain(commits[3:], after=commits[1])


def reworded(commit: Commit) -> Commit:
    return replace(commit, events=commit.events.replace(b"ghi", b"xoa"), data=b"")


def test_changed_commit_breaks_the_chain_at_its_revision() -> None:
    commits = chain(5)
    commits[2] = reworded(commits[2])
    with pytest.raises(StoreUnavailable, match="between revisions 3 and 4") as caught:
        verify_chain(commits)
    assert caught.value.code is Code.STORE_CORRUPT
    assert caught.value.details == {"rev": 3}


def test_removed_commit_breaks_the_chain() -> None:
    commits = chain(5)
    with pytest.raises(StoreUnavailable, match="Revision 3 is missing") as caught:
        verify_chain([*commits[:2], *commits[3:]])
    assert caught.value.details == {"rev": 3}


def test_chain_must_begin_at_genesis() -> None:
    stranger = replace(noted(None, "c1"), prev_hash="f" * 64, data=b"")
    with pytest.raises(StoreUnavailable) as caught:
        verify_chain([stranger])
    assert caught.value.details == {"rev": 1}
