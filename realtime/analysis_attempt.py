"""One attempt at an analysis: its lease, the news of how far it is, and its outcome."""

import asyncio
from typing import Final, Protocol

import structlog

from domain.analysis import Analysis, AnalysisRule, Claim, Superseded, released, renewed
from domain.analysis_views import progress_frame, short
from domain.errors import Unavailable, reason_of
from realtime.analysing import AnalysisBook
from realtime.analysis_reading import Progress
from realtime.tasks import Tasks

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.25
"""How often progress is passed on."""
SETTLE_PAUSE_S: Final = 0.5
HANDOVER_S: Final = 0.8
"""How long a worker that stops takes to hand its work over."""


class Worker(Protocol):
    """Whose attempt it is."""

    book: AnalysisBook
    tasks: Tasks

    async def outcome(self, analysis: Analysis, claim: Claim, progress: Progress) -> AnalysisRule:
        """What the attempt comes to. Raises nothing but cancellation."""

    def count(self, analysis: Analysis) -> None:
        """Count what an attempt came to."""

    def count_superseded(self) -> None:
        """Count one whose outcome came too late."""


class Attempt:
    """One attempt: the work itself, its lease, and the news of how far it is."""

    def __init__(self, worker: Worker, analysis: Analysis) -> None:
        self._worker = worker
        self._book = worker.book
        self._analysis = analysis
        self._claim = Claim(run=analysis.run, attempt=analysis.attempt)
        self._progress: tuple[str, int] | None = None

    async def carry_out(self) -> None:
        """Do it, and let its outcome count unless another attempt has taken its place."""
        outcome = self._worker.outcome(self._analysis, self._claim, self._note)
        working = self._worker.tasks.spawn(outcome, name="analysis")
        try:
            await self._accompany(working)
            await self._settle(working.result())
        except Superseded:
            self._worker.count_superseded()
            log.warning("a late attempt was refused", analysis=short(self._analysis.id))
        except asyncio.CancelledError:
            # A task of its own: whoever is impatient cancels more than once.
            handing = self._worker.tasks.spawn(self._hand_over(), name="analysis handed over")
            await asyncio.wait({handing}, timeout=HANDOVER_S)
            raise
        finally:
            working.cancel()
            await asyncio.wait({working})

    def _note(self, step: str, percent: int) -> None:
        self._progress = (step, percent)

    async def _accompany(self, working: "asyncio.Task[AnalysisRule]") -> None:
        """Keep the lease, and pass progress on, until the work is done. Raises Superseded."""
        loop = asyncio.get_running_loop()
        lease_s = self._book.limits.lease_ms / 1000
        renew_at, told = loop.time() + lease_s / 3, None
        while not working.done():
            await asyncio.wait({working}, timeout=LOOK_S)
            if loop.time() >= renew_at and not working.done():
                # First of all: whoever has slept may have been replaced, and has nothing to say.
                renew_at = loop.time() + lease_s / 3
                await self._renew()
            if self._progress not in (None, told):
                told = self._progress
                await self._book.tell(self._analysis, progress_frame(*told))

    async def _renew(self) -> None:
        try:
            await self._book.change(self._analysis.id, renewed(self._claim, self._book.limits))
        except Unavailable as error:
            # If it lasts, another worker takes over, and this one's result is refused.
            log.warning("lease not renewed", analysis=short(self._analysis.id), reason=error.reason)

    async def _settle(self, rule: AnalysisRule) -> None:
        """Write the outcome down, as soon as MongoDB takes it. Raises Superseded."""
        while True:
            try:
                _, after = await self._book.change(self._analysis.id, rule)
            except Unavailable as error:
                log.warning("outcome waits", analysis=short(self._analysis.id), reason=error.reason)
                if self._book.clock() >= self._analysis.deadline_at:
                    return
                await asyncio.sleep(SETTLE_PAUSE_S)
            else:
                self._worker.count(after)
                return

    async def _hand_over(self) -> None:
        try:
            await self._book.change(self._analysis.id, released(self._claim))
        except (Unavailable, Superseded) as error:
            log.warning(
                "analysis left behind", analysis=short(self._analysis.id), reason=reason_of(error)
            )
