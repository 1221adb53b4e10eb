from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from servicekit.addresses import Addresses, GrpcTarget, grpc_target, listed

addresses = TypeAdapter[str](Addresses)
target = TypeAdapter[str](GrpcTarget)


@pytest.mark.parametrize("text", ["tracking:50051", "127.0.0.1:50051", "[::1]:50051"])
def test_one_address_is_its_own_target(text: str) -> None:
    assert grpc_target(addresses.validate_python(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:50051, 127.0.0.1:50061", "ipv4:127.0.0.1:50051,127.0.0.1:50061"),
        ("[::1]:50051,[::1]:50061", "ipv6:[::1]:50051,[::1]:50061"),
    ],
)
def test_several_addresses_are_one_target(text: str, expected: str) -> None:
    assert grpc_target(addresses.validate_python(text)) == expected


@pytest.mark.parametrize("text", ["tracking", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:50051,", ":50051"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValidationError, match="write host:port, for example"):
        addresses.validate_python(text)


def test_a_list_of_names_is_refused_because_one_name_has_all_replicas() -> None:
    with pytest.raises(ValidationError, match="'second' is a name: give one name the addresses of all replicas"):
        addresses.validate_python("127.0.0.1:50051,second:50051")


def test_a_list_has_addresses_of_one_family() -> None:
    with pytest.raises(ValidationError, match="IPv4 and IPv6"):
        addresses.validate_python("127.0.0.1:50051,[::1]:50051")


@pytest.mark.parametrize("text", ["dns:///tracking:50051", "ipv4:127.0.0.1:1,127.0.0.1:2", "tracking:50051"])
def test_other_grpc_targets_stay_as_they_are(text: str) -> None:
    assert target.validate_python(text) == text


def test_a_list_that_is_to_be_a_target_becomes_one() -> None:
    assert listed(target.validate_python("127.0.0.1:1,127.0.0.1:2")) == ("127.0.0.1:1", "127.0.0.1:2")
