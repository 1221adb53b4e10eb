"""Where other processes listen: one address, whose host may be a name of several replicas, or a list of addresses."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Final

from pydantic import AfterValidator

MAX_PORT: Final = 65_535
SEPARATOR: Final = ","


def separate(addresses: str) -> tuple[str, ...]:
    """Return each host:port of a list."""
    return tuple(address.strip() for address in addresses.split(SEPARATOR))


def host_of(address: str) -> str:
    """Return the host of host:port, an IPv6 address without its brackets."""
    return address.rpartition(":")[0].strip("[]")


def is_ip_address(host: str) -> bool:
    """Return whether a host is an address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def grpc_target(addresses: str) -> str:
    """Return the gRPC target of a list, so that gRPC calls all of them."""
    several = separate(addresses)
    if len(several) == 1:
        return addresses
    return f"ipv{ip_address(host_of(several[0])).version}:{SEPARATOR.join(several)}"


def listed(target: str) -> tuple[str, ...]:
    """Return the addresses of a gRPC target that is a list; of any other, none."""
    scheme, _, addresses = target.partition(":")
    return separate(addresses) if scheme in {"ipv4", "ipv6"} and SEPARATOR in addresses else ()


def _addresses(text: str) -> str:
    several = separate(text)
    for address in several:
        host, _, port = address.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT):
            raise ValueError(f"{address!r} is not an address; write host:port, for example 127.0.0.1:50051")
    if len(several) > 1:
        _require_one_family(tuple(map(host_of, several)))
    return SEPARATOR.join(several)


def _require_one_family(hosts: tuple[str, ...]) -> None:
    for host in hosts:
        if not is_ip_address(host):
            raise ValueError(
                f"{host!r} is a name: give one name the addresses of all replicas, or write IP addresses only, "
                "for example 127.0.0.1:50051,127.0.0.1:50061"
            )
    if len({ip_address(host).version for host in hosts}) > 1:
        raise ValueError("these are addresses of IPv4 and IPv6; a list has addresses of one of them")


def _grpc_target(text: str) -> str:
    return text if "://" in text or text.startswith(("ipv4:", "ipv6:")) else grpc_target(_addresses(text))


#: host:port, or several, separated by commas: each replica's. Of several, each host is an IP address.
Addresses = Annotated[str, AfterValidator(_addresses)]
#: The same, or another gRPC target such as `dns:///name:port`; as a value, it is a gRPC target.
GrpcTarget = Annotated[str, AfterValidator(_grpc_target)]
