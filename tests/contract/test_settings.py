from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from servicekit.settings import EnvironmentSettings
from testkit.source_tree import ROOT
from tests.contract.packages import subclasses

_ENTRY = re.compile(r"(?P<comment>(?:^# .*\n)+)^#?(?P<name>[A-Z_0-9]+)=(?P<value>.*)$", re.MULTILINE)
EXAMPLE = {entry["name"]: entry for entry in _ENTRY.finditer((ROOT / ".env.example").read_text())}
#: Variables that no process of ours reads, but docker compose.
COMPOSE = set(re.findall(r"\$\{([A-Z_0-9]+)", (ROOT / "docker-compose.yml").read_text()))


def _fields() -> dict[str, list[FieldInfo]]:
    """Return each variable with the fields that read it."""
    fields: dict[str, list[FieldInfo]] = {}
    for kind in subclasses(EnvironmentSettings):
        for name, field in kind.model_fields.items():
            fields.setdefault(name.upper(), []).append(field)
    return fields


FIELDS = _fields()


def test_every_setting_is_explained() -> None:
    assert FIELDS.keys() - EXAMPLE.keys() == set()


def test_everything_that_is_explained_is_a_setting() -> None:
    assert EXAMPLE.keys() - FIELDS.keys() - COMPOSE == set()


def test_docker_compose_reads_nothing_else() -> None:
    assert COMPOSE - EXAMPLE.keys() == set()


@pytest.mark.parametrize("name", EXAMPLE)
@pytest.mark.parametrize("what", ["Unit: ", "Default: ", "Reason: "])
def test_a_setting_is_explained_with(name: str, what: str) -> None:
    assert what in EXAMPLE[name]["comment"].replace("\n# ", " ")


@pytest.mark.parametrize("name", sorted(EXAMPLE.keys() & FIELDS.keys()))
def test_the_example_shows_the_default(name: str) -> None:
    defaults = {
        _shown(field.get_default(call_default_factory=True, validated_data={}))
        for field in FIELDS[name]
        if not field.is_required()
    }
    assert EXAMPLE[name]["value"] in defaults or not defaults


def _shown(default: object) -> str:
    match default:
        case SecretStr():
            return default.get_secret_value()
        case Path():
            return str(default.relative_to(ROOT))
        case tuple():
            return ",".join(str(part) for part in default)
        case float():
            return f"{default:g}"
        case None:
            return ""
        case _:
            return str(default)
