"""What a workbook says outside its table: other sheets, sheet names, comments, headers, properties. A direct identifier there refuses it, too.

The parts are read as text, never as XML: nothing is expanded or fetched, and every part is no larger than its checked size.
"""

from __future__ import annotations

import html
import re
import zipfile
from typing import TYPE_CHECKING

from dagster_project.contracts.template import cell_text, describe
from dagster_project.intake import limits
from dagster_project.intake.judging.neighbours import joined_class, labelled_class
from dagster_project.intake.judging.privacy import FREE, colleague_class, name_class, patient_class, value_class
from dagster_project.intake.reading.marks import has_formulas
from dagster_project.intake.receipt import FileRefusedError, Refusal, refuse
from dagster_project.wording import one

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from io import BytesIO
    from pathlib import Path

    from dagster_project.contracts import Contract

Finding = tuple[str, int | None, str]

# What each part is called for the sender; a part that none of these fits is "another part of the workbook".
PLACES = (
    (re.compile(r"xl/(?:comments|threadedcomments)"), "a comment"),
    (re.compile(r"xl/styles"), "a number format or the name of a style or font"),
    (re.compile(r"docprops/"), "the document properties"),
    (re.compile(r"xl/workbook\.xml"), "a sheet name or a defined name"),
    (re.compile(r"xl/worksheets/_rels/"), "a link"),
    (re.compile(r"xl/worksheets/"), "a header, footer, formula or cell rule of a sheet"),
    (re.compile(r"xl/(?:drawings|charts|diagrams)/"), "a drawing or chart"),
    (re.compile(r"xl/sharedstrings"), "a text that no cell of the table shows"),
)
# Pictures and the settings of printers hold no text, and these two only name parts.
UNREAD = re.compile(r"xl/(?:printersettings|media)|docprops/thumbnail|\[content_types\]|_rels/\.rels")
# Themes and the sign-ins of persons are of colleagues and of designers: only what is none of theirs counts.
OF_COLLEAGUES = re.compile(r"xl/(?:theme|persons)/")
CLOSED = re.compile(r"xl/vbaproject\.bin|xl/embeddings/|xl/activex/|xl/workbook\.bin")
# Properties that programs write: when, with what and by whom.
WRITTEN = re.compile(
    r"<(?:\w+:)?(created|modified|lastPrinted|version|revision|Application|AppVersion|creator|lastModifiedBy|Manager|Company)\b[^>]*>.*?</[^>]*>",
    re.DOTALL,
)
FIELDS = re.compile(r"""<(?:\w+:)?cacheField\b[^>]*?\sname=(?:"([^"]*)"|'([^']*)')""")
COLLEAGUES = re.compile(
    r"<(?:\w+:)?(author|absPath)\b[^>]*?(?:/>|>.*?</(?:\w+:)?\1\s*>)|<property\b[^>]*name=\"MSIP_[^>]*>.*?</property>", re.DOTALL
)
# Who wrote it is a colleague and may be named, but by nothing more than a name.
WRITERS = re.compile(r"<(?:\w+:)?(author|creator|lastModifiedBy|Manager|Company)\b[^>]*>(.*?)</", re.DOTALL)
FORMAT_CODES = re.compile(r"""(?<=\sformatCode=)(?:"([^"]*)"|'([^']*)')""")
# In a number format: literal text, an escaped sign, or the place of a digit.
FORMAT_TOKENS = re.compile(r'"([^"]*)"?|\\(.)|[0#?]', re.DOTALL)
TOKENS = re.compile(r"<!\[CDATA\[.*?\]\]>|<[^>]*>|[^<]+", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x1f]+")
ATTRIBUTES = re.compile(r"""\s([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
FORMULAS = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]+)<")
XML_REMARKS = re.compile(rb"<!--(.*?)-->", re.DOTALL)
SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*>(.*)</(?:\w+:)?sheetData\s*>", re.DOTALL)
SHEET_DATA_OPENS = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*>")
# Those of cells, rows and formulas, the commonest first.
KNOWN_ATTRIBUTES = (
    b"r", b"s", b"t", b"spans", b"ht", b"customHeight", b"x14ac:dyDescent", b"xml:space", b"ref", b"si", b"customFormat", b"hidden", b"outlineLevel",
    b"collapsed", b"thickTop", b"thickBot", b"ph", b"cm", b"vm", b"ca", b"aca", b"bx", b"dt2D", b"dtr", b"del1", b"del2", b"r1", b"r2",
)  # fmt: skip
ODD_ATTRIBUTE = re.compile(rb"""(?<=\s)(?!(?:""" + b"|".join(KNOWN_ATTRIBUTES) + rb""")\s*=)[\w:]+\s*=\s*(?:"([^"<]{3,})"|'([^'<]{3,})')""")
# Attributes that carry addresses and numbers of the format itself.
OF_THE_FORMAT = re.compile(r"(?:xmlns.*|uri|ContentType|Type|PartName|.*[uU]?id|ref|r|s|Requires|.*:Ignorable|dT)$")
# In headers and footers: where a text stands and how it looks.
HEADER_CODES = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d{1,3}|[A-Z])')
# A list that has one of these calls places or goods by their names; one of patients has none of them.
OF_PLACES = re.compile(r"(?i)(?:^|[^a-z])(?:gln|sku|material|item|country|currency|city|plant)s?(?:[^a-z]|$)")
NAMED_VALUE = re.compile(r"""<(?:\w+:)?(\w+)(\s[^<>]*)?>([^<]+)<""")
CUSTOM = re.compile(r"customxml/item|docprops/custom")
CUSTOM_PROPERTY = re.compile(r"""<(?:\w+:)?property\b[^>]*?\sname=(?:"([^"]*)"|'([^']*)')[^>]*>\s*<[^>]*>[^<]""")
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*\bencoding=["']([A-Za-z][\w.-]*)["']""")
# Runs of one text: a comment may change its type face in the middle of a word.
TEXT_ENDS = re.compile(r"</(?:\w+:)?(?!t\b|r\b|rPr\b|rPh\b)\w+\s*>")
# How a text is read aloud stands behind it.
READING = re.compile(r"<(?:\w+:)?rPh\b")
RUN_ENDS = re.compile(r"</(?:\w+:)?(?:si|is|text|p|comment)\s*>")


def refuse_margins(
    source: BytesIO | Path,
    contract: Contract,
    *,
    others: Iterable[tuple[int, list[list[str]]]],
    title: list[list[str]],
    shown: Collection[str | None],
    parts: Mapping[str, bytes],
) -> None:
    """FileRefusedError, naming the place but not the value, when the workbook names a person outside its table.

    `others` are the cells of the other sheets with the sheet's number, `title` the rows above the header, `shown` every text of the table,
    `parts` what was already unpacked.
    """
    own = _own_texts(contract)
    findings = [*_row_findings("above the header", title, own, has_header=False)]
    for number, rows in others:
        findings += _row_findings(f"sheet {number}", rows, own, has_header=True)
    findings += _part_findings(source, {*own, *shown}, parts)
    if not findings:
        return
    found = list(dict.fromkeys(findings))[: limits.MAX_RECEIPT_REFUSALS]
    hint = "Remove it from the workbook, also from hidden sheets, comments and properties, and send it again."
    refusals = [
        Refusal(row, place, "direct_identifier", one(kind), "no direct identifier of a person anywhere in the workbook", hint)
        for place, row, kind in found
    ]
    place, row, kind = found[0]
    where = f"{place}, row {row}" if row else place
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    raise FileRefusedError(
        f"The workbook holds a direct identifier of a person outside its table and was not kept: {kind} in {where}{more}."
        " The value was not stored.",
        refusals,
    )


def refuse_titles(rows: list[list[str]], contract: Contract) -> None:
    """FileRefusedError when a line above the header of a text file names a person."""
    own = _own_texts(contract) if rows else set()
    for place, row, kind in _row_findings("above the header", rows, own, has_header=False):
        raise refuse(
            "direct_identifier", f"{one(kind)} {place}", "no direct identifier of a person", "Remove it and send the file again.", row=row
        )


def _own_texts(contract: Contract) -> set[str]:
    """What our own template writes: explanations and examples."""
    examples = {cell_text(value) for column in contract.columns for value in column.examples}
    return {describe(column) for column in contract.columns} | examples


def _row_findings(place: str, rows: list[list[str]], own: set[str], *, has_header: bool) -> Iterator[Finding]:
    is_first = has_header
    for number, cells in enumerate(rows, start=1):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            continue
        kinds = [value_class(cell, FREE) for cell in filled if cell not in own]
        if is_first:
            is_of_places = any(OF_PLACES.search(cell) for cell in filled)
            kinds += [name_class(cell) for cell in filled if not (is_of_places and cell.lower() == "name")]
        if not any(kinds):
            kinds.append(joined_class(filled) or labelled_class(filled))
        yield from ((place, number, kind) for kind in kinds if kind)
        is_first = False


def _part_findings(source: BytesIO | Path, known: set[str | None], parts: Mapping[str, bytes]) -> Iterator[Finding]:
    with zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            name = entry.filename.lower()
            if CLOSED.match(name):
                raise refuse(
                    "file_kind", "a workbook with macros, embedded files or in the binary form", "a plain XLSX workbook",
                    "Save it as 'Excel Workbook (.xlsx)' without macros and embedded files.",
                )  # fmt: skip
            if UNREAD.match(name) or entry.is_dir():
                continue
            place = next((words for pattern, words in PLACES if pattern.match(name)), "another part of the workbook")
            data = parts.get(entry.filename) or archive.read(entry)
            look = colleague_class if OF_COLLEAGUES.match(name) else _name_class if name == "xl/workbook.xml" else _free_class
            for text in _part_texts(name, data):
                if text not in known and (kind := look(text)):
                    yield place, None, kind
            yield from ((f"the author in {place}", None, kind) for text in _writers(data) if (kind := colleague_class(text)))
            if CUSTOM.match(name):
                yield from ((place, None, kind) for kind in _named_classes(_decoded(data)))
            if name.startswith("xl/pivotcache/"):
                yield from (("a field of a pivot table", None, kind) for text in _fields(data) if (kind := name_class(text)))


def _named_classes(xml: str) -> Iterator[str]:
    """What the names of elements, attributes and properties say that their values are: <mrn>00451234</mrn>."""
    names = [html.unescape(first or second) for first, second in CUSTOM_PROPERTY.findall(xml)]
    names += [name for name, _, text in NAMED_VALUE.findall(xml) if text.strip()]
    names += [name for name, first, second in ATTRIBUTES.findall(xml) if first or second]
    yield from filter(None, map(patient_class, dict.fromkeys(names)))


def _free_class(text: str) -> str | None:
    return value_class(text, FREE)


def _name_class(text: str) -> str | None:
    # No defined name can have a space.
    return _free_class(text) or _free_class(text.replace("_", " "))


def _fields(data: bytes) -> Iterator[str]:
    yield from (html.unescape(first or second) for first, second in FIELDS.findall(_decoded(data)))


def _part_texts(name: str, data: bytes) -> Iterator[str]:
    if not name.endswith((".xml", ".rels", ".vml")):
        # A part of no known kind, such as the properties of a sheet: what of it can be read.
        yield from (text.strip() for text in CONTROL.split(_decoded(data)) if text.strip())
        return
    hidden: list[str] = []
    if name.startswith("xl/worksheets/sheet"):
        # The cells were read as cells; of them only what formulas and remarks hide is looked at here.
        if has_formulas(data):
            hidden += [text.decode("utf-8", "replace") for cells in SHEET_DATA.findall(data) for text in FORMULAS.findall(cells)]
        hidden += [text.decode("utf-8", "replace") for text in _odd_attributes(data)]
        if b"<!--" in data:
            hidden += [text.decode("utf-8", "replace") for text in XML_REMARKS.findall(data)]
        data = _without_cells(data)
    xml = _decoded(data)
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise refuse(
            "file_kind", "a workbook with its own XML entities", "an XLSX workbook", "Open it in Excel, save it again and send that."
        )
    if name in ("docprops/core.xml", "docprops/app.xml"):
        xml = WRITTEN.sub("", xml)
    if name.startswith("xl/styles"):
        xml = FORMAT_CODES.sub(lambda match: f'"{html.escape(_literals(html.unescape(match[1] or match[2] or "")))}"', xml)
    texts = [*hidden, *_texts(COLLEAGUES.sub("", xml), links_only=name.endswith(".rels"))]
    plain = [HEADER_CODES.sub(" ", html.unescape(text)) if name.startswith("xl/worksheets/") else html.unescape(text) for text in texts]
    yield from dict.fromkeys(text for text in plain if text.strip())


def _odd_attributes(data: bytes) -> Iterator[bytes]:
    """Values of attributes that cells and rows do not have; hardly any sheet has one, which counting shows soonest."""
    left = data.count(b'"') - 2 * data.count(b'=""')
    for name in KNOWN_ATTRIBUTES:
        left -= 2 * data.count(b" " + name + b'="') if left else 0
    for cells in SHEET_DATA.findall(data) if left or b"'" in data else ():
        yield from (first or second for first, second in ODD_ATTRIBUTE.findall(cells))


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    # Without a mark: letters of two bytes each have an empty one.
    if data[1:8:2] == b"\0\0\0\0" or data[:8:2] == b"\0\0\0\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    declared = DECLARED.match(data[:200])
    try:
        return data.decode(declared[1].decode() if declared else "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _writers(data: bytes) -> Iterator[str]:
    """Who worked on it, and the labels and paths that programs write about that."""
    xml = _decoded(data)
    yield from (html.unescape(text).strip() for _, text in WRITERS.findall(xml))
    for match in COLLEAGUES.finditer(xml):
        yield from (html.unescape(text) for text in _texts(match.group(), links_only=False) if text)


def _literals(code: str) -> str:
    """What a number format shows as it stands: without the places of digits, which look like numbers."""
    return FORMAT_TOKENS.sub(lambda match: match[1] or match[2] or "", code)


def _without_cells(data: bytes) -> bytes:
    """The part of a sheet without its cells, which are most of it."""
    opens, closes = SHEET_DATA_OPENS.search(data), data.rfind(b"sheetData")
    return data if opens is None or closes < opens.end() else data[: opens.end()] + b"</" + data[closes:]


def _texts(xml: str, *, links_only: bool) -> Iterator[str]:
    """The texts between the tags, runs of one text joined, and the values of attributes."""
    run = ""
    for token in TOKENS.findall(xml):
        if token.startswith("<![CDATA["):
            run += token[9:-3]
        elif not token.startswith("<") or token.startswith(("<!--", "<?")):
            run += token
        elif not token.startswith("</"):
            if READING.match(token):
                yield run.strip()
                run = ""
            if not links_only or 'TargetMode="External"' in token:
                yield from (first or second for name, first, second in ATTRIBUTES.findall(token) if not OF_THE_FORMAT.match(name))
        elif RUN_ENDS.match(token) or TEXT_ENDS.match(token):
            yield run.strip()
            run = ""
    yield run.strip()
