"""Clients that follow analyses, and the nodes that they are connected to."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from config.settings import Settings
from tests.completions_stub import ChatStub, chat_stub
from tests.engines import until
from tests.fakes import DrivenClock
from tests.person import Site, open_site
from tests.raw_socket import TEXT, Frame, RawSocket
from tests.reviewing import ANSWERS, Reviewer, begin

WORKERS = {"analysis_workers": 2}


class AnalysisClient:
    """A client of the socket of an analysis."""

    def __init__(self, socket: RawSocket) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def next(self, *types: str) -> Frame:
        """The next frame of one of the types, all of which are kept."""
        while True:
            opcode, payload = await self.socket.frame()
            assert opcode == TEXT, (opcode, payload)
            self.frames.append(json.loads(payload))
            if not types or self.frames[-1]["type"] in types:
                return self.frames[-1]

    async def status(self, wanted: str) -> Frame:
        """The next word that it stands so."""
        while (frame := await self.next("status"))["status"] != wanted:
            pass
        return frame

    def say(self, frame: object) -> None:
        """Send a frame."""
        self.socket.say(frame)

    async def ask(self, frame: object) -> Frame:
        """Send a frame; what is said to it."""
        self.say(frame)
        return await self.next("accepted", "error")

    @property
    def course(self) -> list[str]:
        """The statuses in the order in which they were told."""
        return [frame["status"] for frame in self.frames if frame["type"] == "status"]

    @property
    def steps(self) -> list[str]:
        """The steps that were told, each once."""
        told = [frame["step"] for frame in self.frames if frame["type"] == "progress"]
        return [*dict.fromkeys(told)]

    async def leave(self) -> None:
        """Hang up."""
        await self.socket.leave()


def payload(session_id: str | None = None, answers: Sequence[str] = ANSWERS) -> dict[str, Any]:
    """A full payload of five answers."""
    told = [
        {"order": order, "question_id": order, "prompt": f"Q{order}", "answer": answer}
        for order, answer in enumerate(answers, 1)
    ]
    return {"answers": told} | ({"session_id": session_id} if session_id else {})


@dataclass(kw_only=True)
class Desk:
    """A node, the sockets that were opened on it, and the model that it asks."""

    site: Site
    model: ChatStub
    clients: list[AnalysisClient] = field(default_factory=list)

    async def follow(
        self, either_id: str, headers: Mapping[str, str | None] | None = None
    ) -> AnalysisClient:
        """Follow an analysis, by its id or by that of a review."""
        return await self.open(f"/ws/analysis/{either_id}/", headers)

    async def open(
        self, path: str, headers: Mapping[str, str | None] | None = None
    ) -> AnalysisClient:
        """Open a socket."""
        port = int(self.site.url.rpartition(":")[2])
        self.clients.append(AnalysisClient(await RawSocket.open(port, path, headers)))
        return self.clients[-1]

    async def answered(self) -> Reviewer:
        """A review of which all questions are answered."""
        review = await begin(self.site)
        await review.answer_all()
        return review

    async def close(self) -> None:
        """Hang up, all of them."""
        for client in self.clients:
            await client.leave()


@asynccontextmanager
async def open_desk(
    settings: Settings, clock: DrivenClock, *, advised: bool = False, **changes: Any
) -> AsyncIterator[Desk]:
    """A node with workers; `advised` by a language model, else by its own engine."""
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(chat_stub())
        asked = {"llm_url": model.url, "llm_model": "m"} if advised else {}
        site = await stack.enter_async_context(
            open_site(settings, clock, **{**WORKERS, **asked, **changes})
        )
        desk = Desk(site=site, model=model)
        stack.push_async_callback(desk.close)
        yield desk


async def fail(desk: Desk, client: AnalysisClient, review_id: str) -> Frame:
    """Let time go on between attempts until the analysis fails; the frame that says so."""

    async def pending_again() -> bool:
        found = await desk.site.node.parts.analysis_book.analyses.find(review_id)
        assert found is not None
        if found.state == "pending" and found.attempt:
            desk.site.clock.advance(max(0, found.not_before - desk.site.clock()))
        return found.state == "failed"

    await until(pending_again, "an analysis that fails")
    return await client.status("failed")
