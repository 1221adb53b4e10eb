"""How the services of `make up` log in: as their own roles, so that only migrations log in as the tables' owner."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Final

from sqlalchemy import make_url

from servicekit.database.migration.roles import NO_ROLE

_PASSWORD_BYTES: Final = 16


class ServiceLogin:
    """The login of one service on the embedded database; its password lasts until the next start."""

    def __init__(self, service: str) -> None:
        """`service` is a package whose settings begin with its name, such as tracking_service."""
        self._prefix = service.removesuffix("_service").upper()
        self._role = os.environ.get(f"{self._prefix}_DATABASE_ROLE") or service
        self._password = secrets.token_hex(_PASSWORD_BYTES)

    def migration_settings(self) -> Mapping[str, str]:
        """Return what its migration needs to let it log in."""
        return {} if self._role == NO_ROLE else {f"{self._prefix}_DATABASE_PASSWORD": self._password}

    def url(self, owner_url: str) -> str:
        """Return the URL with which the service logs in, made of the owner's."""
        if self._role == NO_ROLE:
            return owner_url
        url = make_url(owner_url).set(username=self._role, password=self._password)
        return url.render_as_string(hide_password=False)
