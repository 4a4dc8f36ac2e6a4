"""The edge to be killed, sabotaged where the environment variable SABOTAGE says how.

async   commits do not wait for the disk
early   requests are answered before their events are committed
"""

import asyncio
import os

from kembali.edge import committing, writing
from kembali.edge.app import application

__all__ = ["application"]

_really_commit = committing.GroupCommitter.commit
_at_work: set["asyncio.Task[None]"] = set()


async def _answer_early(self: committing.GroupCommitter, brought: committing.Brought) -> None:
    async def later() -> None:
        await asyncio.sleep(0.2)
        await _really_commit(self, brought)

    task = asyncio.create_task(later())
    _at_work.add(task)
    task.add_done_callback(_at_work.discard)


if os.environ.get("SABOTAGE") == "async":
    writing._OPTIONS = writing._OPTIONS.replace("synchronous_commit=on", "synchronous_commit=off")
elif os.environ.get("SABOTAGE") == "early":
    committing.GroupCommitter.commit = _answer_early  # type: ignore[method-assign]
