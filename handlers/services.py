"""Everything a handler may use, built once by the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings
    from handlers.limits import Limiter
    from handlers.logins import Logins
    from handlers.metrics import Metrics
    from handlers.provision import Provisioner
    from handlers.streaming import Streams
    from handlers.tokens import Tokens
    from realtime.analysing import AnalysisDesk
    from realtime.analysis_watch import AnalysisWatch
    from realtime.buddies import BuddySessions
    from realtime.custom_programs import CustomPrograms
    from realtime.customer_desk import CustomerDesk
    from realtime.customers import CustomerSessions
    from realtime.engine import Engine
    from realtime.external import ExternalSessions
    from realtime.focus import FocusSessions
    from realtime.following import Following
    from realtime.hub import Hub
    from realtime.leaderboards import Leaderboards, Rankings
    from realtime.presence import Presence
    from realtime.program_views import ProgramViews
    from realtime.programs import FocusPrograms
    from realtime.push import Push
    from realtime.rating import Rater
    from realtime.recording import Recorder
    from realtime.reviews import Reviews
    from realtime.stories import Stories
    from realtime.summaries import Summaries
    from realtime.tasks import Tasks
    from realtime.voiding import Voiding
    from realtime.xp import XpSessions
    from storage.mongo.activities import Activities
    from storage.mongo.calendar_feeds import CalendarFeeds
    from storage.mongo.days import Days
    from storage.mongo.entries import Entries
    from storage.mongo.goals import Goals
    from storage.mongo.history import History
    from storage.mongo.sessions import Sessions
    from storage.mongo.users import Users


@dataclass(frozen=True, kw_only=True)
class Services:
    """What travels to every handler; `clock` is in ms, `readiness` maps a part to its fault."""

    settings: "Settings"
    clock: Callable[[], int]
    tasks: "Tasks"
    tokens: "Tokens"
    logins: "Logins"
    provisioner: "Provisioner"
    users: "Users"
    goals: "Goals"
    activities: "Activities"
    days: "Days"
    sessions: "Sessions"
    history: "History"
    stories: "Stories"
    feeds: "CalendarFeeds"
    streams: "Streams"
    engine: "Engine"
    xp: "XpSessions"
    rater: "Rater"
    voiding: "Voiding"
    entries: "Entries"
    external: "ExternalSessions"
    focus: "FocusSessions"
    customers: "CustomerSessions"
    customer_desk: "CustomerDesk"
    buddies: "BuddySessions"
    reviews: "Reviews"
    recorder: "Recorder"
    analyses: "AnalysisDesk"
    analysis_watch: "AnalysisWatch"
    database_ping: Callable[[], Awaitable[None]]
    programs: "FocusPrograms"
    program_views: "ProgramViews"
    custom_programs: "CustomPrograms"
    summaries: "Summaries"
    leaderboards: "Leaderboards"
    rankings: "Rankings"
    push: "Push"
    following: "Following"
    presence: "Presence"
    hub: "Hub"
    node_name: str
    limiter: "Limiter"
    metrics: "Metrics"
    readiness: Callable[[], Mapping[str, str]]

    async def close(self) -> None:
        """Let go of threads and connections."""
        self.logins.passwords.close()
        self.rater.close()
        self.summaries.close()
        await self.limiter.close()
