"""Who answers where it should, and whether it is well; several addresses of a name are asked one by one."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from attendancectl.doctor.findings import Finding, failed, ok, skipped, warning
from attendancectl.settings import OperatorSettings
from servicekit.addresses import listed, separate
from servicekit.rpc.probe import NOT_SERVING, SERVING, health
from servicekit.tls.certificates import TlsInvalid
from servicekit.tls.contexts import client_context
from servicekit.tls.mutual import Identity, mutual_client_context, read_identity

TRACKING_SERVICE: Final = "astegni.tracking.v1.TrackingService"
ATTENDANCE_SERVICE: Final = "astegni.attendance.v1.AttendanceService"
#: What a tracking service says about writing, while it takes calls (docs/operations.md#health).
RECORDING: Final = "astegni.tracking.v1.Recording"
HEALTH_PATH: Final = "/healthz"
#: Healthy processes answer within milliseconds.
TIMEOUT_SECONDS: Final = 3.0
#: A Date has whole seconds.
MAX_CLOCK_DIFFERENCE_SECONDS: Final = 2.0


class Answer(NamedTuple):
    """What a process said about its health."""

    address: str
    #: Empty: it is well.
    fault: str
    #: How much its clock is ahead of ours, in seconds; None: it does not say.
    clock_ahead: float | None = None


def reachability_findings(settings: OperatorSettings) -> Iterator[Finding]:
    """Return who answers; of the gateway also whether its clock is right."""
    try:
        identity = None if settings.mutual_tls is None else read_identity(settings.mutual_tls)
    except TlsInvalid as error:
        yield skipped("reachability", f"without certificates nobody answers: {error}")
        return
    for process, service, variable, address in (
        ("tracking service", TRACKING_SERVICE, "TRACKING_ADDRESS", settings.tracking_address),
        ("attendance service", ATTENDANCE_SERVICE, "ATTENDANCE_ADDRESS", settings.attendance_address),
    ):
        yield _judged(process, variable, service_answers(address, service, identity))
    yield from _recording(service_answers(settings.tracking_address, RECORDING, identity))
    yield _judged("presence socket", "SOCKET_ADDRESS", socket_answers(settings))
    gateway = gateway_answer(settings)
    if gateway is None:
        step = "set GATEWAY_PROBE_ADDRESS, so that a gateway that stands still is not taken for people who left"
        yield warning("gateway", "GATEWAY_PROBE_ADDRESS is not set", step)
        return
    yield _judged("gateway", "GATEWAY_PROBE_ADDRESS", [gateway])
    yield from _clock(gateway)


def service_answers(address: str, service: str, identity: Identity | None) -> list[Answer]:
    """Ask each address of a name; with TLS the name alone, because certificates are for names."""
    several = listed(address) or ([address] if identity is not None else _addresses(address))
    found = asyncio.run(_health_of_all(several, service, identity))
    return [Answer(at, "" if said == SERVING else said) for at, said in found]


def socket_answers(settings: OperatorSettings) -> list[Answer]:
    """Ask each presence socket; TlsInvalid."""
    files = settings.mutual_tls
    tls = None if files is None else mutual_client_context(files)
    names = separate(settings.socket_address)
    return [_http_answer(address, tls) for name in names for address in ([name] if tls else _addresses(name))]


def gateway_answer(settings: OperatorSettings) -> Answer | None:
    """Ask the gateway; None if nobody says where it is."""
    address, authorities = settings.gateway_probe_address, settings.probe_authorities
    if not address:
        return None
    try:
        return _http_answer(address, None if authorities is None else client_context(authorities))
    except TlsInvalid as error:
        return Answer(address, str(error))


async def _health_of_all(addresses: Sequence[str], service: str, identity: Identity | None) -> list[tuple[str, str]]:
    async def asked(address: str) -> tuple[str, str]:
        return address, await health(address, service, identity)

    return await asyncio.gather(*map(asked, addresses))


def _addresses(target: str) -> list[str]:
    host, _, port = target.rpartition("/")[2].rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return [target]
    hosts = {f"[{name[0]}]" if family == socket.AF_INET6 else name[0] for family, _, _, _, name in found}
    return sorted(f"{host}:{port}" for host in hosts)


def _http_answer(address: str, tls: ssl.SSLContext | None) -> Answer:
    connection = (
        http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
        if tls is None
        else http.client.HTTPSConnection(address, timeout=TIMEOUT_SECONDS, context=tls)
    )
    try:
        connection.request("GET", HEALTH_PATH)
        answer = connection.getresponse()
        fault = "" if answer.status == http.client.OK else f"it answers {answer.status}"
        return Answer(address, fault, _ahead(answer.getheader("date")))
    except (OSError, http.client.HTTPException) as error:
        return Answer(address, str(error) or type(error).__name__)
    finally:
        connection.close()


def _ahead(date: str | None) -> float | None:
    if date is None:
        return None
    # On average it was half a second later than its Date says.
    return parsedate_to_datetime(date).timestamp() + 0.5 - time.time()


def _judged(process: str, variable: str, answers: list[Answer]) -> Finding:
    faults = [answer for answer in answers if answer.fault]
    where = ", ".join(answer.address for answer in answers)
    if not faults:
        return ok(process, f"answers at {where}" if len(answers) == 1 else f"all {len(answers)} answer: {where}")
    found = "; ".join(f"{answer.address}: {answer.fault}" for answer in faults)
    if not os.environ.get(variable):
        return warning(process, f"{found} (the default)", f"set {variable}, if it runs elsewhere")
    if len(faults) < len(answers):
        return warning(process, f"{len(faults)} of {len(answers)} are not well: {found}", "look into their logs")
    return failed(process, found, f"start it, look into its log, or correct {variable}")


def _recording(answers: list[Answer]) -> Iterator[Finding]:
    """Judge what tracking services that take calls say about writing; those that do not answer are named already."""
    unable = [answer.address for answer in answers if answer.fault == NOT_SERVING]
    if unable:
        step = "look at what is said of the database; events wait in the processes until it takes writes"
        yield failed("recording", f"nothing can be written at {', '.join(unable)}", step)
    elif not any(answer.fault for answer in answers):
        yield ok("recording", "what is accepted can be written")


def _clock(gateway: Answer) -> Iterator[Finding]:
    if gateway.clock_ahead is not None:
        yield clock_finding("clock of the gateway", gateway.clock_ahead, MAX_CLOCK_DIFFERENCE_SECONDS)


def clock_finding(check: str, ahead: float, allowed: float) -> Finding:
    """Judge by how many seconds another clock is ahead of this machine's."""
    if abs(ahead) <= allowed:
        return ok(check, f"within {allowed:g} s of this machine's")
    found = f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    return failed(check, found, "synchronise both machines (timedatectl, chronyc tracking)")
