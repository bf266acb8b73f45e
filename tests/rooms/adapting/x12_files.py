"""X12 files for the tests, written with right counts and control numbers, and the independent ones where they are at hand."""

from __future__ import annotations

import datetime as dt

from dagster_project.home import PROJECT_ROOT

SENT_AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
HOSPITAL = "9501101530003"
HEAD_830 = ["BFR*00*PLAN-47**DL*A*20261123*20270103*20261120", f"N1*ST*NORTHGATE*UL*{HOSPITAL}"]
ITEM_830 = ["LIN*1*VP*CART-101", "REF*ZZ*COM"]

INDEPENDENT = PROJECT_ROOT.parent / "shared" / "data" / "x12"
INDEPENDENT_FILES = sorted(path for path in INDEPENDENT.glob("*/*") if path.suffix.lower() in {".edi", ".txt"})


def isa(number: int, *, version: str = "00401", wants_ta1: bool = False, usage: str = "P") -> str:
    repetition = "^" if version == "00501" else "U"
    wanted = int(wants_ta1)
    return (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'NORTHGATE':15}*ZZ*{'VEINWAY':15}*261120*0930*{repetition}*{version}*{number:09}*{wanted}*{usage}*>"
    )


def transaction(kind: str, number: int, body: list[str]) -> list[str]:
    return [f"ST*{kind}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]


def group(functional_id: str, number: int, sets: list[list[str]], *, version: str = "004010") -> list[str]:
    head = f"GS*{functional_id}*NORTHGATE*VEINWAY*20261120*0930*{number}*X*{version}"
    return [head, *(segment for each in sets for segment in each), f"GE*{len(sets)}*{number}"]


def interchange(groups: list[list[str]], *, number: int = 1, version: str = "00401", wants_ta1: bool = False) -> list[str]:
    head = isa(number, version=version, wants_ta1=wants_ta1)
    return [head, *(segment for each in groups for segment in each), f"IEA*{len(groups)}*{number:09}"]


def data(segments: list[str], *, end: str = "~\n") -> bytes:
    return "".join(segment + end for segment in segments).encode()


def weeks(*segments: str) -> list[str]:
    """The body of an 830 with these forecast segments of one item."""
    return [*HEAD_830, *ITEM_830, *segments, "CTT*1"]


def week(number: int, *, patients: str = "3") -> str:
    """A good forecast segment: the week that begins `number` weeks after the file was sent."""
    return f"FST*{patients}*D*W*{dt.date(2026, 11, 23) + dt.timedelta(weeks=number):%Y%m%d}"


def forecast(*bodies: list[str], version: str = "004010", wants_ta1: bool = False) -> list[str]:
    """The segments of an interchange with one group of 830s."""
    sets = [transaction("830", place, body) for place, body in enumerate(bodies, start=1)]
    return interchange([group("PS", 1, sets, version=version)], wants_ta1=wants_ta1)


def plain_segments(text: str) -> list[list[str]]:
    """The segments of one file by the plainest means, to compare with: no line of the reader is used."""
    text = text.removeprefix("\ufeff")
    separator = text[3]
    terminator = text.replace("\r", "").replace("\n", "").split(separator)[16][1] if text.split(separator)[16][1] not in "\r\n" else "\n"
    if terminator != "\n":
        text = text.replace("\r", "").replace("\n", "")
    return [segment.strip().split(separator) for segment in text.split(terminator) if segment.strip()]
