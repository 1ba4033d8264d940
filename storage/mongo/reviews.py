"""Reviews in MongoDB; the only writer of them. Raises Unavailable while MongoDB is away."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.errors import KeyReused, NotFound
from domain.reviews import Answer, Reply, Review, answered, keyed, require_next
from storage.mongo.audio import claim
from storage.mongo.client import Document, Mongo, translated
from storage.mongo.counters import next_number
from storage.mongo.queues import Queues
from storage.mongo.review_records import review_document, review_from
from storage.mongo.transactions import Transaction, Transactions, Work

ReviewRule = Callable[[Review, int], Review]
"""From the review as it is and the instant, ms; the same object where nothing changes."""
QUEUE_MAX: Final = 32
"""So many changes of one review wait on a node; more are told to come back."""


class ReviewBook:
    """The collection `reviews`."""

    def __init__(self, mongo: Mongo, clock: Callable[[], int], *, timeout_s: float) -> None:
        """`clock` is in ms; `timeout_s` bounds one change."""
        self._db = mongo.db
        self._reviews = mongo.db["reviews"]
        self._transactions = Transactions(mongo, timeout_s)
        self._clock = clock
        self._queues = Queues(QUEUE_MAX)

    async def create(self, review: Review) -> None:
        """Add a review, under an id that nobody had."""
        with translated():
            await self._reviews.insert_one(review_document(review))

    async def get(self, review_id: str) -> Review:
        """One of them. Raises NotFound."""
        with translated():
            found = await self._reviews.find_one({"_id": review_id})
        return review_from(_found(found))

    async def answer(self, review_id: str, reply: Reply) -> tuple[Review, Answer]:
        """Accept the reply and go on to the next question, as one change.

        A repeat, by its key, is answered with what the first one made. The recording belongs to
        the review from then on. Raises NotFound, RuleViolated, KeyReused, and Conflict for a
        recording that was given up meanwhile.
        """
        review = await self.get(review_id)
        if known := _repeated(review, reply):
            return review, known
        require_next(review, reply.question_id)
        number = await next_number(self._db, "review_answers")

        def rule(before: Review, now: int) -> Review:
            if _repeated(before, reply):
                return before
            return answered(before, Answer(id=number, reply=reply, created_at=now))

        async def take(transaction: Transaction) -> None:
            if reply.audio is not None:
                await claim(self._db, reply.audio.id, transaction)

        after = await self._change(review_id, rule, take)
        made = _repeated(after, reply)
        return after, made or next(one for one in after.answers if one.id == number)

    async def set_contact(self, review_id: str, email: str, phone_number: str) -> Review:
        """Write down how to reach them, also for a meeting that is pending. Raises NotFound."""

        def rule(before: Review, now: int) -> Review:
            if (before.email, before.phone_number) == (email, phone_number):
                return before
            return replace(before, email=email, phone_number=phone_number, updated_at=now)

        async def pass_on(transaction: Transaction) -> None:
            await self._db["meetings"].update_one(
                {"review_id": review_id, "status": "PENDING"},
                {"$set": {"email": email, "phone_number": phone_number}},
                session=transaction,
            )

        return await self._change(review_id, rule, pass_on)

    async def _change(self, review_id: str, rule: ReviewRule, also: Work | None = None) -> Review:
        """Apply a rule to the review as it is, and do what belongs to it if anything changes."""
        made: list[Review] = []

        async def work(transaction: Transaction) -> None:
            document = await self._reviews.find_one({"_id": review_id}, session=transaction)
            before = review_from(_found(document))
            after = rule(before, max(self._clock(), before.updated_at))
            if after is not before:
                await self._reviews.replace_one(
                    {"_id": review_id}, review_document(after), session=transaction
                )
                if also is not None:
                    await also(transaction)
            made[:] = [after]

        async with self._queues.turn(review_id):
            await self._transactions.insist(work)
        return made[0]


def _repeated(review: Review, reply: Reply) -> Answer | None:
    known = keyed(review, reply.key)
    if known is not None and known.reply.digest != reply.digest:
        raise KeyReused("This Idempotency-Key belongs to a request with another body.")
    return known


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound("Session not found.")
    return document
