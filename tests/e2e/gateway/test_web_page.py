"""The web pages: which files are served, and with which headers."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest

from gateway.pages import Installation, WebFile, web_files
from testkit.envoy import running_gateway
from testkit.source_tree import ROOT
from tests.e2e.gateway.conftest import gateway_settings
from tests.e2e.gateway.upstream import Upstream

TIME_ZONE = "Africa/Addis_Ababa"
#: As it is configured without settings of the pages.
FILES = web_files(Installation(time_zone=TIME_ZONE, whiteboard_url="/whiteboard?session={whiteboard_id}"))
PAGES = [file for file in FILES if file.content_type.startswith("text/html")]
KEPT = [file for file in FILES if file.path.startswith("/assets/")]
SCRIPTS = sorted((ROOT / "gateway" / "web").rglob("*.js"))
#: One of each kind: what is said of all must not take a request for each.
PATHS = ["/", "/live-status.js", KEPT[0].path, "/demo-people.json"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_each_file_is_served_without_a_token_as_what_it_is(stranger: httpx.Client, file: WebFile) -> None:
    answer = stranger.get(file.path)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"] == file.content_type
    assert answer.headers["cache-control"] == file.cache_control
    sent = gzip.decompress(file.content) if file.content_encoding else file.content
    assert answer.content == sent


def test_the_api_s_documentation_needs_no_token(stranger: httpx.Client) -> None:
    assert 'id="viewer"' in stranger.get("/docs").text
    assert stranger.get("/openapi.json").json()["openapi"].startswith("3.")


def test_a_file_that_is_compressed_already_is_sent_as_it_is_stored(stranger: httpx.Client) -> None:
    viewer = next(file for file in FILES if file.path.endswith("/swagger-ui-bundle.js"))
    with stranger.stream("GET", viewer.path) as answer:
        assert b"".join(answer.iter_raw()) == viewer.content


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_file_that_a_page_names_is_served(stranger: httpx.Client, page: WebFile) -> None:
    named = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.content.decode())
    assert named
    assert {stranger.get(path).status_code for path in named} == {httpx.codes.OK}


@pytest.mark.parametrize("path", PATHS)
def test_a_file_can_only_be_read(api: httpx.Client, path: str) -> None:
    refused = api.post(path)
    assert (refused.status_code, refused.headers["allow"]) == (httpx.codes.METHOD_NOT_ALLOWED, "GET")


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_without_a_body(stranger: httpx.Client, path: str) -> None:
    answer = stranger.head(path)
    assert (answer.status_code, answer.content) == (httpx.codes.OK, b"")


def test_the_page_may_load_nothing_but_its_own_files(stranger: httpx.Client) -> None:
    policy = stranger.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/api/tutor/sessions"])
def test_every_answer_carries_the_security_headers(stranger: httpx.Client, path: str) -> None:
    headers = stranger.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_pages_are_revalidated_and_answers_of_the_api_never_stored(stranger: httpx.Client, api: httpx.Client) -> None:
    assert stranger.get("/").headers["cache-control"] == "no-cache"
    assert api.get("/api/tutor/sessions/5").headers["cache-control"] == "no-store"


def test_large_files_are_compressed_for_those_who_ask(stranger: httpx.Client) -> None:
    assert stranger.get("/whiteboard-presence.js").headers["content-encoding"] == "gzip"
    assert (
        "content-encoding"
        not in stranger.get("/whiteboard-presence.js", headers={"accept-encoding": "identity"}).headers
    )


def test_there_are_no_demo_people_unless_a_file_was_given(stranger: httpx.Client) -> None:
    assert stranger.get("/demo-people.json").json() == []


def test_the_file_of_demo_people_is_served_and_never_stored(tmp_path: Path, own_upstream: Upstream) -> None:
    people = [{"name": "Abebe Kebede", "role": "tutor", "token": "a.b.c"}]
    file = tmp_path / "demo-people.json"
    file.write_text(json.dumps(people))
    with running_gateway(tmp_path / "gateway", gateway_settings(own_upstream), demo_people=file) as gateway:
        answer = httpx.get(f"{gateway.url}/demo-people.json")
        elsewhere = [
            httpx.get(f"{gateway.url}/demo-people.json", headers={"host": host}).json()
            for host in ("rebound.example", "localhost.example:8000", "127.0.0.1.example", "127x0.0.1")
        ]
    assert answer.json() == people
    # A site whose name is made to resolve to this machine must not read the tokens.
    assert elsewhere == [[], [], [], []]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/index.html", "/envoy.yaml", "/token_filter.yaml", "/../token_filter.yaml", "/web/index.html"]
)
def test_no_other_file_is_served(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_page_writes_text_only_as_text(script: Path) -> None:
    text = script.read_text()
    assert not [
        word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write") if word in text
    ]
