"""Leaderboards over HTTP: everybody may look, who takes part is shown."""

from handlers.base import ApiHandler
from handlers.endpoint import endpoint
from handlers.schemas.leaderboards import LeaderboardQuery, LeaderboardView, ranking_view


class LeaderboardHandler(ApiHandler):
    """/api/v1/leaderboards/"""

    @endpoint(
        summary="Who has earned or focused most, and where the caller stands among those who take part",
        query=LeaderboardQuery,
        returns=LeaderboardView,
    )
    async def get(
        self, *, period: str, dimension: str, limit: int, around: int
    ) -> dict[str, object]:
        ranking = await self.services.rankings.show(
            self.caller.user_id, period, dimension, limit=limit, around=around
        )
        return ranking_view(ranking)


ROUTES = ((r"/api/v1/leaderboards", LeaderboardHandler),)
