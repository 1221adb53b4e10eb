"""Whatever is sent to the REST calls of the OpenAPI document, by whomever: the answer is as the document says."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckFunction, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from development.demo.people import PEOPLE
from development.demo.stories import STORIES
from development.openapi.document import DOCUMENT
from tests.e2e.pages.site import Site, token_of
from tests.fuzz.callers import CALLERS, TOKENS
from tests.fuzz.rounds import Rounds

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: What only somebody who reads our code should see.
INTERNALS = re.compile(r"Traceback|<class '|psycopg|sqlalchemy|google\.protobuf|\.py\b|object at 0x|SELECT |INSERT ")
#: Of a live view, which never ends.
EVENTS_READ = 1
SHORT_ROUND = 60
#: Generous: only a hanging call takes longer.
TIMEOUT_SECONDS = 60

#: Ids of the demo's lessons and of its people's profiles, which overlap.
KNOWN_IDS = (*range(1, len(STORIES) + 1), *(person.profile_id for person in PEOPLE if person.profile_id))


def test_any_request_gets_an_answer_of_the_document(site: Site, rounds: Rounds) -> None:
    def check(sent: tuple[Case[Any], str, int | None]) -> None:
        case, caller, known_id = sent
        if known_id is not None:
            case.path_parameters = dict.fromkeys(case.path_parameters, known_id)
        headers = {"authorization": f"Bearer {TOKENS[caller]}"} if TOKENS[caller] else {}
        answer = case.call(base_url=site.url, headers=headers, timeout=TIMEOUT_SECONDS)
        case.validate_response(answer, checks=CHECKS, excluded_checks=_not_for(answer))
        assert not INTERNALS.search(answer.text), answer.text

    rounds.run(check, requests(), short_round=SHORT_ROUND)


def _not_for(answer: Response) -> list[CheckFunction]:
    """Return the checks that misread an answer: events are text to the document, and objects to the check."""
    is_stream = answer.headers.get("content-type") == ["text/event-stream"]
    return [response_schema_conformance] if is_stream else []


def test_a_header_that_is_no_text_is_served_and_not_logged(site: Site) -> None:
    headers = [(b"authorization", f"Bearer {token_of(PEOPLE[0])}".encode()), (b"x-note", b"\xe9 private")]
    assert httpx.get(f"{site.url}/api/tutor/sessions/1", headers=headers).status_code == httpx.codes.OK
    assert "private" not in site.attendance.log()


def requests() -> SearchStrategy[tuple[Case[Any], str, int | None]]:
    """Return requests that agree with the document and others, with a caller, mostly about what exists."""
    config = schemathesis.Config.from_dict({"max-stream-events": EVENTS_READ})
    document: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    calls = schemathesis.openapi.from_dict(document, config=config)
    return strategies.tuples(
        strategies.one_of([calls.as_strategy(generation_mode=mode) for mode in GenerationMode]),
        strategies.sampled_from(CALLERS),
        strategies.one_of(strategies.none(), *[strategies.sampled_from(KNOWN_IDS)] * 2),
    )
