"""What tests on stores of their own share."""

import dataclasses
from pathlib import Path

import pytest

from config.settings import Settings
from tests.stores import Stores, settings_on


@pytest.fixture
def impatient(own_stores: Stores, tmp_path: Path) -> Settings:
    """Settings on stores of the test's own, for a node that notices quickly."""
    return dataclasses.replace(
        settings_on(own_stores, tmp_path), heartbeat_s=0.2, reconcile_s=0.5, complete_wait_s=0.1
    )
