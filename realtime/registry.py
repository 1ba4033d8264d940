"""The active sessions, in memory: what this node knows of what Redis holds."""

from collections.abc import Iterator
from dataclasses import replace

from domain.session import Session


class Registry:
    """Live sessions by id and by user; newer knowledge replaces older, never the reverse."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._by_user: dict[str, set[str]] = {}

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

    def learn(self, session: Session) -> bool:
        """Take in a state of a session; False if it is no news."""
        known = self._sessions.get(session.id)
        if known is not None and known.epoch == session.epoch:
            if known.rev > session.rev:
                return False
            if known.rev == session.rev:
                self._sessions[session.id] = replace(
                    known, last_seen_at=max(known.last_seen_at, session.last_seen_at)
                )
                return False
        if session.terminal:
            self.forget(session.id)
        else:
            self._sessions[session.id] = session
            self._by_user.setdefault(session.user_id, set()).add(session.id)
        return True

    def forget(self, session_id: str) -> None:
        """The session is live no more."""
        known = self._sessions.pop(session_id, None)
        if known is not None:
            owned = self._by_user[known.user_id]
            owned.discard(session_id)
            if not owned:
                del self._by_user[known.user_id]

    def see(self, session: Session) -> None:
        """Note later evidence of the client of a session that has not changed otherwise."""
        known = self._sessions.get(session.id)
        if known is not None and known.rev == session.rev:
            self._sessions[session.id] = session
