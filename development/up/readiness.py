"""How each kind of process shows that it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from servicekit.rpc.probe import is_serving
from servicekit.tls.certificates import MutualTlsFiles
from servicekit.tls.mutual import mutual_client_context, read_identity

POLL_INTERVAL_SECONDS = 0.1


async def at_once() -> None:
    """Do not wait: nobody needs the process at first."""


async def until_written(file: Path) -> str:
    """Wait until the file exists and return its text."""

    async def exists() -> bool:
        return await asyncio.to_thread(file.exists)

    await _until(exists)
    return await asyncio.to_thread(file.read_text)


async def until_serving(address: str, service: str, files: MutualTlsFiles | None = None) -> None:
    """Wait until the gRPC service reports SERVING; with files, it is asked by mutual TLS."""
    identity = None if files is None else read_identity(files)

    async def serves() -> bool:
        return await is_serving(address, service, identity)

    await _until(serves)


async def until_healthy(url: str, files: MutualTlsFiles | None = None) -> None:
    """Wait until a GET is answered with 200; with files, it is asked by mutual TLS."""
    tls = False if files is None else mutual_client_context(files)
    async with httpx.AsyncClient(trust_env=False, verify=tls) as client:

        async def is_healthy() -> bool:
            try:
                return (await client.get(url)).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        await _until(is_healthy)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110 - another process sets no event of ours
        await asyncio.sleep(POLL_INTERVAL_SECONDS)
