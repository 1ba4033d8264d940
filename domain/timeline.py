"""A session's events told again: what each of them made of its time and XP, and why it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.commands import Event
from domain.instants import HOUR_MS, MINUTE_MS, iso
from domain.rates import Rates, Xp
from domain.text import counted

UNITS: Final = ((HOUR_MS, "hour"), (MINUTE_MS, "minute"), (1_000, "second"))
UNPAID: Final = {
    "canceled": "What is canceled earns nothing.",
    "voided": "Its {xp} XP were taken back.",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, and what the session amounts to after it."""

    event: Event
    focused_ms: int
    """All focused time up to and with this event."""
    xp: Xp


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an explanation is made of. Instants and durations are ms."""

    status: str
    """Also `voided`: completed, and taken back."""
    reason: str | None = None
    external: bool = False
    """Whether another store ran it, which told no more than start, end and totals."""
    started_at: int | None = None
    ended_at: int | None = None
    ends_by: int | None = None
    """When a live session ends if nothing happens."""
    voided_at: int | None = None
    planned_ms: int | None = None
    max_ms: int | None = None
    due_at: int | None = None
    """When the end was due that time alone brought."""
    late_ms: int | None = None
    """How much later it was noticed."""
    focused_ms: int
    xp: int
    pays: bool = True
    """Whether sessions of its kind earn XP."""


def replay(
    events: Sequence[Event],
    rates: Rates,
    *,
    focused_ms: int | None = None,
    focused_since: int | None = None,
) -> list[Entry]:
    """Follow the events, in order of `rev`, and say what the session came to with each.

    Where the first ones are lost, `focused_ms` tells what all closed stretches come to. A
    session that goes on may be focused since an instant, in a stretch that nothing closed yet.
    """
    spent = [_focused(event) for event in events]
    total = 0 if focused_ms is None else focused_ms - sum(spent)
    entries = []
    for event, focused, since in zip(events, spent, _open(events, focused_since), strict=True):
        total += focused
        now = total if since is None else total + max(0, event.at - since)
        xp = Xp() if event.type == "canceled" else rates.xp(now)
        entries.append(Entry(event, now, xp))
    return entries


def _open(events: Sequence[Event], since: int | None) -> list[int | None]:
    """Since when the session was focused as each event came, if it was and went on so."""
    found = []
    for event in reversed(events):
        if event.segment is None:
            found.append(since)
            continue
        # What this event closed is not open after it, but was before it.
        found.append(None)
        since = event.segment.from_ms if event.segment.kind == "focused" else None
    return found[::-1]


def is_whole(events: Sequence[Event], rev: int) -> bool:
    """Whether these are all events of a session at this `rev`, without a gap."""
    return [event.rev for event in events] == list(range(1, rev + 1))


def explain(facts: Facts) -> str:
    """Say in two sentences how the session ended, and where its XP comes from."""
    return f"{_fate(facts)} {_worth(facts)}".rstrip()


def duration(ms: int) -> str:
    """Milliseconds in words: `25 minutes`, `1 hour 30 minutes`, `7.479 seconds`, `120 ms`."""
    if ms < UNITS[-1][0]:
        return f"{ms} ms"
    parts = []
    for unit_ms, name in UNITS[:-1]:
        count, ms = divmod(ms, unit_ms)
        if count:
            parts.append(counted(count, name))
    if ms:
        parts.append(counted(f"{ms / 1000:.3f}".rstrip("0").rstrip("."), "second"))
    return " ".join(parts)


def whole_minutes(ms: int) -> str:
    """As `duration`, without what is less than a minute: `less than a minute` if that is all."""
    return duration(ms // MINUTE_MS * MINUTE_MS) if ms >= MINUTE_MS else "less than a minute"


def _focused(event: Event) -> int:
    segment = event.segment
    return 0 if segment is None or segment.kind != "focused" else segment.to_ms - segment.from_ms


def _fate(facts: Facts) -> str:
    if facts.ended_at is None:
        return _going_on(facts)
    if facts.status == "canceled":
        return f"It was canceled at {iso(facts.ended_at)}."
    ended = f"It ended at {iso(facts.ended_at)} {_because(facts)}{_noticed(facts)}"
    if facts.status != "voided" or facts.voided_at is None:
        return f"{ended}."
    return f"{ended}, and was voided at {iso(facts.voided_at)}."


def _going_on(facts: Facts) -> str:
    if facts.external:
        return "Another store runs it, and will tell when it has ended."
    if facts.ends_by is None:
        return f"It is {facts.status}."
    return f"It is {facts.status}, and ends by {iso(facts.ends_by)} if nothing else happens."


def _because(facts: Facts) -> str:
    if facts.external:
        told = "" if facts.reason is None else f" ({facts.reason})"
        return f"because the store that ran it said so{told}"
    return f"because {_cause(facts)}"


def _cause(facts: Facts) -> str:
    plan = "" if facts.planned_ms is None else f" of {duration(facts.planned_ms)}"
    silence = "after that" if facts.due_at is None else f"between then and {iso(facts.due_at)}"
    causes = {
        "auto": f"its plan{plan} was reached",
        "timeout": _limit(facts),
        "abandoned": f"no client was heard from {silence}",
        "crash_recovered": "from then on the whole service was away for too long",
    }
    return causes.get(facts.reason or "", "you completed it")


def _limit(facts: Facts) -> str:
    if facts.max_ms is not None and facts.started_at is not None:
        hard = facts.started_at + facts.max_ms
        if facts.due_at in (None, hard):
            return f"no session of its kind may last longer than {duration(facts.max_ms)}"
    return "nothing was done in it for too long"


def _noticed(facts: Facts) -> str:
    return f"; noticed {duration(facts.late_ms)} later" if facts.late_ms else ""


def _worth(facts: Facts) -> str:
    if not facts.pays:
        return "Sessions of this kind earn no XP."
    if facts.status in UNPAID:
        return UNPAID[facts.status].format(xp=facts.xp)
    if facts.external:
        return f"That store counted {facts.xp} XP." if facts.ended_at is not None else ""
    focus = f"{duration(facts.focused_ms)} of focus are worth {facts.xp} XP"
    return (
        f"So far its {focus}."
        if facts.ended_at is None
        else f"Its {focus}; each dimension is rounded down."
    )
