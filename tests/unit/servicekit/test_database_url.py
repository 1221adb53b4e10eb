from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import create_engine

from servicekit.database.url import DatabaseUrl, sqlalchemy_url
from servicekit.settings import EnvironmentSettings


@pytest.mark.parametrize("url", ["garbage", "postgresql://app:secret@one:port/astegni", "postgresql://one:1:2/astegni"])
def test_what_is_no_url_is_refused_at_the_start_without_its_password(url: str) -> None:
    class Settings(EnvironmentSettings):
        database_url: DatabaseUrl

    with pytest.raises(ValidationError, match="is not valid; write postgresql://") as refused:
        Settings(database_url=SecretStr(url))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://app@one/astegni", "one", None),
        ("postgresql://app@one:5433/astegni", "one", 5433),
        ("postgresql://app:a%40b,c@one:5433/astegni", "one", 5433),
        ("postgresql://app@one:5432,two:5433/astegni?target_session_attrs=read-write", "one,two", "5432,5433"),
        ("postgresql://app:a%40b@one:5432,two:5433/astegni", "one,two", "5432,5433"),
        ("postgresql://app@/astegni?host=/run/one,/run/two&target_session_attrs=read-write", "/run/one,/run/two", ","),
    ],
)
def test_the_driver_gets_every_server_that_a_url_names(url: str, host: str, port: str | int | None) -> None:
    engine = create_engine(sqlalchemy_url(url))
    _, arguments = engine.dialect.create_connect_args(engine.url)
    assert (arguments["host"], arguments.get("port")) == (host, port)
    assert (arguments["user"], arguments["dbname"]) == ("app", "astegni")
    assert ("target_session_attrs" in arguments) is ("target_session_attrs" in url)
