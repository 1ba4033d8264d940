"""Which sockets of this node follow which analysis, and the one way to tell them."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from domain.analysis import Analysis
from domain.analysis_views import Frame, ids_of, nothing_frame, status_frame, turn_frames
from realtime import wire
from realtime.connection import CloseCode, Connection
from storage.mongo.analyses import Analyses
from storage.redis.bus import Analysed
from storage.redis.codec import compact

BATCH: Final = 200


class _Word(NamedTuple):
    """Something that followers are told, encoded once for all of them."""

    ids: Sequence[str]
    turn: int
    frames: Sequence[bytes]

    @classmethod
    def of(cls, told: Analysed) -> "_Word":
        """What a node was told, as its sockets are."""
        return cls(told.ids, told.turn, [wire.framed(compact(frame)) for frame in told.frames])


class AnalysisWatch:
    """The sockets of one node that follow analyses, by either id.

    Each socket is told of each turn of an analysis once, in order. A turn that was lost on its
    way is made good when the node compares what it has shown with MongoDB.
    """

    def __init__(self, analyses: Analyses, *, per_party: int, in_all: int) -> None:
        """`per_party` is how many sockets one caller may have on this node."""
        self._analyses = analyses
        self._limits = (per_party, in_all)
        self._by_id: dict[str, set[Connection]] = defaultdict(set)
        self._parties: Counter[str] = Counter()
        self._party_of: dict[Connection, str] = {}
        self._held: dict[Connection, list[_Word]] = {}

    def __len__(self) -> int:
        return len(self._party_of)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._party_of))

    def join(self, connection: Connection, party: str) -> bool:
        """Take in a socket; False if its caller, or everybody together, has too many."""
        per_party, in_all = self._limits
        if self._parties[party] >= per_party or len(self) >= in_all:
            return False
        self._parties[party] += 1
        self._party_of[connection] = party
        return True

    def leave(self, connection: Connection) -> None:
        """The socket is gone; safe to call twice, and before it ever joined."""
        connection.gone()
        party = self._party_of.pop(connection, None)
        if party is not None:
            self._parties[party] -= 1
            if not self._parties[party]:
                del self._parties[party]
        for either_id in tuple(connection.followed):
            followers = self._by_id.get(either_id)
            if followers is not None:
                followers.discard(connection)
                if not followers:
                    del self._by_id[either_id]

    async def show(self, connection: Connection, either_id: str, *, review: bool) -> None:
        """Follow an analysis, and tell the socket how it stands; `review` if that is one's id.

        Raises Unavailable.
        """
        # First to listen, then to look; what is heard meanwhile waits until that is told.
        self.follow(connection, either_id)
        async with self.holding(connection):
            found = await self._analyses.find(either_id)
            if found is None:
                self._send(connection, [nothing_frame(either_id, review=review)])
            else:
                self._is_news(connection, ids_of(found), found.turn)
                self._send(connection, [status_frame(found, with_result=True)])

    @asynccontextmanager
    async def holding(self, connection: Connection) -> AsyncIterator[None]:
        """Keep what the socket is to be told of analyses back until something else is said."""
        held = self._held.setdefault(connection, [])
        try:
            yield
        finally:
            del self._held[connection]
            for word in held:
                self._tell_one(connection, word)

    def follow(self, connection: Connection, either_id: str) -> None:
        """Let the socket have what becomes of an analysis."""
        if not connection.closed:
            connection.followed.setdefault(either_id, ("", 0))
            self._by_id[either_id].add(connection)

    def catch_up(self, connection: Connection, analysis: Analysis) -> None:
        """Follow an analysis, and be told how it stands unless that is known already."""
        self.follow(connection, analysis.id)
        self._tell_one(connection, _Word.of(_analysed(analysis)))

    def tell(self, told: Analysed) -> None:
        """Deliver what has become of an analysis to all that follow it."""
        word = _Word.of(told)
        for connection in self._followers(told.ids):
            self._tell_one(connection, word)

    async def reconcile(self) -> None:
        """Tell followers what they have missed. Raises Unavailable."""
        followed = sorted(self._by_id)
        for start in range(0, len(followed), BATCH):
            for told in await self._analyses.turns(followed[start : start + BATCH]):
                ids = [told.id, *([told.review_id] if told.review_id else [])]
                if any(self._is_behind(one, ids, told.turn) for one in self._followers(ids)):
                    await self._heal(told.id)

    def check_ages(self) -> None:
        """Close the sockets that have been stuck for too long."""
        for connection in self:
            connection.check_age()

    def close(self) -> None:
        """Turn all away, since the node stops."""
        for connection in self:
            connection.close(CloseCode.DRAINING, "going away")

    def revoke(self, member: str) -> None:
        """Close every socket whose token, or whose family of tokens, was revoked."""
        for connection in self:
            if member and member in (connection.caller.family, connection.caller.token_id):
                connection.close(CloseCode.REVOKED, "revoked")

    async def _heal(self, analysis_id: str) -> None:
        analysis = await self._analyses.find(analysis_id)
        if analysis is not None:
            self.tell(_analysed(analysis))

    def _followers(self, ids: Sequence[str]) -> set[Connection]:
        return {one for either_id in ids for one in self._by_id.get(either_id, ())}

    def _tell_one(self, connection: Connection, word: "_Word") -> None:
        """Deliver it, unless the socket has been told so before."""
        if connection in self._held:
            self._held[connection].append(word)
        # Progress has no turn: it is worth nothing once it is over.
        elif word.turn == 0 or self._is_news(connection, word.ids, word.turn):
            for frame in word.frames:
                connection.send(frame)

    def _is_news(self, connection: Connection, ids: Sequence[str], turn: int) -> bool:
        """Whether the socket has not been told of this turn; from now on it has."""
        is_news = self._is_behind(connection, ids, turn)
        for either_id in ids:
            if either_id in connection.followed:
                seen = connection.followed[either_id][1]
                connection.followed[either_id] = ("", max(seen, turn))
        return is_news

    @staticmethod
    def _is_behind(connection: Connection, ids: Sequence[str], turn: int) -> bool:
        followed = [either_id for either_id in ids if either_id in connection.followed]
        return bool(followed) and turn > max(connection.followed[one][1] for one in followed)

    def _send(self, connection: Connection, frames: Sequence[Frame]) -> None:
        for frame in frames:
            connection.send(wire.framed(compact(frame)))


def _analysed(analysis: Analysis) -> Analysed:
    return Analysed(tuple(ids_of(analysis)), analysis.turn, tuple(turn_frames(analysis)))
