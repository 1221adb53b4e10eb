"""A load process: the streams of a plan, which join and beat as they are told."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import uvloop
from pydantic import Field, TypeAdapter

from benchmarks.conversation import answer
from benchmarks.load.crowd import Crowd
from benchmarks.load.messages import Beat, Join, LoadPlan, Message, Ready, Tell

_ORDERS: TypeAdapter[Join | Beat | Tell] = TypeAdapter(Annotated[Join | Beat | Tell, Field(discriminator="kind")])


async def follow() -> None:
    """Follow orders from standard input until it ends."""
    crowd = Crowd(LoadPlan.model_validate_json(await _line()))
    await crowd.open()
    answer(Ready())
    while line := await _line():
        answer(await _result(crowd, _ORDERS.validate_json(line)))
    await crowd.close()


async def _result(crowd: Crowd, order: Join | Beat | Tell) -> Message:
    if isinstance(order, Join):
        return await crowd.join(order)
    if isinstance(order, Beat):
        return await crowd.beat(order)
    return crowd.sent()


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    uvloop.run(follow())
