"""Analyses as MongoDB documents."""

from collections.abc import Mapping
from typing import Any

from domain.analysis import Analysis, Material
from storage.mongo.client import Document, instant, instant_if, milliseconds, milliseconds_if


def analysis_document(analysis: Analysis) -> Document:
    """The whole analysis; `wake_at` is there only while there is something to wake for."""
    document = {
        "_id": analysis.id,
        "review_id": analysis.review_id,
        "owner": analysis.owner,
        "materials": [_material_document(one) for one in analysis.materials],
        "state": analysis.state,
        "run": analysis.run,
        "attempt": analysis.attempt,
        "given_back": analysis.given_back,
        "queued": analysis.queued,
        "rev": analysis.rev,
        "turn": analysis.turn,
        "worker": analysis.worker,
        "result": analysis.result,
        "error": analysis.error,
        "created_at": instant(analysis.created_at),
        "triggered_at": instant(analysis.triggered_at),
        "deadline_at": instant(analysis.deadline_at),
        "not_before": instant(analysis.not_before),
        "ended_at": instant_if(analysis.ended_at),
    }
    if analysis.wake_at is not None:
        document["wake_at"] = instant(analysis.wake_at)
    return document


def analysis_from(document: Mapping[str, Any]) -> Analysis:
    """Read what `analysis_document` wrote."""
    return Analysis(
        id=document["_id"],
        review_id=document["review_id"],
        owner=document["owner"],
        materials=tuple(_material_from(one) for one in document["materials"]),
        state=document["state"],
        run=document["run"],
        attempt=document["attempt"],
        given_back=document["given_back"],
        queued=document["queued"],
        rev=document["rev"],
        turn=document["turn"],
        worker=document["worker"],
        result=document["result"],
        error=document["error"],
        created_at=milliseconds(document["created_at"]),
        triggered_at=milliseconds(document["triggered_at"]),
        deadline_at=milliseconds(document["deadline_at"]),
        not_before=milliseconds(document["not_before"]),
        ended_at=milliseconds_if(document["ended_at"]),
        wake_at=milliseconds_if(document.get("wake_at")),
    )


def _material_document(material: Material) -> Document:
    return {
        "order": material.order,
        "question_id": material.question_id,
        "prompt": material.prompt,
        "answer": material.answer,
        "audio_id": material.audio_id,
    }


def _material_from(document: Mapping[str, Any]) -> Material:
    return Material(
        order=document["order"],
        question_id=document["question_id"],
        prompt=document["prompt"],
        answer=document["answer"],
        audio_id=document["audio_id"],
    )
