"""What clients are told of an analysis; the wire contract is docs/analysis.md."""

from collections.abc import Sequence
from typing import Any

from domain.analysis import Analysis

Frame = dict[str, Any]


def status_frame(analysis: Analysis, *, with_result: bool = False) -> Frame:
    """How it stands; the result is a part of the first one that a socket is sent."""
    return {
        "type": "status",
        "status": analysis.state,
        "session_id": analysis.id,
        "review_session_id": analysis.review_id,
        "error": analysis.error if analysis.state == "failed" else None,
        "result": analysis.result if with_result else None,
    }


def nothing_frame(either_id: str, *, review: bool) -> Frame:
    """That there is no analysis of this id: of a review that is there, or of nothing at all."""
    return {
        "type": "status",
        "status": "not_completed" if review else "not_found",
        "session_id": None,
        "review_session_id": either_id,
        "error": None,
        "result": None,
    }


def turn_frames(analysis: Analysis) -> Sequence[Frame]:
    """What followers are told when it has changed: its status, and what it came to."""
    frames = [status_frame(analysis)]
    if analysis.state == "succeeded":
        frames.append({"type": "result", "data": analysis.result})
    elif analysis.state == "failed":
        frames.append({"type": "error", "message": analysis.error})
    return frames


def progress_frame(step: str, percent: int) -> Frame:
    """How far the present attempt is: a word for what it does, and whole percent."""
    return {"type": "progress", "step": step, "percent": percent}


def short(analysis_id: str) -> str:
    """The id as logs may show it: whoever knows the whole of it has the analysis."""
    return analysis_id[:8]


def ids_of(analysis: Analysis) -> Sequence[str]:
    """The ids under which it is followed."""
    return [analysis.id, *([analysis.review_id] if analysis.review_id else [])]
