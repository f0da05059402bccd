from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from bridge.config.problems import ConfigProblems
from bridge.config.resources import config_root
from bridge.config.settings import OPTIONS, Settings, load_settings
from bridge.config.values import Secret

SECRET = "0123456789abcdef"


def complaints(
    cli: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
    required: tuple[str, ...] = (),
) -> list[tuple[str, str, str]]:
    """Return key, what is wrong and what would be right of every problem."""
    with pytest.raises(ConfigProblems) as caught:
        load_settings(cli or {}, environ or {}, file, required=required)
    return [(problem.key, problem.wrong, problem.right) for problem in caught.value.problems]


def test_there_is_one_option_for_every_setting() -> None:
    assert tuple(option.name for option in OPTIONS) == Settings.__struct_fields__
    names = {option.name: (option.flag, option.variable, option.default) for option in OPTIONS}
    assert names["media_port"] == ("--media-port", "DIEMCAU_MEDIA_PORT", 10000)
    assert [option.name for option in OPTIONS if option.many] == ["public_address", "turn_urls"]
    assert [option.name for option in OPTIONS if not option.metavar] == ["tls_self_signed", "qr"]


def test_nothing_given_gives_the_defaults() -> None:
    assert load_settings({}, {}) == Settings()
    assert not Settings().tls


def test_the_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('host = "10.0.0.1"\nport = 1\nmedia_port = 2\nsimulate = 3\n')
    settings = load_settings(
        {"port": "11", "simulate": None},
        {"DIEMCAU_PORT": "21", "DIEMCAU_MEDIA_PORT": "22", "DIEMCAU_HOST": "", "HOME": "/"},
        file,
    )
    assert (settings.port, settings.media_port, settings.simulate) == (11, 22, 3)
    assert settings.host == "10.0.0.1"


def test_the_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    named, given = tmp_path / "a.toml", tmp_path / "b.toml"
    named.write_text("port = 1")
    given.write_text("port = 2")
    environ = {"DIEMCAU_CONFIG": str(named)}
    assert load_settings({}, environ).port == 1
    assert load_settings({}, environ, given).port == 2
    assert load_settings({}, {"DIEMCAU_CONFIG": ""}).port == 8080


