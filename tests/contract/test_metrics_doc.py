"""The metrics that operators read about are the metrics that there are."""

import dataclasses
import re
from pathlib import Path

import pytest

from config.settings import Settings
from server import running

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.mark.gen_test
async def test_every_metric_is_documented_and_every_documented_one_exists(
    settings: Settings,
) -> None:
    async with running(dataclasses.replace(settings, analysis_workers=1)) as node:
        families = [
            family.name + ("_total" if family.type == "counter" else "")
            for family in node.services.metrics.registry.collect()
        ]
    ours = {name for name in families if name.startswith("sessiond_")}
    told = set(re.findall(r"`(sessiond_[a-z_]+)`", DOCUMENT.read_text()))

    assert told == ours
