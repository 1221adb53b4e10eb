"""Only calls with a valid token of the platform pass the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from astegni.tracking.v1 import tracking_pb2, tracking_pb2_grpc
from testkit.envoy import Gateway, running_gateway
from tests.e2e.gateway.answers import reason
from tests.e2e.gateway.conftest import SECRET, bearer, gateway_settings, token
from tests.e2e.gateway.upstream import Upstream

SESSIONS = "/api/tutor/sessions"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
UNKNOWN_KEY = ec.generate_private_key(ec.SECP256R1())
#: Longer than the clock skew that is allowed.
LONG_AGO = timedelta(minutes=-2)


def claims(**changes: object) -> dict[str, Any]:
    """Return claims as the platform writes them; None removes one."""
    now = int(time.time())
    made = {"sub": "101", "role": "tutor", "role_ids": {"tutor": "1"}, "iat": now, "exp": now + 3600, **changes}
    return {name: value for name, value in made.items() if value is not None}


def passes(client: httpx.Client, value: str) -> bool:
    """Return whether a call with this token reaches the service, which answers NOT_FOUND."""
    answer = client.get(SESSIONS, headers=bearer(value))
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return False
    assert reason(answer, 404) == "NOT_FOUND"
    return True


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a JWK set with private members that must not go further."""
    keys = [
        {**ECAlgorithm.to_jwk(EC_KEY, as_dict=True), "kid": "ec-1", "alg": "ES256", "use": "sig"},
        {**RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": "rsa-1"},
    ]
    path = tmp_path_factory.mktemp("keys") / "platform.json"
    path.write_text(json.dumps({"keys": keys}))
    return path


@pytest.fixture(scope="module")
def gateway_with_keys(
    shared_upstream: Upstream, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    settings = gateway_settings(shared_upstream, JWT_JWKS_FILE=str(key_file))
    with running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway:
        gateway.wait_until_healthy()
        yield gateway


@pytest.fixture
def keyed(gateway_with_keys: Gateway, upstream: Upstream) -> Iterator[httpx.Client]:
    assert not upstream.answers
    with httpx.Client(base_url=gateway_with_keys.url) as client:
        yield client


@pytest.fixture(scope="module")
def configured(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a gateway that requires an issuer and an audience."""
    settings = gateway_settings(shared_upstream, JWT_ISSUER="platform", JWT_AUDIENCE="attendance")
    with running_gateway(tmp_path_factory.mktemp("gateway"), settings) as gateway:
        gateway.wait_until_healthy()
        with httpx.Client(base_url=gateway.url) as client:
            yield client


@pytest.mark.usefixtures("upstream")
class TestSecret:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"role_ids": None},
            {"role_ids": {"tutor": "1", "student": None}},
            {"roles": ["tutor", "parent"]},
            {"iat": None},
            {"iss": "platform", "aud": "anybody"},
            {"sub": "whiteboard-relay", "role": "service"},
        ],
        ids=str,
    )
    def test_the_platforms_tokens_pass_as_they_are(self, stranger: httpx.Client, changes: dict[str, Any]) -> None:
        assert passes(stranger, jwt.encode(claims(**changes), SECRET, algorithm="HS256"))

    def test_without_a_token_nothing_passes(self, stranger: httpx.Client) -> None:
        refused = stranger.get(SESSIONS)
        assert reason(refused, 401) == "BEARER_MISSING"
        assert refused.headers["www-authenticate"] == 'Bearer realm="astegni"'

    @pytest.mark.parametrize("value", ["garbage", "a.b.c", "null", "undefined", "e30.e30.e30"])
    def test_garbage_does_not_pass(self, stranger: httpx.Client, value: str) -> None:
        assert reason(stranger.get(SESSIONS, headers=bearer(value)), 401) == "TOKEN_INVALID"

    def test_an_expired_token_does_not_pass_and_is_called_expired(self, stranger: httpx.Client) -> None:
        refused = stranger.get(SESSIONS, headers=bearer(token(lifetime=LONG_AGO)))
        assert reason(refused, 401) == "TOKEN_EXPIRED"
        assert refused.headers["www-authenticate"] == 'Bearer realm="astegni", error="invalid_token"'

    def test_a_token_without_an_end_does_not_pass(self, stranger: httpx.Client) -> None:
        assert not passes(stranger, jwt.encode(claims(exp=None), SECRET, algorithm="HS256"))

    def test_a_token_signed_with_another_secret_does_not_pass(self, stranger: httpx.Client) -> None:
        assert not passes(stranger, token(secret="another secret that is long enough"))  # noqa: S106

    def test_an_unsigned_token_does_not_pass(self, stranger: httpx.Client) -> None:
        assert not passes(stranger, jwt.encode(claims(), "", algorithm="none"))

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_the_secret_is_good_for_hs256_only(self, stranger: httpx.Client, algorithm: str) -> None:
        # Long enough for the algorithm, so that only the algorithm is at fault.
        with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
            value = jwt.encode(claims(), SECRET, algorithm=algorithm)
        assert not passes(stranger, value)

    def test_a_token_in_the_query_string_does_not_count(self, stranger: httpx.Client) -> None:
        assert reason(stranger.get(SESSIONS, params={"access_token": token()}), 401) == "BEARER_MISSING"

    def test_an_unknown_path_needs_a_token_as_well(self, stranger: httpx.Client) -> None:
        assert reason(stranger.get("/api/nothing"), 401) == "BEARER_MISSING"

    def test_a_native_grpc_call_needs_a_token_as_well(self, channel: grpc.Channel) -> None:
        with pytest.raises(grpc.RpcError) as refused:
            tracking_pb2_grpc.TrackingServiceStub(channel).Connect(tracking_pb2.ConnectRequest())
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "authorization: Bearer <token>" in str(refused.value.details())

    def test_the_token_travels_on_so_that_the_service_verifies_it_again(
        self, stranger: httpx.Client, upstream: Upstream
    ) -> None:
        value = token()
        stranger.get(SESSIONS, headers=bearer(value))
        assert upstream.metadata["authorization"] == f"Bearer {value}"

    @pytest.mark.parametrize(
        "header", ["x-user-id", "x-user-role", "x-jwt-payload", "x-envoy-upstream-rq-timeout-ms", "x-envoy-retry-on"]
    )
    def test_headers_that_forge_the_caller_or_control_envoy_are_removed(
        self, api: httpx.Client, upstream: Upstream, header: str
    ) -> None:
        api.get(SESSIONS, headers={header: "1"})
        assert header not in upstream.metadata


class TestKeys:
    def test_an_es256_token_passes(self, keyed: httpx.Client) -> None:
        assert passes(keyed, jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": "ec-1"}))

    def test_an_rs256_token_passes(self, keyed: httpx.Client) -> None:
        assert passes(keyed, jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "rsa-1"}))

    def test_an_hs256_token_is_accepted_as_well_as_public_keys(self, keyed: httpx.Client) -> None:
        assert passes(keyed, token())

    def test_a_token_of_an_unknown_key_does_not_pass(self, keyed: httpx.Client) -> None:
        assert not passes(keyed, jwt.encode(claims(), UNKNOWN_KEY, algorithm="ES256", headers={"kid": "ec-1"}))

    def test_an_rsa_key_is_good_for_rs256_only(self, keyed: httpx.Client) -> None:
        assert not passes(keyed, jwt.encode(claims(), RSA_KEY, algorithm="RS512", headers={"kid": "rsa-1"}))

    def test_a_public_key_used_as_a_secret_does_not_pass(self, keyed: httpx.Client) -> None:
        modulus = RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)["n"]
        assert not passes(keyed, jwt.encode(claims(), modulus, algorithm="HS256", headers={"kid": "rsa-1"}))

    def test_private_members_of_keys_do_not_reach_envoys_files(self, gateway_with_keys: Gateway) -> None:
        (filter_,) = yaml.safe_load((gateway_with_keys.directory / "token_filter.yaml").read_text())["resources"]
        provider = filter_["typed_config"]["providers"]["platform"]
        written = json.loads(provider["local_jwks"]["inline_string"])["keys"]
        assert {key["alg"] for key in written} == {"HS256", "ES256", "RS256"}
        assert not {"d", "p", "q"} & {member for key in written for member in key}


class TestOrigin:
    @pytest.mark.usefixtures("upstream")
    @pytest.mark.parametrize("audience", ["attendance", ["shop", "attendance"]])
    def test_a_token_of_the_configured_issuer_and_audience_passes(
        self, configured: httpx.Client, audience: object
    ) -> None:
        assert passes(configured, jwt.encode(claims(iss="platform", aud=audience), SECRET, algorithm="HS256"))

    @pytest.mark.parametrize("changes", [{"iss": "other"}, {"iss": None}, {"aud": "shop"}, {"aud": None}], ids=str)
    def test_any_other_token_does_not_pass(self, configured: httpx.Client, changes: dict[str, Any]) -> None:
        made = claims(**{"iss": "platform", "aud": "attendance", **changes})
        refused = configured.get(SESSIONS, headers=bearer(jwt.encode(made, SECRET, algorithm="HS256")))
        assert reason(refused, 401) == "TOKEN_INVALID"

    def test_a_native_grpc_call_with_such_a_token_is_unauthenticated(self, configured: httpx.Client) -> None:
        value = jwt.encode(claims(iss="platform", aud="shop"), SECRET, algorithm="HS256")
        with grpc.insecure_channel(configured.base_url.netloc.decode()) as channel:
            stub = tracking_pb2_grpc.TrackingServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.Connect(tracking_pb2.ConnectRequest(), metadata=tuple(bearer(value).items()))
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
