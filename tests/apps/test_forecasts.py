"""How forecasts moved and how good they were: what the section says, from rows that are worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from apps.shared_views import data, forecasts

VERSIONS = pd.DataFrame(
    [
        ("hospital", "T1", "forecast", "2026-11-08", "2026-W45", "2026-W46", 2.0),
        ("hospital", "T2", "forecast", "2026-11-08", "2026-W45", "2026-W46", 1.0),
        ("hospital", "T1", "forecast", "2026-11-15", "2026-W46", "2026-W47", 4.0),
        ("hospital", "T1", "actual", None, "actual", "2026-W45", 3.0),
        ("plant", "T1", "forecast", "2026-11-08", "2026-W45", "2026-W46", 9.0),
    ],
    columns=["slice_kind", "therapy_code", "version_kind", "version_date", "version_label", "iso_week", "patients"],
)


def measure(kind: str, therapy: str | None, lag: int, actual: float, forecast: float, wape: float, gain: float) -> dict[str, object]:
    return {
        "slice_kind": kind, "therapy_code": therapy, "lag_weeks": lag, "actual": actual, "forecast": forecast, "wape_pct": wape,
        "value_added_naive_pct": gain,
    }  # fmt: skip


def test_versions_are_added_up_over_what_the_reader_sees() -> None:
    rows = forecasts.versions(VERSIONS, "hospital", data.SHOW_ALL)
    assert sorted(rows[["version_label", "iso_week", "patients"]].itertuples(index=False, name=None)) == [
        ("2026-W45", "2026-W46", 3.0),
        ("2026-W46", "2026-W47", 4.0),
        ("actual", "2026-W45", 3.0),
    ]
    assert forecasts.versions(VERSIONS, "hospital", "T1")["patients"].sum() == 9.0
    assert forecasts.versions(VERSIONS, "hospital", "T2").empty  # one version has no past


def test_the_network_is_measured_as_one_and_a_partner_by_therapy() -> None:
    rows = pd.DataFrame(
        [measure("network", None, 4, 10, 12, 40, 5), measure("hospital", "T1", 4, 4, 5, 50, 0), measure("hospital", "T1", 1, 4, 4, 10, 0)]
    )
    assert list(forecasts.accuracy(rows, data.SHOW_ALL)["slice_kind"]) == ["network"]
    assert list(forecasts.accuracy(rows, "T1")["lag_weeks"]) == [1, 4]
    assert list(forecasts.accuracy(rows[rows["slice_kind"] != "network"], data.SHOW_ALL)["slice_kind"]) == ["hospital", "hospital"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([measure("network", None, 4, 10, 12, 40, 5)], ["20 % too high", "off by 40 %", "worth more than", "(45 %)"]),
        # Weighted by those who came: (40 * 30 + 80 * 10) / 40 = 50, and the gain (10 * 30 - 50 * 10) / 40 = -5.
        (
            [measure("therapy", "T1", 4, 30, 24, 40, 10), measure("therapy", "T2", 4, 10, 8, 80, -50)],
            ["20 % too low", "off by 50 %", "worth no more than", "(45 %)"],
        ),
        ([measure("network", None, 1, 10, 12, 40, 5)], ["Too few weeks"]),
        ([measure("network", None, 4, 0, 2, 0, 0)], ["Nobody was collected"]),
    ],
)
def test_the_finding_says_how_far_off_and_what_it_is_worth(rows: list[dict[str, object]], words: list[str]) -> None:
    text = forecasts.finding(pd.DataFrame(rows))
    assert [word for word in words if word not in text] == []
