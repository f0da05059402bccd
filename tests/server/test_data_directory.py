"""Secret and withdrawn links on disk."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bridge.errors import Code, ConfigError
from bridge.server.data_directory import DataDirectory


def test_the_secret_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    secret = DataDirectory(tmp_path).secret()
    assert len(secret) == 32
    assert DataDirectory(tmp_path).secret() == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_damaged_secret_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    with pytest.raises(ConfigError) as refused:
        DataDirectory(tmp_path).secret()
    assert "Remove it" in refused.value.message


def test_no_server_yet(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        DataDirectory(tmp_path).read_info()
    assert refused.value.code is Code.CONFIG_INVALID


def test_a_withdrawn_key_is_noticed_by_a_running_server(tmp_path: Path) -> None:
    running, command = DataDirectory(tmp_path), DataDirectory(tmp_path)
    assert "abc" not in running.revoked()
    command.revoke("abc")
    assert "abc" in running.revoked()
    assert "def" not in running.revoked()


def test_an_unreadable_list_keeps_what_was_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = DataDirectory(tmp_path)
    directory.revoke("abc")
    assert "abc" in directory.revoked()
    (tmp_path / "revoked").unlink()
    (tmp_path / "revoked").mkdir()  # reading a directory fails for root too
    with caplog.at_level(logging.WARNING):
        assert "abc" in directory.revoked()
        assert "abc" in directory.revoked()
    assert caplog.text.count("cannot be read") == 1
