"""Which tokens are accepted, and whom they identify (docs/identity.md#tokens)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from servicekit.auth.claims import TokenInvalid
from servicekit.auth.keys import KeysInvalid, load_keys
from servicekit.auth.principal import NotAPerson, Principal, RoleMissing
from servicekit.auth.verifier import TokenExpired, TokenVerifier
from testkit.clock import SettableClock
from testkit.tokens import SECRET

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
#: As the platform issues them today.
CLAIMS: dict[str, Any] = {
    "sub": "101",
    "role": "tutor",
    "role_ids": {"tutor": "11", "student": None},
    "exp": int((NOW + timedelta(hours=1)).timestamp()),
}


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def verifier(clock: SettableClock) -> TokenVerifier:
    return TokenVerifier(load_keys(SECRET, None), clock)


def signed(**changes: Any) -> str:  # noqa: ANN401 - claims may be anything
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def test_the_platforms_tokens_are_accepted_as_they_are(verifier: TokenVerifier) -> None:
    principal = verifier.verify(signed())
    assert principal.user_id == 101
    assert principal.role == "tutor"
    assert principal.roles == {"tutor"}


def test_a_roles_claim_adds_to_the_active_role(verifier: TokenVerifier) -> None:
    assert verifier.verify(signed(roles=["student", "parent"])).roles == {"tutor", "student", "parent"}


def test_a_service_is_no_person(verifier: TokenVerifier) -> None:
    with pytest.raises(NotAPerson):
        verifier.verify(signed(sub="relay", role="service")).require_person()


def test_a_person_is_no_service(verifier: TokenVerifier) -> None:
    with pytest.raises(RoleMissing):
        verifier.verify(signed()).require_service()


def test_a_person_who_may_also_be_a_service_is_no_service_unless_that_role_is_active(verifier: TokenVerifier) -> None:
    with pytest.raises(RoleMissing):
        verifier.verify(signed(roles=["tutor", "service"])).require_service()


def test_the_only_role_of_a_token_is_its_active_role(verifier: TokenVerifier) -> None:
    assert verifier.verify(signed(role=None, roles=["student"])).role == "student"


def test_a_token_with_several_roles_and_no_active_one_is_refused_and_the_message_says_what_to_do(
    verifier: TokenVerifier,
) -> None:
    with pytest.raises(TokenInvalid, match="put that one into `role`"):
        verifier.verify(signed(role=None, roles=["student", "admin"]))


@pytest.mark.parametrize("changes", [{"role": ["admin"]}, {"role": 1}, {"roles": "admin"}, {"roles": [["admin"]]}])
def test_roles_that_are_no_text_are_refused(verifier: TokenVerifier, changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(signed(**changes))


@pytest.mark.parametrize("claim", ["type", "typ", "token_type", "token_use", "purpose"])
@pytest.mark.parametrize("kind", ["refresh", "Refresh", "reset_password", "", 1, ["access"]])
def test_a_token_for_something_else_than_access_is_refused(verifier: TokenVerifier, claim: str, kind: object) -> None:
    with pytest.raises(TokenInvalid, match="something else than access"):
        verifier.verify(signed(**{claim: kind}))


@pytest.mark.parametrize("kind", ["access", "Bearer", "access_token"])
def test_a_token_that_says_that_it_is_for_access_is_accepted(verifier: TokenVerifier, kind: str) -> None:
    assert verifier.verify(signed(type=kind)).user_id == 101


@pytest.mark.parametrize(("kind", "accepted"), [("JWT", True), ("at+jwt", True), ("refresh+jwt", False)])
def test_the_kind_of_a_token_may_also_be_in_its_header(verifier: TokenVerifier, kind: str, *, accepted: bool) -> None:
    token = jwt.encode(CLAIMS, SECRET, algorithm="HS256", headers={"typ": kind})
    if accepted:
        assert verifier.verify(token).user_id == 101
    else:
        with pytest.raises(TokenInvalid):
            verifier.verify(token)


@pytest.fixture
def own_verifier(clock: SettableClock) -> TokenVerifier:
    return TokenVerifier(load_keys(SECRET, None), clock, issuer="platform", audience="attendance")


@pytest.mark.parametrize("audience", ["attendance", ["shop", "attendance"]])
def test_a_token_of_the_configured_issuer_for_the_configured_audience_is_accepted(
    own_verifier: TokenVerifier, audience: object
) -> None:
    assert own_verifier.verify(signed(iss="platform", aud=audience)).user_id == 101


@pytest.mark.parametrize(
    "changes", [{"iss": "other"}, {"iss": None}, {"aud": "shop"}, {"aud": ["shop"]}, {"aud": None}]
)
def test_a_token_of_another_issuer_or_for_another_audience_is_refused(
    own_verifier: TokenVerifier, changes: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        own_verifier.verify(signed(**{"iss": "platform", "aud": "attendance", **changes}))


@pytest.mark.parametrize("subject", ["", "1" * 5000, "x" * 256, "a\0b", "a\nb", "\ud800"])
def test_a_subject_that_can_not_be_stored_is_refused(verifier: TokenVerifier, subject: str) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(signed(sub=subject))


@pytest.mark.parametrize("subject", ["0", "-5", "2147483648", "12a", "\u0661"])
def test_a_subject_that_is_not_a_user_id_identifies_no_user(verifier: TokenVerifier, subject: str) -> None:
    assert verifier.verify(signed(sub=subject)).user_id is None


@pytest.mark.parametrize("missing", ["sub", "exp", "role"])
def test_a_token_without_a_needed_claim_is_refused(verifier: TokenVerifier, missing: str) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(signed(**{missing: None}))


@pytest.mark.parametrize("expiry", [True, "tomorrow", float("inf"), float("nan"), -1, 1e300, 253_402_300_800])
def test_an_expiry_that_is_no_time_is_refused(verifier: TokenVerifier, expiry: object) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(signed(exp=expiry))


def test_a_token_signed_with_another_secret_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(jwt.encode(CLAIMS, SECRET[::-1], algorithm="HS256"))


def test_an_unsigned_token_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid):
        verifier.verify(jwt.encode(CLAIMS, "", algorithm="none"))


def test_a_remembered_token_expires_like_any_other(verifier: TokenVerifier, clock: SettableClock) -> None:
    token = signed()
    verifier.verify(token)
    clock.advance(3600 + 30)
    verifier.verify(token)
    clock.advance(1)
    with pytest.raises(TokenExpired):
        verifier.verify(token)


def test_the_message_of_a_refusal_does_not_repeat_the_token(verifier: TokenVerifier) -> None:
    token = signed()[:-3] + "xxx"
    with pytest.raises(TokenInvalid) as refused:
        verifier.verify(token)
    assert token not in refused.value.message


@pytest.fixture
def es256_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_set(directory: Path, *keys: dict[str, Any]) -> Path:
    file = directory / "jwks.json"
    file.write_text(json.dumps({"keys": keys}))
    return file


def public(key: ec.EllipticCurvePrivateKey, **fields: str) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), **fields}


def test_a_key_set_verifies_es256(tmp_path: Path, clock: SettableClock, es256_key: ec.EllipticCurvePrivateKey) -> None:
    keys = load_keys("", key_set(tmp_path, public(es256_key, kid="one")))
    token = jwt.encode(CLAIMS, es256_key, algorithm="ES256", headers={"kid": "one"})
    assert TokenVerifier(keys, clock).verify(token).user_id == 101


def test_a_key_set_verifies_rs256(tmp_path: Path, clock: SettableClock) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    keys = load_keys("", key_set(tmp_path, {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "one"}))
    token = jwt.encode(CLAIMS, key, algorithm="RS256")
    assert TokenVerifier(keys, clock).verify(token).user_id == 101


def test_a_public_key_is_never_taken_for_an_hs256_secret(
    tmp_path: Path, clock: SettableClock, es256_key: ec.EllipticCurvePrivateKey
) -> None:
    keys = load_keys("", key_set(tmp_path, public(es256_key, kid="one")))
    with pytest.raises(TokenInvalid):
        TokenVerifier(keys, clock).verify(signed())


@pytest.mark.parametrize("content", ["not json", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'])
def test_a_key_set_that_can_not_verify_anything_is_refused_at_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(content)
    with pytest.raises(KeysInvalid, match=r"jwks\.json"):
        load_keys("", file)


def test_no_key_at_all_is_refused_at_start() -> None:
    with pytest.raises(KeysInvalid, match="JWT_HS256_SECRET"):
        load_keys("", None)


def test_a_stream_belongs_to_an_identity_and_not_to_a_token() -> None:
    def owner(role: str) -> str:
        token = jwt.encode({**CLAIMS, "role": role}, SECRET, algorithm="HS256")
        principal: Principal = TokenVerifier(load_keys(SECRET, None), SettableClock(NOW)).verify(token)
        return principal.owner_key

    assert owner("tutor") == owner("student") != owner("service")
