"""What a language model finds in five answers."""

from typing import Any, Final

DASHBOARD: Final[dict[str, Any]] = {
    "language": "en",
    "objective": {"text": "Grow from 100 to 250 paying customers by June.", "order": 1},
    "key_results": [
        {
            "text": "Churn is 5% today and should be 3% by June.",
            "metric": "churn",
            "baseline": 5,
            "target": 3.0,
            "unit": "%",
            "direction": "decrease",
            "due": "by June",
            "order": 4,
            "confidence": 0.9,
        },
        {
            "text": "Double the conversion rate.",
            "metric": "conversion rate",
            "baseline": None,
            "target": None,
            "unit": None,
            "direction": "increase",
            "due": None,
            "order": 4,
            "confidence": 0.425,
        },
    ],
    "themes": [{"name": "customers", "mentions": 3, "orders": [1, 3]}],
    "blockers": [{"text": "Hiring bottlenecks.", "order": 2}],
    "strengths": [{"text": "Our customers are loyal.", "order": 3}],
    "sentiment": {"label": "positive", "score": 0.4},
    "next_steps": [{"text": "Hire two sales people.", "reason": "Hiring is the bottleneck."}],
    "confidence": {
        "objective": 0.9,
        "key_results": 0.8,
        "themes": 0.7,
        "blockers": 0.7,
        "strengths": 0.7,
        "sentiment": 0.5,
        "next_steps": 0.6,
    },
}
