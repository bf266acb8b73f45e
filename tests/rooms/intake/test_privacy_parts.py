"""Parts of a workbook or Parquet file that nobody sees: custom XML, labels, paths, properties, themes, pivot tables, unknown parts."""

from __future__ import annotations

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from door_files import HEADER, week
from reading_files import answered, book, refused, zipped


def with_part(name: str, data: str | bytes) -> bytes:
    """A good workbook with one part more, or another one."""
    with zipfile.ZipFile(io.BytesIO(book([week(48, comment="")]))) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    return zipped({**files, name: data.encode() if isinstance(data, str) else data})


def label(value: str) -> str:
    return f'<Properties><property pid="2" name="MSIP_Label_ab_Name"><vt:lpwstr>{value}</vt:lpwstr></property></Properties>'


HIDDEN = {
    "an author in custom XML": ("customXml/item1.xml", "<data><author>MRN 00481513</author></data>"),
    "a label": ("docProps/custom.xml", label("MRN 00481513")),
    "a path of a patient": ("xl/extra.xml", '<x15ac:absPath url="C:\\plans\\patient Jane Quuxdoe\\"/>'),
    "an identifier of the document": ("docProps/core.xml", "<coreProperties><dc:identifier>MRN 00481513</dc:identifier></coreProperties>"),
    "a base of links": ("docProps/app.xml", "<Properties><HyperlinkBase>http://ehr.example/x?MRN 00481513</HyperlinkBase></Properties>"),
    "an old sheet's name": (
        "docProps/app.xml",
        "<Properties><TitlesOfParts><vt:lpstr>MRN 00481513</vt:lpstr></TitlesOfParts></Properties>",
    ),
    "a theme": ("xl/theme/theme1.xml", '<a:theme name="MRN 00481513"/>'),
    "a person who signed in": ("xl/persons/person.xml", '<personList><person displayName="patient Jane Quuxdoe" id="1"/></personList>'),
    "the author of a threaded comment": ("xl/threadedComments/threadedComment1.xml", "<c><author>MRN 00481513</author></c>"),
    "a field of a pivot table": ("xl/pivotCache/pivotCacheDefinition1.xml", '<d><cacheField name="Patient Name" numFmtId="0"/></d>'),
    "a field of a pivot table, in single quotes": ("xl/pivotCache/pivotCacheDefinition1.xml", "<d><cacheField name='MRN'/></d>"),
    "a cached cell of another workbook": ("xl/externalLinks/externalLink1.xml", "<x><v>MRN 00481513</v></x>"),
    "a plain text": ("xl/notes.txt", "call a@quutb.example"),
    "properties of a sheet": ("xl/customProperty1.bin", "MRN 00481513".encode("utf-16-le")),
    "an instruction in the XML": ("customXml/item1.xml", "<?note MRN 00481513?><data/>"),
    "an encoding of its own": ("customXml/item1.xml", '<?xml version="1.0" encoding="windows-1252"?><p>Frau Müller</p>'.encode("cp1252")),
    "letters of two bytes": ("customXml/item1.xml", "<p>MRN 00481513</p>".encode("utf-16-be")),
    "an element of patients": ("customXml/item1.xml", "<row><mrn>x-1</mrn></row>"),
    "an attribute of patients": ("customXml/item1.xml", '<row patientName="Zelda"/>'),
    "a property of patients": (
        "docProps/custom.xml",
        '<P><property pid="2" name="Patient name"><vt:lpwstr>Zelda</vt:lpwstr></property></P>',
    ),
    "how a text is read aloud": ("xl/other.xml", '<si><t>x</t><rPh sb="0" eb="1"><t>MRN 00481513</t></rPh></si>'),
    "a remark among cells": (
        "xl/worksheets/sheet9.xml",
        "<worksheet><sheetData><row><!-- MRN 00481513 --></row></sheetData></worksheet>",
    ),
    "an attribute of a cell": (
        "xl/worksheets/sheet9.xml",
        '<worksheet><sheetData><row r="1"><c r="A1" note="MRN 00481513"/></row></sheetData></worksheet>',
    ),
    "an attribute of a row": ("xl/worksheets/sheet9.xml", "<worksheet><sheetData><row r='1' note='MRN 00481513'/></sheetData></worksheet>"),
    "an attribute of a cell, spaced": (
        "xl/worksheets/sheet9.xml",
        '<worksheet><sheetData><row><c\nnote = "MRN 00481513"/></row></sheetData></worksheet>',
    ),
    "a comment in the XML": ("customXml/item1.xml", "<data><!-- > MRN 00481513 --></data>"),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_an_identifier_in_a_part_that_nobody_sees_refuses_the_workbook(case: str) -> None:
    outcome = answered(with_part(*HIDDEN[case]))
    assert {rule for _, _, rule in refused(outcome)} == {"direct_identifier"}
    assert not outcome.is_clear_of_identifiers
    assert not [word for word in ("00481513", "Quuxdoe", "quutb") if word in f"{outcome.message}{outcome.refusals}"]


HARMLESS = {
    "a colleague's label": ("docProps/custom.xml", label("Internal, set by Jane Quuxdoe 2026-11-20T08:00:00Z")),
    "a colleague's folder": ("xl/extra.xml", '<x15ac:absPath url="C:\\Users\\jane.quuxdoe\\OneDrive - Northgate\\"/>'),
    "versions": ("docProps/app.xml", "<Properties><Application>Excel</Application><AppVersion>16.0.1.2</AppVersion></Properties>"),
    "times": ("docProps/core.xml", "<c><dcterms:created>2001-02-03T08:00:00Z</dcterms:created><cp:version>1.2.3.4</cp:version></c>"),
    "a colleague who signed in": (
        "xl/persons/person.xml",
        '<personList><person displayName="Jane Quuxdoe" id="1" userId="j@q.example"/></personList>',
    ),
    "a pivot table of the plan": (
        "xl/pivotCache/pivotCacheDefinition1.xml",
        '<d><cacheField name="patients"/><cacheField name="Hospital"/></d>',
    ),
    "a binary part": ("xl/customProperty1.bin", bytes(range(256)) * 4),
    "a picture": ("xl/media/image1.png", b"\x89PNG MRN 00481513"),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_programs_write_for_themselves_does_not(case: str) -> None:
    outcome = answered(with_part(*HARMLESS[case]))
    assert (outcome.status, outcome.is_clear_of_identifiers) == ("accepted", True)


def _written_by(program: str) -> bytes:
    """A Parquet file that says it was written by this program, whose name is as long as the one it replaces."""
    names, row = HEADER.split(","), week(48, comment="x").split(",")
    target = io.BytesIO()
    pq.write_table(pa.table({name: [value] for name, value in zip(names, row, strict=True)}), target)
    own = pq.ParquetFile(target).metadata.created_by
    return target.getvalue().replace(own.encode(), program.ljust(len(own))[: len(own)].encode())


@pytest.mark.parametrize(("program", "is_clear"), [("job of MRN 00481513", False), ("parquet-mr 1.2.3.4 of Jane", True)])
def test_the_program_that_wrote_a_parquet_file_is_looked_at(program: str, *, is_clear: bool) -> None:
    assert answered(_written_by(program)).is_clear_of_identifiers is is_clear
