"""Programs that users make: each is changed by its maker alone."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from domain.catalogue import ACTIVE, ARCHIVED
from domain.custom_programs import (
    ACTIVE_PROGRAMS_MAX,
    FIRST_NUMBER,
    PROGRAMS_MAX,
    CustomProgram,
    changed,
)
from domain.errors import Conflict, NotFound, Unavailable, WrongState
from storage.mongo.catalogue import Position, has_room, insert_once
from storage.mongo.client import Database, Document, Mongo, instant, milliseconds, translated
from storage.mongo.counters import next_number
from storage.mongo.program_records import content_from, content_id, program_from
from storage.mongo.program_seeds import content_document, drop_version, put_content
from storage.mongo.programs import WITHOUT_DAYS
from storage.mongo.transactions import Transaction, Transactions

TRIES: Final = 5


class OwnPrograms:
    """What users made of `programs` and `program_contents`.

    Every method raises `Unavailable` while MongoDB is away, and `NotFound` for a program that is
    not the user's.
    """

    def __init__(self, mongo: Mongo, clock: Callable[[], int], *, timeout_s: float) -> None:
        """Take the deployment and a clock of epoch milliseconds; `timeout_s` bounds a change."""
        self._transactions = Transactions(mongo, timeout_s)
        self._db: Database = mongo.db
        self._programs = mongo.db["programs"]
        self._contents = mongo.db["program_contents"]
        self._claims = mongo.db["program_claims"]
        self._clock = clock

    async def create(
        self, user_id: str, claim: str | None, content: Mapping[str, Any], body_digest: str
    ) -> CustomProgram:
        """Add a program of checked content, once per claim; None claims nothing.

        Raises `WrongState` when the user has too many active ones, and `KeyReused`.
        """
        number = await self._number(claim, body_digest)
        await self._require_room(user_id, made_before=number)
        kept = {"owner": user_id}
        if not await has_room(self._programs, kept, PROGRAMS_MAX, made_before=number):
            raise WrongState(f"Nobody can make more than {PROGRAMS_MAX} programs.")
        version = content_document(number, user_id, content)
        now = instant(self._clock())
        with translated():
            # The version first: whoever finds the program finds its days.
            await put_content(self._db, version)
        document = {
            "_id": number,
            "owner": user_id,
            "version": version["version"],
            "status": ACTIVE,
            "created_at": now,
            "updated_at": now,
            "body_digest": body_digest,
        }
        made = await insert_once(self._programs, document)
        return _program(*await self._whole({"_id": made["_id"], "owner": user_id}))

    async def _number(self, claim: str | None, body_digest: str) -> int:
        """A number for a new program, or the one that the same request was given before."""
        number = await next_number(self._db, "programs", first=FIRST_NUMBER)
        if claim is None:
            return number
        document = {"_id": claim, "number": number, "body_digest": body_digest}
        return int((await insert_once(self._claims, document))["number"])

    async def newest(
        self, user_id: str, statuses: Collection[str], *, limit: int, after: Position | None
    ) -> tuple[list[CustomProgram], Position | None]:
        """One page of the user's programs in these statuses, newest first, without their days."""
        query: Document = {"owner": user_id, "status": {"$in": sorted(statuses)}}
        if after is not None:
            query["_id"] = {"$lt": int(after.id)}
        with translated():
            cursor = self._programs.find(query).sort("_id", -1).limit(limit + 1)
            known = await cursor.to_list(limit + 1)
            page = {_content_id(one): one for one in known[:limit]}
            found = self._contents.find({"_id": {"$in": [*page]}}, WITHOUT_DAYS)
            contents = {content["_id"]: content async for content in found}
        programs = [_program(one, contents[version]) for version, one in page.items()]
        if len(known) <= limit:
            return programs, None
        last = known[limit - 1]
        return programs, Position(created_at=last["created_at"], id=str(last["_id"]))

    async def get(self, program_id: int, user_id: str) -> CustomProgram:
        """The user's program with its days."""
        known, content = await self._whole({"_id": program_id, "owner": user_id})
        return _program(known, content)

    async def shared(self, code: str) -> CustomProgram | None:
        """The program that is shared under this code, unless it is archived; None without one."""
        # The index knows strings alone, and is used only where the query says so too.
        coded = {"share_code": {"$eq": code, "$type": "string"}, "status": ACTIVE}
        try:
            known, content = await self._whole(coded)
        except NotFound:
            return None
        return _program(known, content)

    async def change(
        self,
        program_id: int,
        user_id: str,
        changes: Mapping[str, Any],
        *,
        status: str | None,
        if_version: str | None,
    ) -> CustomProgram:
        """Set any of the checked fields, as a new version that follows the present one.

        What is so already changes nothing. Raises `Conflict` with the program as it is unless
        `if_version` is its version, and `WrongState` if it would become one active program too
        many.
        """
        for _ in range(TRIES):
            known, before = await self._whole({"_id": program_id, "owner": user_id})
            after = content_document(program_id, user_id, changed(before, changes))
            if after["version"] == known["version"] and status in (None, known["status"]):
                # It is so already, as after a repeat.
                return _program(known, before)
            if if_version not in (None, known["version"]):
                state = _program(known, before)
                raise Conflict(f"the program is at version {known['version']}", state)
            if status == ACTIVE and known["status"] != ACTIVE:
                await self._require_room(user_id)
            told: Document = {} if status is None else {"status": status}
            told |= {"version": after["version"], "updated_at": instant(self._clock())}
            if await self._replace(known, after, told):
                return _program({**known, **told}, after)
        raise Unavailable("Too many change it at once; try again shortly.")

    async def _replace(self, known: Document, after: Document, told: Document) -> bool:
        """Point to the next version, unless somebody else has done so since."""
        at = {name: known[name] for name in ("_id", "owner", "version")}
        done: list[bool] = []

        async def work(transaction: Transaction) -> None:
            found = await self._programs.update_one(at, {"$set": told}, session=transaction)
            done[:] = [bool(found.matched_count)]
            if found.matched_count and after["version"] != known["version"]:
                await put_content(self._db, after, transaction)
                await drop_version(self._db, _content_id(known), transaction)

        await self._transactions.insist(work)
        return done[0]

    async def archive(self, program_id: int, user_id: str) -> None:
        """Put the user's program away; repeats change nothing."""
        told = {"status": ARCHIVED, "updated_at": instant(self._clock())}
        active = {"_id": program_id, "owner": user_id, "status": ACTIVE}
        with translated():
            done = await self._programs.update_one(active, {"$set": told})
        if not done.matched_count:
            await self._own(program_id, user_id)

    async def share(self, program_id: int, user_id: str, fresh: Callable[[], str]) -> str:
        """The code that the program is shared under; `fresh` makes one if it has none.

        Raises `WrongState` for an archived one.
        """
        unshared = {"_id": program_id, "owner": user_id, "status": ACTIVE, "share_code": None}
        for _ in range(TRIES):
            try:
                with translated():
                    await self._programs.update_one(unshared, {"$set": {"share_code": fresh()}})
            except DuplicateKeyError:
                continue  # Another program has this code already.
            known = await self._own(program_id, user_id)
            if known["status"] != ACTIVE:
                raise WrongState("the program is archived; nobody new can enrol in it")
            if code := known.get("share_code"):
                return str(code)
        raise Unavailable("Sharing is ended as often as it is begun; try again shortly.")

    async def unshare(self, program_id: int, user_id: str) -> None:
        """End the sharing of a program; repeats change nothing."""
        own = {"_id": program_id, "owner": user_id}
        with translated():
            done = await self._programs.update_one(own, {"$unset": {"share_code": ""}})
        if not done.matched_count:
            raise NotFound("There is no such program.")

    async def _own(self, program_id: int, user_id: str) -> Document:
        with translated():
            known = await self._programs.find_one({"_id": program_id, "owner": user_id})
        if known is None:
            raise NotFound("There is no such program.")
        return known

    async def _whole(self, query: Mapping[str, Any]) -> tuple[Document, Document]:
        """The program that the query finds, and its present version with all days."""
        for _ in range(TRIES):
            with translated():
                known = await self._programs.find_one(query)
                if known is None:
                    raise NotFound("There is no such program.")
                content = await self._contents.find_one({"_id": _content_id(known)})
            if content is not None:
                return known, content
            # It has been changed between the two looks, and nobody keeps what it was.
        raise Unavailable("Too many change it at once; try again shortly.")

    async def _require_room(self, user_id: str, *, made_before: int | None = None) -> None:
        active = {"owner": user_id, "status": ACTIVE}
        if not await has_room(self._programs, active, ACTIVE_PROGRAMS_MAX, made_before=made_before):
            raise WrongState(
                f"You have {ACTIVE_PROGRAMS_MAX} programs of your own; archive one first."
            )


def _content_id(known: Document) -> str:
    return content_id(known["_id"], known["version"])


def _program(known: Document, content: Document) -> CustomProgram:
    return CustomProgram(
        program=program_from(content),
        days=tuple(map(content_from, content.get("days", ()))),
        status=known["status"],
        share_code=known.get("share_code"),
        created_at=milliseconds(known["created_at"]),
        updated_at=milliseconds(known["updated_at"]),
    )
