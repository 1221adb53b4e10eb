"""A browser with tabs that can be hidden; Playwright keeps every page visible."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from testkit.eventually import MAX_WAIT_SECONDS, POLL_INTERVAL_SECONDS


class Tabs:
    """A client of one browser's DevTools protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        """Use an open connection."""
        self._connection = connection
        self._numbers = count(1)

    def open(self, url: str, *, before: str = "") -> Tab:
        """Open a tab in front of the others; the script `before` runs before those of the page."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.send("Page.enable", session)
        self.send("Page.addScriptToEvaluateOnNewDocument", session, source=before)
        self.send("Page.navigate", session, url=url)
        self.send("Target.activateTarget", targetId=target)
        return Tab(self, session)

    def send(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """Send a command and return its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        self._connection.send(json.dumps(command | ({"sessionId": session} if session else {})))
        while (message := json.loads(self._connection.recv(MAX_WAIT_SECONDS))).get("id") != number:
            pass
        answer: dict[str, Any] = message["result"]
        return answer


class Tab:
    """One tab."""

    def __init__(self, tabs: Tabs, session: str) -> None:
        """Use the session of one page."""
        self._tabs = tabs
        self._session = session

    def evaluate(self, expression: str) -> object:
        """Return the value of an expression in the page."""
        answer = self._tabs.send("Runtime.evaluate", self._session, expression=expression, returnByValue=True)
        value: object = answer["result"].get("value")
        return value

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while self.evaluate(expression) is not True:
            assert time.monotonic() < deadline, f"it never became true: {expression}"
            time.sleep(POLL_INTERVAL_SECONDS)

    def freeze(self) -> None:
        """Stop its scripts and timers, as browsers do with tabs that were hidden for some minutes."""
        self._tabs.send("Page.setWebLifecycleState", self._session, state="frozen")


@contextmanager
def running_tabs(executable: str, directory: Path) -> Iterator[Tabs]:
    """Run a browser; `directory` is for its profile."""
    command = [executable, "--headless", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={directory}"]
    with (directory / "browser.log").open("wb") as log:
        process = subprocess.Popen([*command, "about:blank"], stdout=log, stderr=log)
    try:
        with connect(_address(process, directory), max_size=None) as connection:
            yield Tabs(connection)
    finally:
        process.terminate()
        process.wait(MAX_WAIT_SECONDS)


def _address(process: subprocess.Popen[bytes], directory: Path) -> str:
    address_file = directory / "DevToolsActivePort"
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not (address_file.exists() and len(lines := address_file.read_text().splitlines()) > 1):
        assert process.poll() is None, (directory / "browser.log").read_text()
        assert time.monotonic() < deadline, "the browser does not start"
        time.sleep(POLL_INTERVAL_SECONDS)
    port, path = lines
    return f"ws://127.0.0.1:{port}{path}"
