"""The active sessions, in memory: what this node knows of what Redis holds."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from domain import customer
from domain.session import Kind, Session, seen

ENDED_KEPT: Final = 2_000
UNSETTLED_KEPT: Final = 10_000
"""Customer sessions that have ended and that MongoDB may not have yet, which lists must not lack;
the oldest are forgotten first."""


class Registry:
    """Live sessions by id and by user; newer knowledge replaces older, never the reverse."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._by_user: dict[str, set[str]] = {}
        self._by_kind: dict[Kind, set[str]] = {}
        self._unsettled: OrderedDict[str, Session] = OrderedDict()
        # What was read before a session ended may be handed in after it has.
        self._ended: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions.values()))

    def get(self, session_id: str) -> Session | None:
        """The live session, if this node knows it."""
        return self._sessions.get(session_id)

    def of_user(self, user_id: str) -> list[Session]:
        """The user's live sessions."""
        return [self._sessions[known] for known in sorted(self._by_user.get(user_id, ()))]

    def of_kind(self, kind: Kind) -> list[Session]:
        """The live sessions of a kind."""
        return [self._sessions[known] for known in self._by_kind.get(kind, ())]

    def unsettled(self, user_id: str | None = None) -> list[Session]:
        """Customer sessions, maybe of one user, that ended of late and may not be in MongoDB."""
        return [
            session for session in self._unsettled.values() if user_id in (None, session.user_id)
        ]

    def settled(self, session_id: str) -> None:
        """MongoDB has the session."""
        self._unsettled.pop(session_id, None)

    def learn(self, session: Session) -> Session:
        """Take in a state of a session; returns the newest one known."""
        known = self._sessions.get(session.id) or self._ended.get(session.id)
        if known is not None and known.epoch == session.epoch and known.rev >= session.rev:
            if known.rev == session.rev:
                known = seen(known, session.last_seen_at)
                self.see(known)
            return known
        if session.terminal:
            self.forget(session.id)
            self._ended[session.id] = session
            if len(self._ended) > ENDED_KEPT:
                self._ended.popitem(last=False)
            if session.kind == customer.KIND:
                self._unsettled[session.id] = session
            if len(self._unsettled) > UNSETTLED_KEPT:
                self._unsettled.popitem(last=False)
        else:
            self._ended.pop(session.id, None)
            self._sessions[session.id] = session
            self._by_user.setdefault(session.user_id, set()).add(session.id)
            self._by_kind.setdefault(session.kind, set()).add(session.id)
        return session

    def clear(self) -> None:
        """Know nothing: what is in Redis may be older than what was known."""
        self._sessions.clear()
        self._by_user.clear()
        self._by_kind.clear()
        self._ended.clear()
        self._unsettled.clear()

    def forget(self, session_id: str) -> None:
        """The session is live no more."""
        known = self._sessions.pop(session_id, None)
        if known is not None:
            owned = self._by_user[known.user_id]
            owned.discard(session_id)
            if not owned:
                del self._by_user[known.user_id]
            self._by_kind[known.kind].discard(session_id)

    def see(self, session: Session) -> None:
        """Note later evidence of the client of a session that has not changed otherwise."""
        known = self._sessions.get(session.id)
        if known is not None and known.rev == session.rev:
            self._sessions[session.id] = session
