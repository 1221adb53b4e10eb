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


def definer_function(signature: str, body: str, *, settings: Mapping[str, str] = NO_SETTINGS) -> tuple[str, str, str]:
    """Return the statements that create a function in PL/pgSQL; `settings` hold while it runs.

    Everybody may call it until REVOKE_EXECUTE.
    """
    set_clauses = " ".join(f"SET {name} = '{value}'" for name, value in settings.items())
    create = f"""
CREATE FUNCTION {signature}
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' SET search_path FROM CURRENT {set_clauses} AS $$
{body}
$$"""
    return FIX_SEARCH_PATH, create, RESET_SEARCH_PATH
