"""Customers' databases after their adoption: adopted once, cloned for every test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from development.postgres import EmbeddedPostgres
from testkit.postgres import execute, fresh_database, migrate
from tests.integration.migrations.customer_databases import AFTER, BEFORE, MIXED

CUSTOMERS = {"adopted_before": BEFORE, "adopted_after": AFTER, "adopted_mixed": MIXED}


@pytest.fixture(scope="session")
def adoption_notes(postgres_server: EmbeddedPostgres) -> Mapping[str, tuple[str, ...]]:
    """Make a template database of each customer, adopt it, and return the migrations' notes by its name."""
    notes = {}
    for name, customer in CUSTOMERS.items():
        execute(postgres_server.url(), f"CREATE DATABASE {name}")
        execute(postgres_server.url(name), customer)
        notes[name] = migrate(postgres_server.url(name))
    return notes


@pytest.fixture
def adopted_before(postgres_server: EmbeddedPostgres, adoption_notes: Mapping[str, object]) -> Iterator[str]:
    """Return the URL of an adopted database that was in the state before the documented migrations."""
    yield from _clone(postgres_server, adoption_notes, "adopted_before")


@pytest.fixture
def adopted_after(postgres_server: EmbeddedPostgres, adoption_notes: Mapping[str, object]) -> Iterator[str]:
    """Return the URL of an adopted database that was in the state after them."""
    yield from _clone(postgres_server, adoption_notes, "adopted_after")


@pytest.fixture
def adopted_mixed(postgres_server: EmbeddedPostgres, adoption_notes: Mapping[str, object]) -> Iterator[str]:
    """Return the URL of an adopted database that was half-way between."""
    yield from _clone(postgres_server, adoption_notes, "adopted_mixed")


@pytest.fixture(params=CUSTOMERS)
def adopted(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, adoption_notes: Mapping[str, object]
) -> Iterator[str]:
    """Return the URL of each adopted database in turn."""
    yield from _clone(postgres_server, adoption_notes, request.param)


def _clone(server: EmbeddedPostgres, templates: Mapping[str, object], name: str) -> Iterator[str]:
    assert name in templates
    with fresh_database(server, template=name) as url:
        yield url