def test_every_kind_of_value_is_understood_wherever_it_stands(tmp_path: Path) -> None:
    for name in ("event.toml", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    (tmp_path / "turn.secret").write_text(f"{SECRET}\n")
    expected = Settings(
        event=tmp_path / "event.toml",
        host="0.0.0.0",
        port=0,
        media_port=65535,
        media_host="10.0.0.2",
        engine="python",
        public_address=("203.0.113.7", "2001:db8::1"),
        public_url="https://cau.example.vn",
        data=tmp_path / "data",
        redis="redis://u:p@db.example:6380/1",
        tls_cert=tmp_path / "cert.pem",
        tls_key=tmp_path / "key.pem",
        turn_urls=("turn:turn.example.vn", "turns:[2001:db8::2]:443?transport=tcp"),
        turn_secret_file=tmp_path / "turn.secret",
        turn_ttl=600,
        simulate=63,
    )
    assert expected.turn_key == Secret(SECRET)
    assert expected.tls
    texts = {
        "event": str(tmp_path / "event.toml"),
        "host": " 0.0.0.0 ",
        "port": "0",
        "media_port": "65535",
        "media_host": "10.0.0.2",
        "engine": " Python",
        "public_address": "203.0.113.7, 2001:DB8::1,203.0.113.7",
        "public_url": "https://cau.example.vn/",
        "data": str(tmp_path / "data"),
        "redis": "redis://u:p@db.example:6380/1",
        "tls_cert": str(tmp_path / "cert.pem"),
        "tls_key": str(tmp_path / "key.pem"),
        "tls_self_signed": "no",
        "turn_urls": "turn:turn.example.vn, turns:[2001:db8::2]:443?transport=tcp",
        "turn_secret_file": str(tmp_path / "turn.secret"),
        "turn_ttl": "600",
        "simulate": "63",
    }
    assert load_settings(texts, {}) == expected
    assert load_settings({}, {f"DIEMCAU_{k.upper()}": v for k, v in texts.items()}) == expected
    assert load_settings(msgspec.structs.asdict(expected), {}) == expected
    file = tmp_path / "server.toml"
    file.write_text(
        'event = "event.toml"\nhost = "0.0.0.0"\nport = 0\nmedia_port = 65535\ndata = "data"\n'
        'media_host = "10.0.0.2"\nengine = "python"\n'
        'public_url = "https://cau.example.vn"\n'
        'public_address = ["203.0.113.7", "2001:db8::1"]\nredis = "redis://u:p@db.example:6380/1"\n'
        'tls_cert = "cert.pem"\ntls_key = "key.pem"\ntls_self_signed = false\nsimulate = 63\n'
        '[turn]\nurls = ["turn:turn.example.vn", "turns:[2001:db8::2]:443?transport=tcp"]\n'
        'secret_file = "turn.secret"\nttl = 600\n'
    )
    assert load_settings({}, {}, file) == expected


@pytest.mark.parametrize("text", ["1", "true", "Yes", "on", True])
def test_a_switch_may_be_written_in_several_ways(text: object) -> None:
    settings = load_settings({"tls_self_signed": text}, {})
    assert settings.tls_self_signed
    assert settings.tls


@pytest.mark.parametrize("url", ["unix:///run/valkey.sock", "rediss://h", "redis://127.0.0.1/0"])
def test_redis_may_be_reached_in_three_ways(url: str) -> None:
    assert load_settings({"redis": url}, {}).redis == url


@pytest.mark.parametrize(
    ("name", "value", "wrong", "right"),
    [
        ("port", "http", "'http' is not a whole number", "0 to 65535"),
        ("port", True, "True is not a whole number", "0 to 65535"),
        ("port", 80.5, "80.5 is not a whole number", "0 to 65535"),
        ("port", "65536", "65536 is out of range", "0 to 65535"),
        ("media_port", -1, "-1 is out of range", "0 to 65535"),
        ("simulate", "64", "64 is out of range", "0 to 63"),
        ("host", " ", "' ' is not a text", "write a text"),
        ("host", 5, "5 is not a text", "write a text"),
        ("public_address", "example.org", '"example.org" is not an IP', "203.0.113.7"),
        ("public_address", ["0.0.0.0"], "nobody can reach 0.0.0.0", "of this server"),
        ("public_address", "224.0.0.1", "nobody can reach 224.0.0.1", "of this server"),
        ("public_address", [7], "7 is not a text", "write a text"),
        ("public_url", "cau.example.vn", "is not the address of a server", "https://name"),
        ("public_url", "https://h:0", "is not the address of a server", "https://name:port"),
        ("public_url", "https://[h", "is not the address of a server", "https://name"),
        ("redis", "localhost:6379", "this is not the URL", '"redis://host:6379/0"'),
        ("redis", "http://h", "this is not the URL", "redis://"),
        ("redis", "redis://", "this is not the URL", "redis://"),
        ("redis", "redis://h:0", "this is not the URL", "redis://"),
        ("redis", "redis://:secret@h:port", "this is not the URL", "redis://"),
        ("redis", "unix://", "this is not the URL", "unix:///"),
        ("engine", "rust", "'rust' is none of them", "write auto, native or python"),
        ("engine", True, "True is none of them", "write auto, native or python"),
        ("tls_self_signed", "maybe", "'maybe' is neither true nor false", "true or false"),
        ("tls_self_signed", 1, "1 is neither true nor false", "true or false"),
        ("event", "nowhere/event.toml", "there is no file", "give a file that exists"),
        ("event", "", "'' is not a text", "write a text"),
        ("turn_ttl", 59, "59 is out of range", "60 to 86400"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(
    name: str, value: object, wrong: str, right: str
) -> None:
    ((key, what, better),) = complaints({name: value})
    assert key == "--" + name.replace("_", "-")
    assert wrong in what
    assert right in better


def test_a_password_is_never_shown() -> None:
    assert "secret" not in str(complaints({"redis": "redis://:secret@h:port"}))


def test_a_misspelt_file_is_told_from_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").touch()
    ((_, _, right),) = complaints({"event": str(tmp_path / "form.toml")})
    assert right == f'did you mean "{tmp_path / "forum.toml"}"?'


def test_the_data_folder_need_not_exist_but_must_be_possible(tmp_path: Path) -> None:
    assert load_settings({"data": str(tmp_path / "a" / "b")}, {}).data == tmp_path / "a" / "b"
    (tmp_path / "file").touch()
    ((_, wrong, _),) = complaints({"data": str(tmp_path / "file" / "b")})
    assert wrong == f'"{tmp_path / "file"}" is a file'


def test_every_bad_value_of_every_place_is_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("# settings\nprot = 80\nport = 'x'\nmedia_port = 70000\n\n[tls]\na = 1\n")
    with pytest.raises(ConfigProblems) as caught:
        load_settings(
            {"simulate": "many"}, {"DIEMCAU_HOTS": "::", "DIEMCAU_REDIS": "x", "X": "y"}, file
        )
    found = {(one.file, one.line, one.key) for one in caught.value.problems}
    assert found == {
        ("command line", 0, "--simulate"),
        ("environment", 0, "DIEMCAU_HOTS"),
        ("environment", 0, "DIEMCAU_REDIS"),
        (str(file), 2, "prot"),
        (str(file), 3, "port"),
        (str(file), 4, "media_port"),
        (str(file), 6, "tls"),
    }
    right = {one.key: one.right for one in caught.value.problems}
    assert right["DIEMCAU_HOTS"] == 'did you mean "DIEMCAU_HOST"?'
    assert right["prot"] == 'did you mean "port"?'


def test_a_wrong_value_is_reported_even_where_a_better_place_wins() -> None:
    assert complaints({"port": 1}, {"DIEMCAU_PORT": "x"})[0][0] == "DIEMCAU_PORT"


def test_variables_of_other_tools_are_left_alone() -> None:
    assert load_settings({}, {"DIEMCAU_BUILD_NUMBER_OF_CI": "1"}) == Settings()


def test_a_settings_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    ((_, wrong, _),) = complaints(file=tmp_path / "none.toml")
    assert wrong == "there is no such file"


def test_what_is_required_must_be_given(tmp_path: Path) -> None:
    assert complaints(required=("event",)) == [
        ("--event", "this is missing", "give --event FILE or set DIEMCAU_EVENT")
    ]
    (tmp_path / "event.toml").touch()
    settings = load_settings({"event": tmp_path / "event.toml"}, {}, required=("event",))
    assert settings.event == tmp_path / "event.toml"


def test_certificate_and_key_come_together(tmp_path: Path) -> None:
    pem = tmp_path / "one.pem"
    pem.touch()
    assert complaints({"tls_cert": pem}) == [
        ("--tls-cert", "this needs --tls-key too", "give --tls-key FILE")
    ]
    assert complaints({}, {"DIEMCAU_TLS_KEY": str(pem)}) == [
        ("DIEMCAU_TLS_KEY", "this needs --tls-cert too", "give --tls-cert FILE")
    ]
    assert complaints({"tls_cert": pem, "tls_key": pem, "tls_self_signed": True}) == [
        (
            "--tls-self-signed",
            "there is a certificate already",
            "give either this or --tls-cert and --tls-key",
        )
    ]


def test_the_shipped_example_names_every_setting_with_its_default() -> None:
    text = (config_root() / "server.toml").read_text()
    assert tomllib.loads(text) == {}
    shown: dict[tuple[str, str], object] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("# ["):
            table = line.strip("# []")
        name, equals, value = line.removeprefix("# ").partition(" = ")
        if equals:
            shown[table, name] = tomllib.loads(f"value = {value}")["value"]
    assert set(shown) == {(option.table, option.key) for option in OPTIONS if not option.secret}
    for option in OPTIONS:
        if option.default not in {None, ()}:
            assert option.parse(shown[option.table, option.key], Path()) == option.default


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("turn.example.vn:3478", "is not the address of a TURN server"),
        ("turn://turn.example.vn", "is not the address of a TURN server"),
        ("stun:turn.example.vn", "is not the address of a TURN server"),
        ("turn:turn.example.vn:65536", "is not the address of a TURN server"),
        ("turn:turn.example.vn:0", "is not the address of a TURN server"),
        ("turn:turn.example.vn?transport=sctp", "is not the address of a TURN server"),
        ("turn:a b", "is not the address of a TURN server"),
        ("turns:turn.example.vn?transport=udp", "no browser speaks"),
        (",".join(f"turn:t{number}" for number in range(9)), "9 addresses are too many"),
    ],
)
def test_addresses_no_browser_could_use_are_refused(url: str, wrong: str) -> None:
    problems = complaints({"turn_urls": url}, {"DIEMCAU_TURN_SECRET": SECRET})
    assert [wrong in what for _, what, _ in problems] == [True]


def test_a_turn_server_and_its_secret_come_together(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text('[turn]\nurls = ["turn:t"]\n')
    ((key, wrong, right),) = complaints(file=file)
    assert (key, wrong) == ("turn.urls", "this needs the secret of the TURN server")
    assert "turn.secret_file" in right
    ((key, wrong, _),) = complaints({}, {"DIEMCAU_TURN_SECRET": SECRET})
    assert (key, wrong) == ("DIEMCAU_TURN_SECRET", "there is no TURN server that this is for")
    (tmp_path / "turn.secret").write_text(SECRET)
    both = {"turn_urls": "turn:t", "turn_secret_file": str(tmp_path / "turn.secret")}
    assert complaints(both, {"DIEMCAU_TURN_SECRET": SECRET}) == [
        ("--turn-secret-file", "there is a secret already", "give only one")
    ]
    assert load_settings({"turn_urls": ["turn:t"]}, {"DIEMCAU_TURN_SECRET": SECRET}).turn_key


def test_a_secret_is_long_enough_and_never_shown(tmp_path: Path) -> None:
    settings = load_settings({"turn_urls": "turn:t"}, {"DIEMCAU_TURN_SECRET": SECRET})
    assert settings.turn_key == Secret(SECRET)
    assert SECRET not in f"{settings!r} {settings.turn_key!s}"
    (tmp_path / "turn.secret").write_text("hunter2")
    for given, environ in (
        ({"turn_urls": "turn:t"}, {"DIEMCAU_TURN_SECRET": "hunter2"}),
        ({"turn_urls": "turn:t", "turn_secret_file": tmp_path / "turn.secret"}, {}),
    ):
        problems = complaints(given, environ)
        assert "a secret has 16 characters or more" in str(problems)
        assert "hunter2" not in str(problems)
    file = tmp_path / "server.toml"
    file.write_text(f'[turn]\nurls = ["turn:t"]\nsecret = "{SECRET}"\nurl = 1\n')
    problems = complaints({}, {"DIEMCAU_TURN_SECRET": SECRET}, file)
    assert problems == [
        (
            "turn.secret",
            "a secret does not belong into this file",
            "write secret_file, or set DIEMCAU_TURN_SECRET",
        ),
        ("turn.url", "there is no such setting", 'did you mean "urls"?'),
    ]
    file.write_text("turn = 1")
    assert complaints({}, {}, file) == [("turn", "this is a table", "write it as [turn]")]


def test_a_secret_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "turn.secret").write_bytes(b"\xff" * 32)
    given = {"turn_urls": "turn:t", "turn_secret_file": tmp_path / "turn.secret"}
    ((_, wrong, right),) = complaints(given)
    assert "cannot be read" in wrong
    assert right == "let the server's user read it"
