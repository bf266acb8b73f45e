"""Which segments of the X12 sets 830, 214 and 856 belong to which loop, and how a date, a time and a time code become one moment."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Loop:
    """A loop by the segments that belong to it, and the loops within, by the segment that opens each."""

    members: frozenset[str] = frozenset()
    loops: dict[str, Loop] = field(default_factory=dict)


def _loop(members: str = "", /, **loops: Loop) -> Loop:
    return Loop(frozenset(members.split()), loops)


PARTY = _loop("N2 N3 N4 REF PER FOB G62 L11")
FORECAST = _loop("QTY SDQ", LM=_loop("LQ"))
SETS = {
    "830": _loop(
        "ST BFR REF PER TAX FOB CTP SAC CSH ITD DTM PID MEA PWK PKG TD1 TD5 TD3 TD4 MAN CTT AMT SE",
        N1=PARTY,
        LM=_loop("LQ"),
        LIN=_loop(
            # A delivery pattern (SDP) does not group what follows: its weeks are weeks of the item like any other.
            "UIT DTM CUR PO3 CTP PID MEA PKG PO4 PRS REF PER SAC ITD TAX FOB QTY ATH TD1 TD5 TD3 TD4 MAN DD SDP",
            SLN=_loop("PID"),
            N1=PARTY,
            LM=_loop("LQ"),
            LDT=_loop("QTY MAN REF", LM=_loop("LQ")),
            FST=FORECAST,
            SHP=_loop("REF"),
        ),
    ),
    "214": _loop(
        "ST B10 L11 MAN K1 MS3 AT5 PRF SE",
        N1=PARTY,
        NM1=_loop("N2 N3 N4"),
        LX=_loop("L11 MAN Q7 K1 AT5 AT8 AT9", AT7=_loop("MS1 MS2 M7"), CD3=_loop("L11 Q7 NM1 AT8"), PRF=_loop("N1 N2 N3 N4 L11")),
        AT7=_loop("MS1 MS2 M7"),
    ),
    # A hierarchical level holds whatever follows it up to the next.
    "856": _loop(
        "ST BSN DTM CTT SE",
        HL=_loop(
            "LIN SN1 SLN PRF PO4 PID MEA PWK PKG TD1 TD5 TD3 TD4 TSD REF PER LH1 CLD MAN DTM FOB PAL SAC CUR QTY PKD TD2 L11",
            N1=PARTY,
            LM=_loop("LQ"),
        ),
    ),
}
# Segments that list what they identify in pairs of qualifier and value, and where the first pair stands.
PAIRS = {"LIN": 2}
# Where the date, the time and the time code of a moment stand.
MOMENTS = {"DTM": (2, 3, 4), "AT7": (5, 6, 7), "G62": (2, 4, 5)}

OFFSETS = {
    **{f"{hours:02}": f"+{hours:02}:00" for hours in range(1, 13)},
    **{f"{25 - hours:02}": f"-{hours:02}:00" for hours in range(1, 13)},
    "UT": "+00:00", "GM": "+00:00",
    "ED": "-04:00", "ES": "-05:00", "CD": "-05:00", "CS": "-06:00", "MD": "-06:00", "MS": "-07:00", "PD": "-07:00", "PS": "-08:00",
}  # fmt: skip
ZONES = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
CLOCK = re.compile(r"(\d\d)(\d\d)(?:(\d\d)(\d\d?)?)?")


def moment(day: str, time: str, code: str) -> str | None:
    """A time in ISO 8601, with its offset when the code tells it; None without a time, and what was sent where it is none.

    A code for local time (LT) tells nothing, so that the rule of the contract asks for an offset; so does a wall-clock
    time that a change of the clock made happen twice or never.
    """
    if not time:
        return None
    clock = CLOCK.fullmatch(time)
    try:
        parsed = dt.datetime.strptime(day, "%Y%m%d")  # noqa: DTZ007 - the offset follows
    except ValueError:
        clock = None
    if clock is None:
        return " ".join(part for part in (day, time, code) if part)
    hour, minute, second, fraction = (part or "" for part in clock.groups())
    text = f"{parsed:%Y-%m-%d}T{hour}:{minute}:{second or '00'}{f'.{fraction}' if fraction else ''}"
    return text + (OFFSETS.get(code) or _offset_there(text, code) or (f" {code}" if code else ""))


def _offset_there(text: str, code: str) -> str:
    """The offset of a wall-clock time of a North American zone; nothing when it happens twice or never."""
    if code not in ZONES:
        return ""
    try:
        there = dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(ZONES[code]))
    except ValueError:
        return ""
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        return ""
    return there.isoformat()[-6:]
