"""Dates and times as senders write them, to ISO 8601: DuckDB SQL over a text. A text of no such style comes back unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.contracts.rules import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

# Weeks as planners write them: KW 48/2026, 48/2026, week 48 2026, 2026-W48, 2026/48; a week stands for its Monday.
WEEK = "week"
WEEK_WORD = "(?:W|KW|CW|WK|WEEK|SEM|S)"
WEEK_FIRST = rf"(?i){WEEK_WORD}?[ .]*([0-9]{{1,2}})[ ./-]+(20[0-9]{{2}})"
YEAR_FIRST = rf"(?i)(20[0-9]{{2}})[ ./-]+{WEEK_WORD}?[ .]*([0-9]{{1,2}})|(20[0-9]{{2}}){WEEK_WORD}([0-9]{{1,2}})"
# Numbers that stand for a day or a moment. Excel counts days, and its day 60 never was: later ones fit this first day.
NUMBERED_STYLES = {
    "excel": "DATE '1899-12-30' + to_microseconds(CAST(round(TRY_CAST({text} AS DOUBLE) * 86400) * 1000000 AS BIGINT))",
    "unix": "make_timestamp(CAST(TRY_CAST({text} AS DOUBLE) * 1000000 AS BIGINT))",
    "unix_ms": "make_timestamp(CAST(TRY_CAST({text} AS DOUBLE) * 1000 AS BIGINT))",
}
NAMED_STYLES = frozenset({*NUMBERED_STYLES, WEEK})
# Times without offset, once a zone is named.
ISO_TIMES = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
UTC_TEXT = "%Y-%m-%dT%H:%M:%S.%fZ"


def day_sql(text: str, styles: Sequence[str]) -> str:
    """A day as YYYY-MM-DD."""
    days = [_in_years(_moment(text, style), "strftime({moment}, '%Y-%m-%d')") for style in styles]
    return f"coalesce({', '.join([*days, text])})" if days else text


def time_sql(text: str, styles: Sequence[str], zone: str | None) -> str:
    """A time in UTC. A style without offset needs the zone; a local time that does not exist or exists twice there is left as it is."""
    wanted = (*styles, *ISO_TIMES) if zone else tuple(styles)
    times = [_in_years(_moment(text, style), _utc(style, zone)) for style in wanted]
    return f"coalesce({', '.join([*(time for time in times if time), text])})"


def _moment(text: str, style: str) -> str:
    if style == WEEK:
        return _monday(text)
    named = NUMBERED_STYLES.get(style)
    if named is None:
        return f"try_strptime({text}, {literal(style)})"
    # Of a text that is no plain number nothing is computed.
    return f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,13}}([.][0-9]+)?') THEN {named.format(text=text)} END"


def _monday(text: str) -> str:
    """The Monday of a week; NULL for a week that its year does not have, which strptime would roll into the next one."""
    plain = (
        f"CASE WHEN regexp_full_match({text}, '{WEEK_FIRST}')"
        f" THEN regexp_extract({text}, '{WEEK_FIRST}', 2) || '-' || lpad(regexp_extract({text}, '{WEEK_FIRST}', 1), 2, '0')"
        f" WHEN regexp_full_match({text}, '{YEAR_FIRST}')"
        f" THEN left({text}, 4) || '-' || lpad(regexp_extract({text}, '[0-9]{{1,2}}$'), 2, '0') END"
    )
    return f"list_filter([try_strptime({plain} || '-1', '%G-%V-%u')], lambda day: strftime(day, '%G-%V') = {plain})[1]"


def _in_years(moment: str, then: str) -> str:
    """`then` where the moment lies in a year of our time: %Y also takes the 14 of 9/11/14 for a year."""
    if not then:
        return ""
    return f"CASE WHEN year({moment}) BETWEEN 1900 AND 2199 THEN {then.replace('{moment}', moment)} END"


def _utc(style: str, zone: str | None) -> str:
    is_utc = "%z" in style or style in ("unix", "unix_ms")
    if is_utc:
        return f"strftime({{moment}}, '{UTC_TEXT}')"
    if zone is None:
        return ""
    there = f"timezone({literal(zone)}, {{moment}})"
    is_real = f"timezone({literal(zone)}, {there}) = {{moment}}"
    hour = "INTERVAL 1 HOUR"
    is_once = f"timezone({literal(zone)}, {there} - {hour}) <> {{moment}} AND timezone({literal(zone)}, {there} + {hour}) <> {{moment}}"
    return f"CASE WHEN {is_real} AND {is_once} THEN strftime({there}, '{UTC_TEXT}') END"
