"""Somebody who is asked five questions, in writing and by microphone, without a token."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import HTTPRequest, HTTPResponse

from tests.engines import until
from tests.person import Answer, Person, Site
from tests.recordings import recording

REVIEW = "/api/review/"
NOWHERE = "00000000-0000-4000-8000-000000000000"
CONTACT = {"email": "user@example.com", "phone_number": "0912 123 4567"}
TONE = recording("pcm.wav")
"""A second of sound."""
ANSWERS = (
    "We want to grow from 100 to 250 paying customers by June.",
    "Hiring bottlenecks.",
    "Our customers are loyal.",
    "Churn is 5% today and should be 3% by June.",
    "We will hire two sales people in the next 90 days.",
)


def form(
    *parts: tuple[str, str | bytes, str | None], boundary: str = "xYzZY"
) -> tuple[bytes, dict[str, str]]:
    """A multipart body of (name, content, filename), and the header that goes with it."""
    body = b""
    for name, content, filename in parts:
        named = f'; filename="{filename}"' if filename is not None else ""
        data = content.encode() if isinstance(content, str) else content
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + data + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return body, {"Content_Type": f"multipart/form-data; boundary={boundary}"}


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """One review, and whoever has its id."""

    person: Person
    id: str
    questions: tuple[int, ...] = (1, 2, 3, 4, 5)

    async def answer(self, question_id: object, text: object = "Yes.", **headers: str) -> Answer:
        """Answer in writing."""
        body = {"question_id": question_id, "answer_text": text}
        return await self.person.post(f"{REVIEW}{self.id}/answer/", body, **headers)

    async def speak(
        self, question_id: int, recording: bytes, filename: str = "answer.wav", **headers: str
    ) -> Answer:
        """Answer by microphone."""
        body, kind = form(
            ("question_id", str(question_id), None), ("audio_file", recording, filename)
        )
        return await self.person.post(f"{REVIEW}{self.id}/answer/", body, **kind, **headers)

    async def answer_all(self, answers: tuple[str, ...] = ANSWERS) -> dict[str, Any]:
        """Answer all five in writing; the last answer's body."""
        last: dict[str, Any] = {}
        for question_id, text in zip(self.questions, answers, strict=True):
            answer = await self.answer(question_id, text)
            assert answer.status == 201, answer
            last = answer.body
        return last

    async def next(self) -> dict[str, Any]:
        """Where the review stands."""
        answer = await self.person.get(f"{REVIEW}{self.id}/next/")
        assert answer.status == 200, answer
        return dict(answer.body)


def anybody(site: Site) -> Person:
    """Somebody without a token."""
    return Person(site=site, user_id="anybody", bearer="")


async def begin(
    site: Site, told: Mapping[str, str] | None = None, *, by: Person | None = None
) -> Reviewer:
    """A review that has just begun."""
    asker = by or anybody(site)
    answer = await asker.post(f"{REVIEW}start/", told or {})
    assert answer.status == 201, answer
    return Reviewer(person=asker, id=str(uuid.UUID(answer.body["session"]["id"])))


async def listen(person: Person, url: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """Fetch a recording from its address."""
    assert url.startswith(f"{person.site.url}/"), url
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if person.bearer != "":
        token = person.site.token(person.user_id, *person.roles)
        sent["Authorization"] = f"Bearer {token}"
    request = HTTPRequest(url, method, headers=sent, request_timeout=10)
    return await person.site.client.fetch(request, raise_error=False)


async def kept(site: Site) -> dict[str, int]:
    """How many recordings and uploads there are."""
    async with site.mongo() as database:
        return {
            name: await database[name].count_documents({})
            for name in ("audio.files", "audio.chunks", "uploads")
        }


async def unchanged(site: Site, before: dict[str, int]) -> None:
    """Wait until there is nothing more than before; what is given up goes in the background."""

    async def gone() -> bool:
        return await kept(site) == before

    await until(gone, f"as before, {before}")


async def heard(review: Reviewer, data: bytes = TONE, **headers: str) -> str:
    """The address of the next answer's recording."""
    number = (await review.next())["next_question"]["id"]
    answer = await review.speak(number, data, **headers)
    assert answer.status == 201, answer
    return str(answer.body["answer"]["audio_url"])
