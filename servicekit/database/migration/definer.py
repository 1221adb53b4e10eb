"""Functions that act as the tables' owner, for what a role may do in this way only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: They look for tables in our schema first: else a temporary table of the same name would come before them.
FIX_SEARCH_PATH = "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)"
RESET_SEARCH_PATH = "RESET search_path"
#: PostgreSQL lets everybody call a new function.
REVOKE_EXECUTE = "REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC"
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def definer_function(
    signature: str, body: str, *, settings: Mapping[str, str] = NO_SETTINGS, replaces: bool = False
) -> tuple[str, str, str]:
    """Return the statements that create a function in PL/pgSQL.

    `settings` hold from its beginning to the end of the transaction. Everybody may call it until REVOKE_EXECUTE. If it
    replaces another one, who may call that may call it.
    """
    # Not as clauses of the function: only superusers may create one with settings that PostgreSQL does not know.
    begin = "".join(f"\n    PERFORM set_config('{name}', '{value}', true);" for name, value in settings.items())
    body = body.replace("\nBEGIN", f"\nBEGIN{begin}", 1)
    create = f"""
CREATE {"OR REPLACE " if replaces else ""}FUNCTION {signature}
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' SET search_path FROM CURRENT AS $$
{body}
$$"""
    return FIX_SEARCH_PATH, create, RESET_SEARCH_PATH
