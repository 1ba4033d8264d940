"""Requests that bring a file, taken in while it arrives and never held whole."""

from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar, cast

import structlog

from domain.errors import SessionError
from handlers import parsing
from handlers.admission import admit
from handlers.base import ApiHandler
from handlers.endpoint import declaration_of
from handlers.forms import FormReader, is_form
from handlers.patience import Patience
from realtime.recording import FIELD, Take

log = structlog.get_logger(__name__)


class UploadHandler(ApiHandler):
    """Reads a form with a recording, or JSON; mark it with `tornado.web.stream_request_body`.

    What is wrong is told once all of the body has come in: whoever answers in the middle of an
    upload has to hang up, and most clients then never see the answer. A client that asks first
    (`Expect: 100-continue`) is told at once.
    """

    takes_uploads: ClassVar[bool] = True

    def initialize(self, *args: Any, **rest: Any) -> None:
        super().initialize(*args, **rest)
        self.take: Take | None = None
        self._reader: FormReader | None = None
        self._json = bytearray()
        self._fault: BaseException | None = None
        self._is_form = True
        self._held = ExitStack()
        self._patience: Patience | None = None
        self._received = False

    async def expect(self, path: Mapping[str, str]) -> Take:
        """Say what the recording is for, before any of it is read. Raises what forbids it."""
        raise NotImplementedError

    def prepare(self) -> Awaitable[None] | None:  # type: ignore[override]
        super().prepare()
        self._is_form = is_form(self.request.headers.get("Content-Type", ""))
        return self._prepare_form() if self._is_form else None

    async def _prepare_form(self) -> None:
        try:
            await self._expect_form()
        except SessionError as fault:
            if "Expect" in self.request.headers:
                raise
            self._fault = fault

    async def _expect_form(self) -> None:
        declared = declaration_of(getattr(self, str(self.request.method).lower(), None))
        if declared is None:
            return  # There is no such method, and the router will say so.
        cast(Any, self.request.connection).set_body_timeout(self.services.settings.audio_upload_s)
        await admit(self, declared.access)
        parsing.check_path(self.path_kwargs)
        parsing.require_plain(self.request)
        self._reader = FormReader(self.request.headers["Content-Type"], FIELD)
        self._held.enter_context(self.services.streams.uploads.hold(self.party, self.network))
        self._patience = Patience(self._hang_up)
        self._held.callback(self._patience.stop)
        self.take = await self.expect(self.path_kwargs)

    async def data_received(self, chunk: bytes) -> None:
        if self._patience is not None:
            with self._patience.taking(len(chunk)):
                await self._read_on(chunk)
        elif self._is_form:
            await self._read_on(chunk)
        elif not self._finished:
            self._json += chunk

    async def _read_on(self, chunk: bytes) -> None:
        """Take some more of the form in; what nobody wants any more is thrown away."""
        if self._reader is not None and self._fault is None and not self._finished:
            try:
                piece = self._reader.feed(chunk)
                if piece and self.take is not None:
                    await self.take.write(piece)
            except Exception as fault:  # noqa: BLE001 - raised where it can be answered
                self._fault = fault

    def form_fields(self) -> Mapping[str, str] | None:
        self._received = True
        if self._patience is not None:
            self._patience.stop()
        if not self._is_form:
            self.request.body = bytes(self._json)
            parsing.check_length(self.request, self.body_max_bytes)
            return None
        if self._fault is not None:
            raise self._fault
        assert self._reader is not None
        fields = self._reader.fields()
        if not self._reader.has_file:
            self.take = None
        return fields

    def _hang_up(self) -> None:
        log.info("upload too slow", route=self.route)
        stream = cast(Any, self.request.connection).stream
        if stream is not None:
            stream.close()

    def on_finish(self) -> None:
        super().on_finish()
        self._let_go()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        # Whoever has sent everything has done their part, though they do not wait for the answer.
        if not self._received:
            self._let_go()

    def _let_go(self) -> None:
        """Forget a recording that no answer has, and make room for the next upload."""
        self._held.close()
        take, self.take = self.take, None
        if take is not None:
            self.services.tasks.spawn(take.discard(), name="upload given up")
