"""What the leaderboard endpoint reads and writes."""

from collections.abc import Mapping, Sequence

from marshmallow import fields, validate

from domain.leaderboards import BOARDS, FOCUS, PERIODS, Place
from handlers.schemas.common import Instant, QueryInt, Schema, Text
from realtime.leaderboards import Ranking, Row

LIMIT_DEFAULT, LIMIT_MAX = 10, 100
AROUND_DEFAULT, AROUND_MAX = 2, 10


class LeaderboardQuery(Schema):
    """Which board, and how much of it."""

    period = Text(
        max=10,
        validate=validate.OneOf(PERIODS),
        load_default="week",
        metadata={"description": "The present day, week or month of UTC, or all time."},
    )
    dimension = Text(
        max=20,
        validate=validate.OneOf(BOARDS),
        load_default="total",
        metadata={
            "description": "What is compared: all XP, that of one dimension, or minutes of focus."
        },
    )
    limit = QueryInt(
        minimum=1,
        maximum=LIMIT_MAX,
        load_default=LIMIT_DEFAULT,
        metadata={"description": "How many of the best."},
    )
    around = QueryInt(
        minimum=0,
        maximum=AROUND_MAX,
        load_default=AROUND_DEFAULT,
        metadata={"description": "How many neighbours on either side of the caller."},
    )


class PlaceView(Schema):
    """Where somebody stands; equal score, equal rank. The board `focus` has no `xp`."""

    rank = fields.Integer()
    xp = fields.Integer()
    focus_minutes = fields.Integer(
        metadata={"description": "On the board `focus` alone: completed focus sessions."}
    )


class RowView(PlaceView):
    """Somebody on the board; `you` marks the caller."""

    name = fields.String()
    life_level = fields.Integer()
    badges = fields.List(
        fields.String(), metadata={"description": "Icons of the newest achievements, at most 3."}
    )
    you = fields.Boolean()


class LeaderboardView(Schema):
    """A board as its caller sees it."""

    period = fields.String(validate=validate.OneOf(PERIODS))
    dimension = fields.String(validate=validate.OneOf(BOARDS))
    begins = Instant(data_key="from", attribute="from", allow_none=True)
    to = Instant(allow_none=True)
    size = fields.Integer()
    results = fields.List(fields.Nested(RowView))
    me = fields.Nested(PlaceView, allow_none=True)
    neighbours = fields.List(fields.Nested(RowView))
    opted_in = fields.Boolean()


def ranking_view(ranking: Ranking) -> dict[str, object]:
    """Lay a ranking out for `LeaderboardView`."""
    mine = ranking.mine
    return {
        "period": ranking.period.name.partition(":")[0],
        "dimension": ranking.board,
        "from": ranking.period.from_ms,
        "to": ranking.period.to_ms,
        "size": ranking.size,
        "results": _rows(ranking.board, ranking.rows),
        "me": None if mine is None else _place(ranking.board, mine),
        "neighbours": _rows(ranking.board, ranking.neighbours),
        "opted_in": ranking.opted_in,
    }


def _place(board: str, place: Place) -> dict[str, object]:
    return {"rank": place.rank, "focus_minutes" if board == FOCUS else "xp": place.score}


def _rows(board: str, rows: Sequence[Row]) -> list[Mapping[str, object]]:
    return [
        {
            **_place(board, row.place),
            "name": row.face.name,
            "life_level": row.face.life_level,
            "badges": row.face.badges,
            "you": row.you,
        }
        for row in rows
    ]
