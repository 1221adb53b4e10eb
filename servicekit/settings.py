"""Settings from the environment; every fault is reported at once, before anything starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: 256 bits, what HS256 asks for (RFC 7518, 3.2); anything shorter can be guessed offline from one token.
MIN_SECRET_BYTES = 32
#: Exit status of a command that was used wrongly.
USAGE_ERROR = 2

_SettingsT = TypeVar("_SettingsT", bound=BaseSettings)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone; use a name such as Africa/Addis_Ababa or UTC") from error
    return name


def _strong(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes; make one with: openssl rand -hex 32")
    return secret


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]
SigningSecret = Annotated[SecretStr, AfterValidator(_strong)]
LogLevel = Literal["debug", "info", "warning", "error"]
Port = Annotated[int, Field(ge=0, le=65535)]
CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class EnvironmentSettings(BaseSettings):
    """Fields are read from environment variables of the same name in upper case; an empty one counts as unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class IdentitySettings(EnvironmentSettings):
    """Who may call: at least one way to verify tokens must be given."""

    #: Secret of the HS256 tokens that the platform issues.
    jwt_hs256_secret: SigningSecret = SecretStr("")
    #: File with a JSON Web Key Set for RS256 and ES256 tokens.
    jwt_jwks_file: Path | None = None

    @model_validator(mode="after")
    def _some_key(self) -> IdentitySettings:
        if not self.jwt_hs256_secret.get_secret_value() and self.jwt_jwks_file is None:
            raise ValueError("set JWT_HS256_SECRET or JWT_JWKS_FILE: without a key nobody can be told from anybody")
        return self


class ServiceIdentitySettings(IdentitySettings):
    """The same for a process that is a client of the tracking service, too."""

    #: File with a token of role `service` for the tracking service; needed only where no HS256 secret is set to sign
    #: one with. Read anew before each use that follows a change.
    service_token_file: Path | None = None

    @model_validator(mode="after")
    def _some_service_token(self) -> ServiceIdentitySettings:
        if not self.jwt_hs256_secret.get_secret_value() and self.service_token_file is None:
            raise ValueError(
                "set JWT_HS256_SECRET or SERVICE_TOKEN_FILE: the tracking service answers services with a token alone"
            )
        return self


def load(kind: type[_SettingsT]) -> _SettingsT:
    """Read the settings or end the process, naming every fault and its variable."""
    try:
        return kind()
    except ValidationError as error:
        print("The settings are not valid:", file=sys.stderr)  # noqa: T201 - logging is not set up before settings are
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            print(f"  {name or 'settings'}: {fault['msg'].removeprefix('Value error, ')}", file=sys.stderr)  # noqa: T201
        print("Each variable is explained in .env.example.", file=sys.stderr)  # noqa: T201
        sys.exit(USAGE_ERROR)
