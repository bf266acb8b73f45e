"""Mistakes in a mapping file: each is told with its place, what was found, what is expected and the way out."""

from __future__ import annotations

import pytest

from dagster_project.contracts import contract
from dagster_project.intake.adapting.language.model import ADAPTERS_FOLDER, MAPPINGS_FOLDER, MappingError, parse_mapping, read_mapping

GOOD = """version: 1.0.0
feed: delivery_history
columns:
  shipment_id: {from: id}
  origin_name: {constant: Depot}
  country_name: {from: country}
  promised_date: {from: due, dates: "%d.%m.%Y"}
  delivered_date: {from: done}
  weight_kg: {from: weight, unit: lb}
ignored: [mood]
"""


def test_a_good_one_is_read_with_every_scalar_as_text():
    mapping = parse_mapping(GOOD.replace("{from: country}", "{from: country, values: {No: Norway}}"), name="courier/delivery_history")
    assert mapping.title == "courier/delivery_history 1.0.0"
    assert mapping.sources() == ["id", "country", "due", "done", "weight"]
    assert mapping.columns[2].values == {"No": "Norway"}


@pytest.mark.parametrize(
    "path",
    sorted([*MAPPINGS_FOLDER.glob("*/*.yaml"), *ADAPTERS_FOLDER.glob("*/*.yaml")]),
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_every_committed_one_can_be_used(path):
    mapping = read_mapping(path)
    required = {column.name for column in contract(mapping.feed).columns if column.required}
    assert required <= {column.column for column in mapping.columns}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version: 1.0.0\n", "", "version: found none; expected three numbers such as 1.0.0"),
        ("feed: delivery_history", "feed: deliveries", "feed: found 'deliveries'; expected one of: agreement"),
        ("feed: delivery_history", "feed: lane", "feed: found 'lane'; expected 'delivery_history', as the file is called"),
        (
            "ignored:",
            "ignore:",
            "ignore: found an unknown term; expected one of: version, feed, about, source, each, only, drops, ignored, columns. Did you mean ignored?",
        ),
        ("shipment_id:", "shipmnt_id:", "columns.shipmnt_id: found no column of the contract; expected a column of delivery_history"),
        ("  shipment_id: {from: id}\n", "", "columns.shipment_id: found nothing; expected a source or a constant"),
        ("{from: id}", "id", "columns.shipment_id: found 'id'; expected terms such as {from: header}. Write `shipment_id: {from: id}`."),
        ("{from: id}", "{form: id}", "columns.shipment_id.form: found an unknown term"),
        ("{from: id}", "{from: id, constant: x}", "columns.shipment_id: found both from and constant"),
        ("%d.%m.%Y", "%d.%m", "columns.promised_date.dates: found '%d.%m'; expected a strptime style that tells day, month and year"),
        ("{from: done}", "{from: done, zone: Paris}", "columns.delivered_date.zone: found 'Paris'; expected a zone such as Europe/Paris"),
        ("unit: lb", "unit: lbz", "columns.weight_kg.unit: found 'lbz'; expected a unit that converts to kg"),
        ("unit: lb", "unit: FAH", "columns.weight_kg.unit: found 'FAH'; expected a unit that converts to kg"),
        ("{from: country}", "{from: country, unit: kg}", "columns.country_name.unit: found a column without a unit"),
        ("{from: country}", "{from: country, convert: gln}", "columns.country_name.convert: found 'gln'; expected one of: sgln_to_gln"),
        ("{from: country}", "{from: country, dates: '%d/%m/%Y'}", "columns.country_name.dates: found it on a column of type string"),
        ("[mood]", "[mood, weight]", "ignored: found 'weight'; expected headers that no column reads"),
        ("[mood]", "[patient name]", "the header 'patient name': found a column for: name of a person"),
        ("[mood]", "mood", "ignored: found something else; expected a list of texts"),
        ("columns:", "columns: [", "this is not YAML: line"),
    ],
)
def test_each_mistake_is_told_with_its_place(old, new, told):
    with pytest.raises(MappingError) as error:
        parse_mapping(GOOD.replace(old, new, 1), name="courier/delivery_history")
    assert told in str(error.value)
    assert str(error.value).startswith("courier/delivery_history")


def test_a_word_that_the_contract_does_not_have_is_told():
    text = GOOD.replace("  weight_kg", "  mode: {from: how, values: {Plane: flight}}\n  weight_kg")
    with pytest.raises(MappingError, match=r"columns\.mode.values\.Plane: found 'flight'; expected one of: air, road, ocean, rail"):
        parse_mapping(text, name="courier/delivery_history")


@pytest.mark.parametrize(
    "text", ["", "- a\n", "7\n", "version: 1.0.0\nfeed: delivery_history\ncolumns: 3\n", "columns: {shipment_id: {from: {a: b}}}\n"]
)
def test_whatever_it_is_it_is_answered(text):
    with pytest.raises(MappingError):
        parse_mapping(text, name="courier/delivery_history")
