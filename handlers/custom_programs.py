"""Programs of the caller's own: make, change, archive, share; and what others share."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from domain.custom_programs import ACTIVE_PROGRAMS_MAX, written
from domain.idempotency import derived_id, digest
from handlers.base import ApiHandler
from handlers.conflicts import shown_conflicts
from handlers.endpoint import endpoint
from handlers.programs import BASE, NUMBER
from handlers.schemas.custom_programs import (
    LIST_NAME,
    CustomProgramBody,
    CustomProgramChange,
    CustomProgramQuery,
    CustomProgramsView,
    CustomProgramView,
    SharedProgramView,
    ShareView,
    custom_program_view,
    listed_view,
    shared_program_view,
)
from handlers.schemas.paging import cursor_of
from storage.mongo.catalogue import Position

FULL = f"There are {ACTIVE_PROGRAMS_MAX} programs that are not archived already."
View = dict[str, Any]


class CustomProgramsHandler(ApiHandler):
    """/api/v1/focus/programs/custom/"""

    @endpoint(
        summary="Make a program of one's own",
        body=CustomProgramBody,
        returns=CustomProgramView,
        keyed=True,
        status=HTTPStatus.CREATED,
        statuses={409: FULL, 422: "The Idempotency-Key belongs to another request."},
    )
    async def post(self, **body: Any) -> View:
        user_id, key = self.caller.user_id, self.idempotency_key
        claim = None if key is None else derived_id(user_id, "custom programs", key)
        program = await self.services.custom_programs.create(user_id, claim, body, digest(body))
        return custom_program_view(program)

    @endpoint(
        summary="List the caller's own programs, newest first; archived ones only if asked for",
        query=CustomProgramQuery,
        returns=CustomProgramsView,
    )
    async def get(self, *, status: Sequence[str], limit: int, cursor: Position | None) -> View:
        programs, following = await self.services.custom_programs.newest(
            self.caller.user_id, status, limit=limit, after=cursor
        )
        results = [listed_view(program) for program in programs]
        return {"results": results, "next": cursor_of(following, LIST_NAME)}


class CustomProgramHandler(ApiHandler):
    """/api/v1/focus/programs/custom/{program_id}/"""

    @endpoint(summary="One of the caller's own programs, with its days", returns=CustomProgramView)
    async def get(self, *, program_id: str) -> View:
        program = await self.services.custom_programs.get(self.caller.user_id, int(program_id))
        return custom_program_view(program)

    @endpoint(
        summary="Change one of the caller's own programs; whoever is enrolled keeps their version",
        body=CustomProgramChange,
        returns=CustomProgramView,
        statuses={409: f"It is at another version than `if_version`, or: {FULL}"},
    )
    async def patch(
        self,
        *,
        program_id: str,
        status: str | None = None,
        if_version: str | None = None,
        **changes: Any,
    ) -> View:
        with shown_conflicts(self.services.clock):
            program = await self.services.custom_programs.change(
                self.caller.user_id,
                int(program_id),
                changes,
                status=status,
                if_version=if_version,
            )
        return custom_program_view(program)

    @endpoint(
        summary="Archive one of the caller's own programs; whoever is enrolled goes on",
        status=HTTPStatus.NO_CONTENT,
    )
    async def delete(self, *, program_id: str) -> None:
        await self.services.custom_programs.archive(self.caller.user_id, int(program_id))


class ShareHandler(ApiHandler):
    """/api/v1/focus/programs/custom/{program_id}/share/"""

    @endpoint(
        summary="Share one of the caller's own programs; a repeat gives the same code",
        returns=ShareView,
        statuses={409: "The program is archived."},
    )
    async def post(self, *, program_id: str) -> View:
        code = await self.services.custom_programs.share(self.caller.user_id, int(program_id))
        return {"share_code": written(code)}

    @endpoint(
        summary="End the sharing of a program; whoever is enrolled goes on",
        status=HTTPStatus.NO_CONTENT,
    )
    async def delete(self, *, program_id: str) -> None:
        await self.services.custom_programs.unshare(self.caller.user_id, int(program_id))


class SharedProgramHandler(ApiHandler):
    """/api/v1/focus/programs/shared/{code}/"""

    @endpoint(summary="The program that is shared under a code", returns=SharedProgramView)
    async def get(self, *, code: str) -> View:
        await self.services.limiter.check("share", self.caller.user_id)
        return shared_program_view(await self.services.custom_programs.shared(code))


OWN = rf"{BASE}/programs/custom"
ROUTES = (
    (OWN, CustomProgramsHandler),
    (rf"{OWN}/(?P<program_id>{NUMBER})", CustomProgramHandler),
    (rf"{OWN}/(?P<program_id>{NUMBER})/share", ShareHandler),
    (rf"{BASE}/programs/shared/(?P<code>[^/]+)", SharedProgramHandler),
)
