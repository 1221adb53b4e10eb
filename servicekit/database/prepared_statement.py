"""Statements that PostgreSQL parses and plans once per connection, for those that run many times a second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, CursorResult

from servicekit.database import pooler

#: A parameter such as `:name`, but not a cast such as `::int`.
_PARAMETER = re.compile(r"(?<!:):(\w+)")


class PreparedStatement:
    """A statement that each connection plans when it is first used there.

    Planning the statement for heartbeats takes as long as running it for a hundred of them.
    """

    def __init__(self, name: str, statement: str, types: Mapping[str, str]) -> None:
        """`statement` names its parameters as `:name`; `types` are PostgreSQL's, by these names."""
        positions = {parameter: f"${number}" for number, parameter in enumerate(types, start=1)}
        numbered = _PARAMETER.sub(lambda match: positions[match[1]], statement)
        self._name = name
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {numbered}"
        cast = _PARAMETER.sub(lambda match: f"CAST(:{match[1]} AS {types[match[1]]})", statement)
        self._unprepared = text(cast)
        self._execute = text(f"EXECUTE {name} ({', '.join(f':{parameter}' for parameter in types)})")

    def execute(self, connection: Connection, parameters: Mapping[str, object]) -> CursorResult[Any]:
        """Run it with parameters by name."""
        if pooler.is_between(connection):
            return connection.execute(self._unprepared, parameters)
        # `info` lives as long as the server's connection, as the plan does, and neither is undone by a rollback.
        if self._name not in connection.info:
            connection.exec_driver_sql(self._prepare)
            connection.info[self._name] = True
        return connection.execute(self._execute, parameters)
