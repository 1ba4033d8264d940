"""The hub: which sockets of this node follow what, and the one way to tell them."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from domain import customer
from domain.customer import visit_of
from domain.session import Session
from realtime import wire
from realtime.connection import CloseCode, Connection
from realtime.ticker import Ticker
from realtime.views import session_view, visit_view
from storage.redis.bus import Settled, Told
from storage.redis.codec import compact

WATCHED: Final = "customer-sessions"
"""What operators' sockets can watch."""
NEWS: Final = "news"
"""What a user is told that is not about one live session: programs, achievements, buddies."""
RELOAD_MS: Final = 5_000


class Hub:
    """The sockets of one node, by session and by user."""

    def __init__(self, ticker: Ticker, clock: Callable[[], int], per_user: int) -> None:
        """`per_user` is how many sockets one user may have on this node."""
        self._ticker = ticker
        self._clock = clock
        self._per_user = per_user
        self._by_user: dict[str, set[Connection]] = defaultdict(set)
        self._by_session: dict[str, set[Connection]] = defaultdict(set)
        self._watchers: set[Connection] = set()
        self._coalesced = 0
        self.events = 0

    @property
    def coalesced(self) -> int:
        """Ticks that a newer one replaced before they could be sent, of all sockets so far."""
        return self._coalesced + sum(connection.coalesced for connection in self)

    def __len__(self) -> int:
        return sum(len(connections) for connections in self._by_user.values())

    def __iter__(self) -> Iterator[Connection]:
        return iter([one for owned in tuple(self._by_user.values()) for one in tuple(owned)])

    def join(self, connection: Connection) -> bool:
        """Take in a socket; False if its user has too many."""
        owned = self._by_user[connection.caller.user_id]
        if len(owned) >= self._per_user:
            return False
        owned.add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """The socket is gone; safe to call twice, and before it ever joined."""
        connection.gone()
        self._watchers.discard(connection)
        for session_id in tuple(connection.followed):
            self._unfollow(connection, session_id)
        owned = self._by_user.get(connection.caller.user_id)
        if owned is not None and connection in owned:
            self._coalesced += connection.coalesced
            owned.discard(connection)
            if not owned:
                del self._by_user[connection.caller.user_id]

    def follow(self, connection: Connection, session: Session) -> None:
        """Let the socket, which was just shown the session, have its events and ticks."""
        if connection.closed:
            return
        connection.followed[session.id] = (session.epoch, session.rev)
        self._by_session[session.id].add(connection)
        if not session.terminal:
            self._ticker.add(session.id, connection)

    def watch(self, connection: Connection) -> None:
        """Let an operator's socket have every change of every customer session."""
        if not connection.closed:
            self._watchers.add(connection)

    def unwatch(self, connection: Connection) -> None:
        """No more of that, nor what waits of it; safe to call twice."""
        self._watchers.discard(connection)
        connection.withdraw(WATCHED)

    def doubt_news(self) -> None:
        """Something may have been missed that no `rev` heals: clients are told to read it anew.

        Each after a time of its own, or all of them would ask at once.
        """
        for connection in self:
            lists = [NEWS] if connection.follows_all else []
            lists += [WATCHED] if connection in self._watchers else []
            for name in lists:
                in_ms = secrets.randbelow(RELOAD_MS)
                connection.send(wire.message("reload", list=name, in_ms=in_ms))

    def doubt(self) -> None:
        """What was shown may have been lost since: every follower is to be shown the state anew."""
        for connection in self:
            for session_id, (epoch, _) in tuple(connection.followed.items()):
                connection.followed[session_id] = (epoch, 0)

    def let_go(self, session_id: str) -> None:
        """Nothing more will come of the session: it has faded."""
        for connection in tuple(self._by_session.get(session_id, ())):
            self._unfollow(connection, session_id)

    def pace(self, connection: Connection, tick_steps: int) -> None:
        """Send the socket its ticks at another pace."""
        connection.tick_steps = tick_steps
        for session_id in connection.followed:
            if self._ticker.remove(session_id, connection):
                self._ticker.add(session_id, connection)

    def _unfollow(self, connection: Connection, session_id: str) -> None:
        connection.followed.pop(session_id, None)
        self._ticker.remove(session_id, connection)
        followers = self._by_session.get(session_id)
        if followers is not None:
            followers.discard(connection)
            if not followers:
                del self._by_session[session_id]

    def followed(self) -> list[tuple[str, str]]:
        """(user, session) of everything that is followed here."""
        return [
            (next(iter(followers)).caller.user_id, session_id)
            for session_id, followers in self._by_session.items()
        ]

    def is_behind(self, session_id: str, epoch: str, rev: int) -> bool:
        """Whether a follower has not been shown this `rev`."""
        followers = self._by_session.get(session_id, ())
        return any(one.is_behind(session_id, epoch, rev) for one in followers)

    def tell(self, told: Told) -> None:
        """Deliver a transition to everybody it concerns, each `rev` once and in order."""
        session = told.session
        if session.kind == customer.KIND and self._watchers:
            self._show_watchers(told)
        if session.id not in self._by_session and session.user_id not in self._by_user:
            return
        event: dict[str, Any] = told.event | {"state": session_view(session, self._clock())}
        self._show(session, wire.framed(compact(event)))
        self.events += 1

    def _show_watchers(self, told: Told) -> None:
        visit = visit_of(told.session, self._clock())
        frame = wire.message(
            "customer_session",
            event=told.event.get("event"),
            rev=told.session.rev,
            session=visit_view(visit),
        )
        for connection in tuple(self._watchers):
            if connection.caller.is_admin:
                # Whoever cannot keep up needs the newest state of each session, not every one.
                connection.offer(f"{WATCHED} {visit.id}", frame)
            else:
                self.unwatch(connection)

    def heal(self, session: Session) -> None:
        """Show the present state to followers who have missed something."""
        self._show(session, snapshot(session, self._clock()))

    def _show(self, session: Session, frame: bytes) -> None:
        for connection in tuple(self._by_user.get(session.user_id, ())):
            if connection.follows_all and not session.terminal and not connection.closed:
                # A session that was started elsewhere appears by itself.
                connection.followed.setdefault(session.id, (session.epoch, 0))
                self._by_session[session.id].add(connection)
        for connection in tuple(self._by_session.get(session.id, ())):
            if connection.is_behind(session.id, session.epoch, session.rev):
                connection.send(frame)
                self.follow(connection, session)
            if session.terminal:
                self._ticker.remove(session.id, connection)

    def settled(self, notice: Settled) -> None:
        """Tell followers that an ended session is in the history for good."""
        followers = self._by_session.get(notice.session_id, ())
        if followers:
            frame = wire.message(
                "settled", id=notice.session_id, xp_total=notice.facts.get("xp_total")
            )
            for connection in tuple(followers):
                connection.send(frame)
                self._unfollow(connection, notice.session_id)

    def inform(self, user_id: str, frames: Sequence[Mapping[str, Any]]) -> None:
        """Tell the user's sockets that follow everything what is not about one session."""
        followers = [one for one in self._by_user.get(user_id, ()) if one.follows_all]
        if followers:
            for frame in frames:
                told = wire.framed(compact(frame))
                for connection in followers:
                    connection.send(told)

    def revoke(self, member: str) -> None:
        """Close every socket whose token, or whose family of tokens, was revoked."""
        for connection in self:
            # Tokens of another issuer have no family.
            if member and member in (connection.caller.family, connection.caller.token_id):
                connection.close(CloseCode.REVOKED, "revoked")

    def check_ages(self) -> None:
        """Close the sockets that have been stuck for too long."""
        for connection in self:
            connection.check_age()


def snapshot(session: Session, now: int) -> bytes:
    """A frame with the whole present state of a session."""
    return wire.message(
        "snapshot",
        id=session.id,
        epoch=session.epoch,
        rev=session.rev,
        state=session_view(session, now),
    )
