"""Programs that users make and share, and how others come into them."""

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from domain.custom_programs import CODE_ALPHABET, CODE_CHARS, CustomProgram, content, read_code
from domain.errors import InvalidInput, NotFound
from domain.programs import Enrollment, Program
from realtime.programs import FocusPrograms
from storage.mongo.catalogue import Position
from storage.mongo.custom_programs import OwnPrograms


class CustomPrograms:
    """Making, changing, archiving and sharing programs, and enrolling by code.

    Everything raises Unavailable while MongoDB is away, and NotFound for what is not the user's.
    What changes the list of programs that its maker is shown needs Redis too.
    """

    def __init__(self, own: OwnPrograms, focus: FocusPrograms) -> None:
        self._own = own
        self._focus = focus

    async def create(
        self, user_id: str, claim: str | None, told: Mapping[str, Any], body_digest: str
    ) -> CustomProgram:
        """Make a program of checked fields, once per claim. Raises WrongState, KeyReused."""
        program = await self._own.create(user_id, claim, content(told), body_digest)
        # Also for a repeat, here and below: the first try may have failed here.
        await self._focus.forget_list(user_id)
        return program

    async def newest(
        self, user_id: str, statuses: Collection[str], *, limit: int, after: Position | None
    ) -> tuple[list[CustomProgram], Position | None]:
        """One page of the user's programs, newest first, without their days."""
        return await self._own.newest(user_id, statuses, limit=limit, after=after)

    async def get(self, user_id: str, program_id: int) -> CustomProgram:
        """The user's program with its days."""
        return await self._own.get(program_id, user_id)

    async def change(
        self,
        user_id: str,
        program_id: int,
        changes: Mapping[str, Any],
        *,
        status: str | None = None,
        if_version: str | None = None,
    ) -> CustomProgram:
        """Change checked fields; whoever is enrolled stays with the version they began.

        Raises Conflict with the present state, and WrongState.
        """
        program = await self._own.change(
            program_id, user_id, changes, status=status, if_version=if_version
        )
        await self._focus.forget_list(user_id)
        return program

    async def archive(self, user_id: str, program_id: int) -> None:
        """Put a program away: whoever is enrolled goes on, nobody new can enrol."""
        await self._own.archive(program_id, user_id)
        await self._focus.forget_list(user_id)

    async def share(self, user_id: str, program_id: int) -> str:
        """The code under which others can enrol; the same until it is ended. Raises WrongState."""
        return await self._own.share(program_id, user_id, _fresh_code)

    async def unshare(self, user_id: str, program_id: int) -> None:
        """End the code for good; whoever is enrolled goes on."""
        await self._own.unshare(program_id, user_id)

    async def shared(self, text: str) -> CustomProgram:
        """The program that somebody has the code of. Raises NotFound."""
        found = await self._by_code(text)
        if found is None:
            raise NotFound("No program is shared under this code.")
        return found

    async def enroll(self, user_id: str, text: str) -> tuple[Enrollment, Program, bool]:
        """Enrol in the program that the user has the code of; whether it is new.

        Raises InvalidInput for a code that there is not, Forbidden without Pro.
        """
        found = await self._by_code(text)
        if found is None:
            fault = "No program is shared under this code."
            raise InvalidInput("Invalid share_code", {"share_code": [fault]})
        return await self._focus.enroll_in(user_id, found.program)

    async def _by_code(self, text: str) -> CustomProgram | None:
        code = read_code(text)
        return None if code is None else await self._own.shared(code)


def _fresh_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARS))
