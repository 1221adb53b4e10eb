"""Reads from the REST API, through the gateway."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from attendancectl.options import refuse
from attendancectl.settings import OperatorSettings
from attendancectl.tokens import signed_token
from servicekit.tls.certificates import TlsInvalid
from servicekit.tls.contexts import client_context

#: The gateway gives up a call after 10 s by default.
TIMEOUT_SECONDS: Final = 60.0
_TOKEN_LIFETIME: Final = timedelta(minutes=10)
_ROWS_PER_PAGE: Final = "200"


class GatewayClient:
    """Makes GET requests as one person."""

    def __init__(self, settings: OperatorSettings, *, subject: str, role: str) -> None:
        """Sign a token; nothing connects yet."""
        if not settings.gateway_probe_address:
            refuse("GATEWAY_PROBE_ADDRESS is not set: set it to host:port of the gateway.")
        self._address = settings.gateway_probe_address
        self._headers = {"authorization": f"Bearer {signed_token(subject, role, _TOKEN_LIFETIME)}"}
        authorities = settings.probe_authorities
        try:
            self._tls = None if authorities is None else client_context(authorities)
        except TlsInvalid as error:
            refuse(str(error))

    def get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        """Return the answer's body; end the command with what the API says if it is none."""
        query = urlencode({name: value for name, value in parameters.items() if value})
        connection = (
            http.client.HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)
            if self._tls is None
            else http.client.HTTPSConnection(self._address, timeout=TIMEOUT_SECONDS, context=self._tls)
        )
        try:
            connection.request("GET", f"{path}?{query}", headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            refuse(f"The gateway at {self._address} does not answer: {error}. Run `attendancectl doctor`.")
        finally:
            connection.close()
        if answer.status != http.client.OK:
            refuse(f"The API refused it with {answer.status}: {_said(body)}")
        return body

    def rows(self, path: str, parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Return the rows of all pages of a list."""
        page_token = ""
        while True:
            page = json.loads(self.get(path, {**parameters, "page_size": _ROWS_PER_PAGE, "page_token": page_token}))
            for value in page.values():
                if isinstance(value, list):
                    yield from value
            page_token = page.get("next_page_token", "")
            if not page_token:
                return


def _said(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")[:200]
    return str(said.get("message", said)) if isinstance(said, dict) else str(said)
