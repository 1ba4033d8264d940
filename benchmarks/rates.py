"""How often an engine finds the dimension that people name first, and how long it takes.

    python benchmarks/rates.py [--misses] [--repeat 5]

The names are in rate_names.tsv: written and labelled by hand, by somebody who had not seen
the engines, and not used for building them. A hit is a name whose highest rate is that of
its label; where two rates are equally high, half a hit. `accepted` counts as hits the names
for which the label list allows a second dimension, too. Three engines are asked: the table
of categories alone, which is what there was before, the lexicon, and a language model if
SESSIOND_LLM_URL and SESSIOND_LLM_MODEL name one.
"""

import argparse
import asyncio
import csv
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from _machine import described, write

from domain import lexicon
from domain.rates import DIMENSIONS, Rates, rates_for
from domain.rating import Subject, normalised
from handlers.chat import ChatEndpoint
from handlers.completions import Completions
from realtime.advice import AdviceFailed

MODEL_PATIENCE_S = 10.0
NAMES = Path(__file__).resolve().parent / "rate_names.tsv"
Engine = Callable[[Subject], Awaitable[Rates | None]]


@dataclass(frozen=True)
class Name:
    """A labelled name, and what stands around it."""

    subject: Subject
    label: str
    accept: str
    kind: str


@dataclass(frozen=True)
class Guess:
    """What an engine made of a name."""

    name: Name
    top: tuple[str, ...]

    def hit(self, *, lenient: bool = False) -> float:
        """1 for the right dimension, a part of 1 where it shares the first place."""
        right = {self.name.label} | ({self.name.accept} if lenient else set())
        return len(right.intersection(self.top)) / len(self.top) if self.top else 0.0


def names() -> list[Name]:
    """The evaluation set."""
    with NAMES.open(encoding="utf-8", newline="") as file:
        return [
            Name(
                Subject(activity=row["name"], activity_category=row["category"], goal=row["goal"]),
                row["label"],
                row["accept"],
                row["kind"],
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


async def categories(subject: Subject) -> Rates | None:
    """The table of categories alone."""
    return rates_for(subject.activity_category, subject.goal_category)


async def words(subject: Subject) -> Rates | None:
    """The lexicon."""
    return lexicon.rate(subject).rates


def model(environ: Mapping[str, str]) -> Engine | None:
    """The language model that the environment names, if it does; None where it fails."""
    url, name = environ.get("SESSIOND_LLM_URL"), environ.get("SESSIOND_LLM_MODEL")
    if not url or not name:
        return None
    endpoint = ChatEndpoint(url=url, model=name, api_key=environ.get("SESSIOND_LLM_API_KEY"))
    completions = Completions(endpoint)

    async def ask(subject: Subject) -> Rates | None:
        try:
            return normalised((await completions.weigh(subject, MODEL_PATIENCE_S)).weights)
        except AdviceFailed:
            return None

    return ask


async def guessed(engine: Engine, name: Name) -> Guess:
    """Ask the engine about one name."""
    rates = await engine(name.subject)
    if rates is None:
        return Guess(name, ())
    best = max(getattr(rates, dimension) for dimension in DIMENSIONS)
    return Guess(name, tuple(d for d in DIMENSIONS if getattr(rates, d) == best))


def accuracy(guesses: Sequence[Guess], *, lenient: bool = False) -> float:
    """The part of the names that were hit."""
    return sum(guess.hit(lenient=lenient) for guess in guesses) / len(guesses)


def latencies_ms(subjects: Sequence[Subject], repeat: int) -> list[float]:
    """How long the lexicon takes, ascending, ms; the first round warms up and does not count."""
    taken = []
    for turn in range(repeat + 1):
        for subject in subjects:
            began = time.perf_counter()
            lexicon.rate(subject)
            if turn:
                taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)


def row(engine: str, guesses: Sequence[Guess]) -> dict[str, float | str]:
    """One line of the table."""
    kinds = dict.fromkeys(guess.name.kind for guess in guesses)
    of_kind = {
        kind: round(accuracy([g for g in guesses if g.name.kind == kind]), 3) for kind in kinds
    }
    return {
        "engine": engine,
        "top-1": round(accuracy(guesses), 3),
        "accepted": round(accuracy(guesses, lenient=True), 3),
        **of_kind,
    }


def show(rows: Sequence[dict[str, float | str]]) -> None:
    """Print the table."""
    print("  ".join(f"{name:>9}" for name in rows[0]))
    for line in rows:
        cells = [f"{100 * v:.1f} %" if isinstance(v, float) else v for v in line.values()]
        print("  ".join(f"{cell:>9}" for cell in cells))


async def run(asked: argparse.Namespace) -> None:
    """Ask every engine about every name."""
    known, rows = names(), []
    engines: dict[str, Engine] = {"category": categories, "lexicon": words}
    advised = model(os.environ)
    if advised is not None:
        engines["llm"] = advised
    for label, engine in engines.items():
        guesses = [await guessed(engine, name) for name in known]
        rows.append(row(label, guesses))
        if asked.misses and label == "lexicon":
            for guess in guesses:
                if guess.hit() < 1:
                    print(
                        f"{guess.name.label:>10}  {'/'.join(guess.top):<24}  {guess.name.subject}"
                    )
    taken = latencies_ms([name.subject for name in known], asked.repeat)
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    print(f"{len(known)} names")
    show(rows)
    print(f"lexicon: p50 {p50:.3f} ms, p99 {p99:.3f} ms, slowest {taken[-1]:.3f} ms")
    figures = {"machine": described(), "names": len(known), "rows": rows}
    timing = {"p50_ms": p50, "p99_ms": p99, "max_ms": taken[-1]}
    print(write("rates", figures | {"lexicon": timing}))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="list what the lexicon got wrong")
    parser.add_argument("--repeat", type=int, default=5, help="rounds of the timing")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
