"""What a worker does with an analysis: claim it, read the answers, find out, say so."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import structlog

from domain.analysis import Analysis, AnalysisRule, Claim, attempt_failed, claimed, succeeded
from domain.analysis_views import short
from domain.errors import NotFound, Unavailable
from domain.okr.dashboard import VERSION, AnswerText, Dashboard
from realtime.advice import AdviceFailed
from realtime.analysing import AnalysisBook
from realtime.analysis_attempt import Attempt
from realtime.analysis_reading import Progress, Reader
from realtime.tasks import Tasks

log = structlog.get_logger(__name__)


NO_ADVICE: Final = "The language model gave no usable answer ({})."
ADVICE: Final = {"transcription": "The recordings could not be written down."}
"""What a failure is told with, by its cause, where it was not the analyst's."""


class Analyst(Protocol):
    """Somebody who reads answers."""

    name: str
    model: str | None

    async def analyse(self, answers: Sequence[AnswerText], progress: Progress) -> Dashboard:
        """What the answers come to. Raises AdviceFailed."""

    def close(self) -> None:
        """Open no further connections."""


@dataclass(frozen=True, kw_only=True)
class WorkParts:
    """What a worker works with."""

    book: AnalysisBook
    tasks: Tasks
    analyst: Analyst
    reader: Reader
    checked: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """Lets a result pass that keeps to its schema. Raises ValueError."""


class AnalysisWorker:
    """Works at one analysis for each call; several may go on side by side."""

    def __init__(self, parts: WorkParts, name: str, *, attempt_s: float) -> None:
        """`attempt_s` bounds one attempt."""
        self.book = parts.book
        self.tasks = parts.tasks
        self._analyst = parts.analyst
        self._reader = parts.reader
        self._checked = parts.checked
        self._name = name
        self._attempt_s = attempt_s
        self.done = 0
        self.failed = 0
        self.superseded = 0

    def close(self) -> None:
        """Let go of connections to the outside."""
        self._analyst.close()
        self._reader.close()

    async def work(self, analysis_id: str) -> None:
        """Carry out the next attempt, if one is due. Raises Unavailable before it is claimed."""
        try:
            before, after = await self.book.change(
                analysis_id, claimed(self._name, self.book.limits)
            )
        except NotFound:
            return
        if after is before:
            return
        await Attempt(self, after).carry_out()

    def count(self, analysis: Analysis) -> None:
        """Count what an attempt came to."""
        self.done += analysis.state == "succeeded"
        self.failed += analysis.state == "failed"

    def count_superseded(self) -> None:
        """Count one whose outcome came too late."""
        self.superseded += 1

    async def outcome(self, analysis: Analysis, claim: Claim, progress: Progress) -> AnalysisRule:
        """What the attempt comes to, as the change that says so. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(min(self._attempt_s, self._left_s(analysis))):
                return succeeded(claim, await self._result(analysis, progress))
        except Exception as error:  # noqa: BLE001 - whatever it is, the analysis has to end
            told, again = _told(error, analysis.id)
            return attempt_failed(claim, told, again=again)

    def _left_s(self, analysis: Analysis) -> float:
        return max(0.0, (analysis.deadline_at - self.book.clock()) / 1000)

    async def _result(self, analysis: Analysis, progress: Progress) -> Mapping[str, Any]:
        # What is said may take half of the time, so that the rest is analysed in any case.
        within_s = min(self._attempt_s, self._left_s(analysis)) / 2
        answers, unread = await self._reader.read(analysis, progress, within_s)
        if not any(answer.answer.strip() for answer in answers):
            raise Unreadable("No answer could be read.")
        progress("analysing", 30)
        analyst = self._analyst
        dashboard = await analyst.analyse(answers, progress)
        progress("checking", 95)
        result = {
            "version": VERSION,
            "engine": {"name": analyst.name, "model": analyst.model},
            **asdict(dashboard),
            "unread": unread,
        }
        return self._checked(result)


class Unreadable(Exception):
    """There is nothing to analyse."""


def _told(error: Exception, analysis_id: str) -> tuple[str, bool]:
    """What a failed attempt is told with, and whether another one may help."""
    match error:
        case TimeoutError():
            cause, told, again = "timeout", "The answers took too long to read.", True
        case AdviceFailed():
            cause, told = error.cause, ADVICE.get(error.cause, NO_ADVICE.format(error.cause))
            # The same question may get another answer; a refusal stays one.
            again = error.again or error.cause == "garbage"
        case Unavailable():
            cause, told, again = error.reason, "The answers could not be read.", True
        case Unreadable():
            cause, told, again = "unreadable", str(error), False
        case _:
            log.error("attempt broke off", analysis=short(analysis_id), exc_info=error)
            return "The analysis failed.", True
    log.warning("attempt failed", analysis=short(analysis_id), cause=cause)
    return told, again
