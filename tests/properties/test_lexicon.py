"""Whatever people type, the lexicon answers within the budget, always the same."""

from hypothesis import given, strategies as st

from domain.lexicon import rate
from domain.rates import BUDGET_MILLI_XP, DIMENSIONS
from domain.rating import Subject

ODD = "\u200c\u200f\u202e\u0640\ud800\udfff🏃🎨👪\ufe0f\u064b'-_/+#,. \tİıßﷺ۵٣"
TEXT = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=ODD + "abcdefgاآيكبپ", max_size=200),
    st.text(alphabet=st.characters(), max_size=200),
    st.lists(
        st.sampled_from(
            [
                "run",
                "yoga",
                "with",
                "for",
                "about",
                "guitar",
                "می",
                "شنا",
                "با",
                "writing",
                "mum",
                "🎨",
                "zzz",
            ]
        )
    ).map(" ".join),
)


@given(activity=TEXT, goal=TEXT, activity_category=TEXT, goal_category=TEXT)
def test_every_text_is_rated(
    activity: str, goal: str, activity_category: str, goal_category: str
) -> None:
    subject = Subject(
        activity=activity,
        goal=goal,
        activity_category=activity_category,
        goal_category=goal_category,
    )

    rating = rate(subject)

    rates = [getattr(rating.rates, dimension) for dimension in DIMENSIONS]
    assert sum(rates) == BUDGET_MILLI_XP
    assert min(rates) >= 0
    assert 0 <= rating.confidence <= 1
    assert round(rating.confidence, 2) == rating.confidence
    assert rating.explanation.isprintable()
    assert len(rating.explanation) <= 200
    assert rate(subject) == rating
