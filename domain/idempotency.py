"""Makes a repeated request find what the first one made."""

import hashlib
import json
import uuid
from collections.abc import Mapping

NAMESPACE = uuid.UUID("6f0d2b8e-4c1a-5e57-9a53-0c8f4f5b7d21")


def new_id(user_id: str, route: str, key: str | None) -> str:
    """Give a random UUID, or the one that the user's idempotency key stands for."""
    return str(uuid.uuid4()) if key is None else derived_id(user_id, route, key)


def derived_id(user_id: str, route: str, key: str) -> str:
    """Give the one UUID that this user's key stands for on this route."""
    return str(uuid.uuid5(NAMESPACE, json.dumps([user_id, route, key])))


def digest(body: Mapping[str, object]) -> str:
    """Give a fingerprint of a request's meaning: spaces and order do not count."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
