"""The written summary of a week: in the words of an engine that has some, else from the figures."""

from domain.weekly import WeeklyReview, composed


class Summaries:
    """Writes summaries; always has an answer."""

    async def summary(self, review: WeeklyReview, user_id: str) -> str:
        """A few sentences on the week. Raises nothing."""
        return composed(review)
