"""Firefox ESR with a fake camera and microphone, driven by Marionette.

Playwright drives a Firefox of its own only, and Debian has no geckodriver; Marionette, the protocol
under it, is a few JSON messages over TCP: ``<length>:[0, id, command, parameters]`` and
``<length>:[1, id, error, result]``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["FIREFOX", "Firefox", "firefox"]

FIREFOX = "/usr/bin/firefox-esr"

#: What a test machine needs: no questions, no traffic of its own, a camera that is not there.
PREFERENCES: Mapping[str, bool | int | str] = {
    "marionette.port": 0,  # any free one; written into the profile
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "intl.accept_languages": "vi-VN, vi",
}

#: Errors of pages' scripts that the browser's console has, with where they are.
PROBLEMS = """
return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError)
  .filter((one) => !(one.flags & Ci.nsIScriptError.warningFlag))
  .filter((one) => /^https?:/.test(one.sourceName))
  .map((one) => `${one.sourceName}:${one.lineNumber} ${one.errorMessage}`);
"""


class Firefox:
    """One running Firefox; use it with :func:`firefox`."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._sent = 0

    async def begin(self) -> None:
        """Read the greeting and begin a session."""
        self._reader, self._writer = await asyncio.open_connection(
            sock=self._channel, limit=1 << 26
        )
        await self._read()
        await self.command(
            "WebDriver:NewSession",
            {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}},
        )
        await self.command("WebDriver:SetTimeouts", {"script": 60_000, "pageLoad": 60_000})

    async def _read(self) -> Any:
        assert self._reader is not None
        length = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(length))

    async def command(self, name: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Send one command and return its result."""
        assert self._writer is not None
        self._sent += 1
        message = json.dumps([0, self._sent, name, parameters or {}]).encode()
        self._writer.write(b"%d:%b" % (len(message), message))
        await self._writer.drain()
        async with asyncio.timeout(90):
            while True:
                kind, number, error, result = await self._read()
                if kind == 1 and number == self._sent:
                    assert not error, f"{name}: {error['error']}: {error['message']}"
                    return result

    async def goto(self, url: str) -> None:
        """Open *url* in the present tab."""
        await self.command("WebDriver:Navigate", {"url": url})

    async def new_tab(self) -> str:
        """Open another tab, make it the present one, and return its handle."""
        made = await self.command("WebDriver:NewWindow", {"type": "tab"})
        handle: str = made["handle"]
        await self.switch(handle)
        return handle

    async def switch(self, handle: str) -> None:
        """Make the tab with *handle* the present one."""
        await self.command("WebDriver:SwitchToWindow", {"handle": handle})

    async def resize(self, width: int, height: int) -> None:
        """Give the window a size, in pixels."""
        await self.command("WebDriver:SetWindowRect", {"width": width, "height": height})

    async def evaluate(self, body: str, *arguments: Any) -> Any:
        """Run *body* as the body of an async function in the page; return what it returns."""
        script = (
            "const done = arguments[arguments.length - 1];"
            "const window = globalThis.window.wrappedJSObject ?? globalThis.window;"
            f"(async (...given) => {{ {body} }})(...[...arguments].slice(0, -1))"
            ".then((value) => done({ value: JSON.stringify(value ?? null) }),"
            " (error) => done({ error: String(error) }));"
        )
        answer = await self.command(
            "WebDriver:ExecuteAsyncScript",
            {"script": script, "args": list(arguments), "sandbox": None, "newSandbox": False},
        )
        result = answer["value"]
        assert "error" not in result, result["error"]
        return json.loads(result["value"])

    async def until(
        self, body: str, *arguments: Any, timeout_s: float = 20.0, what: str = ""
    ) -> Any:
        """Wait until *body* gives something true, and return it."""
        end = time.monotonic() + timeout_s
        while not (value := await self.evaluate(body, *arguments)):
            assert time.monotonic() < end, f"not within {timeout_s} s: {what or body}"
            await asyncio.sleep(0.1)
        return value

    async def click(self, testid: str) -> None:
        """Click what has *testid*, once it can be clicked."""
        await self.until(
            "const found = document.querySelector(`[data-testid='${given[0]}']`);"
            "if (!found || found.disabled) return false; found.click(); return true;",
            testid,
        )

    async def attribute(self, testid: str, name: str) -> str | None:
        """Return an attribute of what has *testid*; None if either is not there."""
        value: str | None = await self.evaluate(
            "return document.querySelector(`[data-testid='${given[0]}']`)?.getAttribute(given[1]);",
            testid,
            name,
        )
        return value

    async def screenshot(self, file: Path) -> None:
        """Keep a picture of the page."""
        answer = await self.command("WebDriver:TakeScreenshot", {"full": False})
        file.write_bytes(base64.b64decode(answer["value"]))

    async def problems(self) -> list[str]:
        """Return the script errors of all pages so far."""
        await self.command("Marionette:SetContext", {"value": "chrome"})
        try:
            answer = await self.command("WebDriver:ExecuteScript", {"script": PROBLEMS, "args": []})
        finally:
            await self.command("Marionette:SetContext", {"value": "content"})
        found: list[str] = answer["value"]
        return found

    async def quit(self) -> None:
        """Let Firefox end."""
        if self._writer is not None:
            with suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError):
                await self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
            self._writer.close()


def _profile(folder: Path, preferences: Mapping[str, bool | int | str]) -> None:
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in preferences.items()
    ]
    (folder / "user.js").write_text("".join(lines), encoding="utf-8")


async def _channel(
    folder: Path, process: subprocess.Popen[bytes], make: Callable[[int], socket.socket]
) -> socket.socket:
    """Return a connection to Marionette as soon as it listens."""
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, (folder / "log").read_text(errors="replace")
        assert time.monotonic() < end, "Firefox does not listen"
        with suppress(OSError, ValueError):
            port = int((folder / "MarionetteActivePort").read_text())
            channel = make(socket.SOCK_STREAM)
            try:
                channel.connect(("127.0.0.1", port))
            except OSError:
                channel.close()
                raise
            channel.setblocking(False)
            return channel
        await asyncio.sleep(0.1)


@asynccontextmanager
async def firefox(
    preferences: Mapping[str, bool | int | str] | None = None,
    *,
    secure: str = "",
    command: Callable[..., list[str]] = lambda *words: [*words],
    connect: Callable[[int], socket.socket] = lambda kind: socket.socket(socket.AF_INET, kind),
) -> AsyncIterator[Firefox]:
    """Start Firefox and end it afterwards; errors of its pages' scripts fail the test.

    Args:
        preferences: more of them, as in ``about:config``.
        secure: host that counts as secure although it is asked by plain HTTP.
        command: where to run it, as a prefix of the command line.
        connect: makes a TCP socket that reaches its loopback.
    """
    assert Path(FIREFOX).exists(), "install Firefox ESR: sh tools/test-tools.sh network"
    chosen = {**PREFERENCES, "dom.securecontext.allowlist": secure, **(preferences or {})}
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _profile(folder, chosen)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command(
                    FIREFOX, "--headless", "--marionette", "--remote-allow-system-access",
                    "--no-remote", "--profile", str(folder),
                ),
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "HOME": name, "MOZ_HEADLESS": "1"},
            )  # fmt: skip
        browser: Firefox | None = None
        try:
            browser = Firefox(await _channel(folder, process, connect))
            await browser.begin()
            yield browser
            problems = await browser.problems()
        finally:
            if browser is not None:
                await browser.quit()
            try:
                await asyncio.to_thread(process.wait, 10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    assert not problems, problems
