"""How the families of sessions are put together: XP, focus programs, customers, buddies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from domain import customer
from domain.session import Kind
from realtime import focus
from realtime.analysing import AnalysisDesk
from realtime.analysis_watch import AnalysisWatch
from realtime.buddies import BuddyParts, BuddySessions
from realtime.completing import Completions
from realtime.custom_programs import CustomPrograms
from realtime.customer_desk import CustomerDesk
from realtime.customers import CustomerLimits, CustomerParts, CustomerSessions
from realtime.focus import FocusParts, FocusSessions
from realtime.own import OwnSessions
from realtime.parts import Parts
from realtime.program_views import ProgramViews, ViewParts
from realtime.programs import FocusPrograms, ProgramParts
from realtime.rating import Rater
from realtime.recording import Recorder
from realtime.reviews import ReviewParts, Reviews
from realtime.starting import Starts
from realtime.xp import SessionLimits, XpParts, XpSessions
from storage.connections import Connections
from storage.mongo.activities import Activities
from storage.mongo.awards import Awards
from storage.mongo.buddies import Challenges, Matches
from storage.mongo.client import Database
from storage.mongo.custom_programs import OwnPrograms
from storage.mongo.enrollments import Enrollments
from storage.mongo.goals import Goals
from storage.mongo.meetings import Meetings
from storage.mongo.program_archive import ProgramArchive
from storage.mongo.program_changes import ProgramBook
from storage.mongo.programs import Programs
from storage.mongo.questionnaire import Questionnaires
from storage.mongo.reviews import ReviewBook
from storage.mongo.user_search import UserSearch
from storage.mongo.users import Users
from storage.mongo.visits import Visits
from storage.redis.program_lists import ProgramLists
from storage.redis.sessions import SessionStore

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Who there is, and what they do."""

    users: Users
    goals: Goals
    activities: Activities


class Families(TypedDict):
    """What serves each family, under the names that handlers know it by."""

    xp: XpSessions
    focus: FocusSessions
    programs: FocusPrograms
    program_views: ProgramViews
    custom_programs: CustomPrograms
    customers: CustomerSessions
    customer_desk: CustomerDesk
    buddies: BuddySessions
    reviews: Reviews
    recorder: Recorder
    analyses: AnalysisDesk
    analysis_watch: AnalysisWatch


def build_families(
    settings: "Settings", connections: Connections, parts: Parts, catalogue: Catalogue, rater: Rater
) -> Families:
    """Everything that serves sessions of some kind."""
    db, now = connections.mongo.db, parts.now
    store = SessionStore(connections.redis, parts.keys)
    programs = _programs(settings, connections, catalogue.users, parts)
    review_book = ReviewBook(connections.mongo, now, timeout_s=settings.outbox_timeout_s)
    return Families(
        xp=_xp_sessions(settings, store, parts, catalogue, rater),
        focus=_focus_sessions(settings, store, parts, programs),
        programs=programs,
        program_views=_program_views(db, catalogue.users, now),
        custom_programs=_custom_programs(settings, connections, parts, programs),
        customers=_customers(settings, store, parts, Visits(db)),
        customer_desk=CustomerDesk(Visits(db), UserSearch(db), parts.registry, now),
        buddies=_buddies(settings, connections, parts),
        reviews=_reviews(settings, connections, review_book, now),
        recorder=parts.recorder,
        analyses=AnalysisDesk(
            parts.analysis_book, review_book, by_token=settings.review_auth == "required"
        ),
        analysis_watch=parts.analysis_watch,
    )


def _xp_sessions(
    settings: "Settings",
    store: SessionStore,
    parts: Parts,
    catalogue: Catalogue,
    rater: Rater,
) -> XpSessions:
    limits = SessionLimits(
        max_ms=settings.max_session_s * 1000,
        abandon_ms=settings.abandon_after_s * 1000,
    )
    used = XpParts(
        starts=Starts(parts.engine, store, parts.sessions),
        completions=_completions(settings, store, parts),
        goals=catalogue.goals,
        activities=catalogue.activities,
        sessions=parts.sessions,
        rater=rater,
    )
    return XpSessions(used, parts.now, limits)


def _completions(settings: "Settings", store: SessionStore, parts: Parts) -> Completions:
    return Completions(parts.engine, store, parts.settlements, settings.complete_wait_s)


def _own(kind: Kind, store: SessionStore, parts: Parts) -> OwnSessions:
    return OwnSessions(
        kind, engine=parts.engine, store=store, registry=parts.registry, sessions=parts.sessions
    )


def _programs(
    settings: "Settings", connections: Connections, users: Users, parts: Parts
) -> FocusPrograms:
    db = connections.mongo.db
    used = ProgramParts(
        programs=Programs(db),
        enrollments=Enrollments(db),
        book=ProgramBook(connections.mongo, timeout_s=settings.outbox_timeout_s),
        awards=Awards(db),
        users=users,
        lists=ProgramLists(connections.redis, parts.keys),
        announcer=parts.announcer,
    )
    return FocusPrograms(used, parts.now)


def _program_views(db: Database, users: Users, now: Callable[[], int]) -> ProgramViews:
    used = ViewParts(
        programs=Programs(db),
        enrollments=Enrollments(db),
        archive=ProgramArchive(db),
        awards=Awards(db),
        users=users,
    )
    return ProgramViews(used, now)


def _custom_programs(
    settings: "Settings", connections: Connections, parts: Parts, programs: FocusPrograms
) -> CustomPrograms:
    timeout_s = settings.outbox_timeout_s
    return CustomPrograms(OwnPrograms(connections.mongo, parts.now, timeout_s=timeout_s), programs)


def _focus_sessions(
    settings: "Settings", store: SessionStore, parts: Parts, programs: FocusPrograms
) -> FocusSessions:
    used = FocusParts(
        engine=parts.engine,
        own=_own(focus.KIND, store, parts),
        starts=Starts(parts.engine, store, parts.sessions),
        completions=_completions(settings, store, parts),
        sessions=parts.sessions,
        settlements=parts.settlements,
        programs=programs,
    )
    return FocusSessions(
        used, parts.now, max_ms=settings.max_session_s * 1000, wait_s=settings.complete_wait_s
    )


def _customers(
    settings: "Settings", store: SessionStore, parts: Parts, visits: Visits
) -> CustomerSessions:
    used = CustomerParts(
        engine=parts.engine,
        own=_own(customer.KIND, store, parts),
        starts=Starts(parts.engine, store, parts.sessions),
        completions=_completions(settings, store, parts),
        visits=visits,
        registry=parts.registry,
    )
    limits = CustomerLimits(
        max_ms=settings.max_session_s * 1000, idle_ms=settings.customer_idle_s * 1000
    )
    return CustomerSessions(used, parts.now, limits)


def _buddies(settings: "Settings", connections: Connections, parts: Parts) -> BuddySessions:
    db = connections.mongo.db
    used = BuddyParts(
        buddies=parts.buddies,
        challenges=Challenges(db),
        matches=Matches(db),
        announcer=parts.announcer,
    )
    return BuddySessions(used, parts.now, window_ms=settings.buddy_window_s * 1000)


def _reviews(
    settings: "Settings", connections: Connections, book: ReviewBook, now: Callable[[], int]
) -> Reviews:
    mongo = connections.mongo
    used = ReviewParts(
        book=book,
        questionnaires=Questionnaires(mongo.db),
        meetings=Meetings(mongo.db),
    )
    return Reviews(used, now, by_token=settings.review_auth == "required")
