"""The same files give the same rows, byte for byte, in another folder and on another day."""

from __future__ import annotations

import pytest

from dagster_project.defs.run import plan
from dagster_project.editions import open_edition
from dagster_project.editions.export import as_csv
from dagster_project.intake import submit
from dagster_project.intake.deliveries import deliveries, let_partners_in
from dagster_project.register.ledger import verify


@pytest.mark.slow
def test_a_second_installation_holds_the_same_rows(installation, network_files, tmp_path, monkeypatch):
    files = network_files("tiny")
    monkeypatch.setenv("VEINWAY_HOME", str(tmp_path / "home"))
    let_partners_in(files)
    for each in deliveries(files):
        submit(each.path, partner=each.partner, feed=each.feed, as_of=each.as_of)
    plan()
    audiences = open_edition("operator").manifest["audiences"]
    assert len(audiences) > 5
    for audience in audiences:
        here, there = open_edition(audience), open_edition(audience, folder=installation / "editions")
        assert here.views == there.views
        for view in here.views:
            assert as_csv(here.query(view)) == as_csv(there.query(view)), f"{view} of {audience}"
    assert open_edition("operator").edition_id == open_edition("operator", folder=installation / "editions").edition_id
    assert verify() == []
