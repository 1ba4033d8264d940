"""The programs that come with the service, and how they get into MongoDB."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from domain.catalogue import ACTIVE, BUILT_IN_OWNER
from domain.errors import Conflict
from domain.idempotency import digest
from domain.programs import Program
from storage.mongo.builtin import NEWEST, Loaded
from storage.mongo.client import Database, Document, translated
from storage.mongo.program_records import content_id

FOLDER: Final = Path(__file__).parent / "seeds" / "programs"
VERSION_CHARS: Final = 16


def built_in_programs(folder: Path = FOLDER) -> list[Document]:
    """Read the files: a version of each program with all its days, the same on every node."""
    told = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [content_document(entry["id"], BUILT_IN_OWNER, entry) for entry in told]


def content_document(program_id: int, owner: str, told: Mapping[str, Any]) -> Document:
    """One version of a program; equal contents have equal versions."""
    content = {name: value for name, value in told.items() if name != "id"}
    version = digest(content)[:VERSION_CHARS]
    return {
        "_id": content_id(program_id, version),
        "program_id": program_id,
        "version": version,
        "owner": owner,
        **content,
        "duration_days": len(content["days"]),
    }


async def load_programs(db: Database, contents: Sequence[Document]) -> Loaded:
    """Add what is missing and point to the newest versions; those in use before stay readable.

    Two reads if there is nothing to do. Doing it twice, or on two nodes, does the same.
    Raises `Unavailable`.
    """
    with translated():
        found = db["programs"].find({"owner": BUILT_IN_OWNER}, {"version": 1})
        known = {program["_id"]: program["version"] async for program in found}
        ids = [content["_id"] for content in contents]
        there = {
            one["_id"]
            async for one in db["program_contents"].find({"_id": {"$in": ids}}, {"_id": 1})
        }
    added = changed = 0
    for content in contents:
        before = known.get(content["program_id"])
        if before == content["version"] and content["_id"] in there:
            continue
        with translated():
            # The version first: whoever finds the program finds its days.
            await put_content(db, content)
            await db["programs"].update_one(
                {"_id": content["program_id"]},
                {
                    "$set": {"version": content["version"], "updated_at": NEWEST},
                    "$setOnInsert": {
                        "owner": BUILT_IN_OWNER,
                        "status": ACTIVE,
                        "created_at": NEWEST,
                    },
                },
                upsert=True,
            )
        added += before is None
        changed += before is not None
    return Loaded(added=added, changed=changed, kept=len(contents) - added - changed)


async def put_content(db: Database, content: Document, transaction: Any = None) -> None:
    """Store a version, unless it is there; a version never changes."""
    rest = {name: value for name, value in content.items() if name != "_id"}
    await db["program_contents"].update_one(
        {"_id": content["_id"]}, {"$setOnInsert": rest}, upsert=True, session=transaction
    )


async def keep_version(db: Database, program: Program, transaction: Any) -> None:
    """Let the version stay for good, because somebody begins it.

    Meets whoever removes it at this moment in a write conflict. Raises Conflict if it is gone.
    """
    version = {"_id": content_id(program.id, program.version)}
    contents = db["program_contents"]
    await contents.update_one(
        {**version, "kept": {"$ne": True}}, {"$set": {"kept": True}}, session=transaction
    )
    if await contents.find_one(version, {"_id": 1}, session=transaction) is None:
        raise Conflict("the program has just been changed; try again")


async def drop_version(db: Database, version: str, transaction: Any) -> None:
    """Remove a version that is current no more, unless somebody has begun it."""
    unused = {"_id": version, "kept": {"$ne": True}}
    await db["program_contents"].delete_one(unused, session=transaction)
