"""The one place where the tools we use are told not to phone home. Called before any of them is imported."""

from __future__ import annotations

import os

OFF = {
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",  # dbt and others
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


def switch_off() -> None:
    """Switch telemetry off for this process and those it starts, whatever the user's own settings say."""
    os.environ.update(OFF)
