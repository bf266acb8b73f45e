"""What of an HL7 FHIR document may be kept: listed element by element. Everything else is dropped before anything is stored.

Patients, practitioners and every other resource that is not listed leave their type only; narratives, display texts, notes, comments and
names of persons have no place in the list, nor have identifiers of systems that are not listed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from dagster_project.intake.adapting.documents.json_text import as_bytes
from dagster_project.intake.adapting.fhir.fhir_names import names_a_place
from dagster_project.intake.judging.privacy import FREE, PSEUDONYM, value_class

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = "https://ns.veinway.example/fhir/"
# Identifier systems by the short word that an adapter asks for.
SYSTEMS = {
    "https://www.gs1.org/gln": "gln",
    "http://www.gs1.org/gln": "gln",
    "urn:oid:1.3.88": "gln",
    "urn:oid:2.51.1.3": "gln",
    "http://hl7.org/fhir/NamingSystem/iccbba-din": "din",
    OWN + "din": "din",
    OWN + "coi": "coi",
    OWN + "case": "case",
    OWN + "unit": "unit",
    OWN + "line": "line",
    OWN + "therapy": "therapy",
    OWN + "appointment": "appointment",
    OWN + "slot": "slot",
    OWN + "coi-issuer": "coi_issuer",
}
REPLACES = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.replaces"
PERSON = re.compile(r"/(?:Patient|Person|RelatedPerson|Practitioner\w*)/")
CODES = {"coding": "coding"}
PERIOD = {"start": "plain", "end": "plain"}
SERVICE = dict.fromkeys(("serviceCategory", "serviceType", "specialty", "appointmentType"), CODES)
BUSINESS = {"resourceType": "plain", "id": "plain", "identifier": "identifier", "status": "plain", "extension": "extension"}
PLACE = {**BUSINESS, "name": "plain", "managingOrganization": "reference", "providedBy": "reference", "partOf": "reference"}
RESOURCES: dict[str, dict[str, Any]] = {
    "Appointment": {
        **BUSINESS,
        **SERVICE,
        "cancelationReason": CODES,
        "start": "plain",
        "end": "plain",
        "minutesDuration": "plain",
        "slot": "reference",
        "basedOn": "reference",
        "participant": {"actor": "reference", "status": "plain", "required": "plain"},
        "contained": "resource",
    },
    "Slot": {
        **BUSINESS,
        **SERVICE,
        "schedule": "reference",
        "start": "plain",
        "end": "plain",
        "overbooked": "plain",
        "contained": "resource",
    },
    "Schedule": {**BUSINESS, **SERVICE, "active": "plain", "actor": "reference", "planningHorizon": PERIOD, "contained": "resource"},
    "BiologicallyDerivedProduct": {
        **BUSINESS,
        "productCategory": "plain",
        "productCode": CODES,
        "request": "reference",
        "quantity": "plain",
        "collection": {"collector": "reference", "collectedPeriod": PERIOD, "collectedDateTime": "plain"},
        "contained": "resource",
    },
    "Location": PLACE,
    "Organization": {name: shape for name, shape in PLACE.items() if name != "name"},
    "HealthcareService": {**PLACE, "location": "reference"},
    "Device": {name: BUSINESS[name] for name in ("resourceType", "id", "status", "identifier")},
    "ServiceRequest": {"resourceType": "plain", "id": "plain", "identifier": "identifier", "status": "plain"},
    "Bundle": {"resourceType": "plain", "id": "plain", "type": "plain", "timestamp": "plain", "total": "plain", "entry": "entry"},
}
CONTAINED = frozenset({"Location", "Organization", "HealthcareService", "ServiceRequest", "Schedule", "Device"})
QUANTITY = {"value": "plain", "unit": "plain", "system": "plain", "code": "plain"}
VALUES: dict[str, Any] = {
    **dict.fromkeys(("valueBoolean", "valueCode", "valueDate", "valueDateTime", "valueInstant", "valueInteger"), "plain"),
    **dict.fromkeys(("valuePositiveInt", "valueUnsignedInt", "valueDecimal"), "plain"),
    "valueQuantity": QUANTITY,
    "valueIdentifier": "identifier",
    "valueReference": "reference",
    "valueCodeableConcept": CODES,
}
REFERENCE = re.compile(r"(?:https?://[^\s?#|]+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")
NUMBER = re.compile(r"[-+0-9.eE]{1,64}")
# What an element may say at most: a remark or a name beside it is free text, and dropped with it.
FORMS = {
    **dict.fromkeys(("start", "end", "timestamp", "collectedDateTime"), re.compile(r"[\dTZ:.+ -]{4,40}")),
    **dict.fromkeys(("valueDate", "valueDateTime", "valueInstant"), re.compile(r"[\dTZ:.+ -]{4,40}")),
    **dict.fromkeys(("code", "valueCode", "unit", "system"), re.compile(r"\S{1,200}")),
    **dict.fromkeys(("status", "productCategory", "use", "type"), re.compile(r"[a-z][a-z0-9-]{0,39}")),
    **dict.fromkeys(
        ("minutesDuration", "total", "quantity", "value", "valueInteger", "valuePositiveInt", "valueUnsignedInt", "valueDecimal"), NUMBER
    ),
    **dict.fromkeys(("active", "required", "overbooked", "valueBoolean"), re.compile(r"true|false|required|optional|information-only")),
    "id": re.compile(r"[A-Za-z0-9.-]{1,64}"),
}
WORDS = re.compile(r"[^\W\d_]{2,}[\s,;]+[^\W\d_]{2,}")
# Identifiers that may be names of places; every other is a number or a code, never words.
NAMED = frozenset({"unit", "line"})
# Resources about one person's treatment: their ids are most easily that person's record number.
OF_PERSONS = frozenset({"Appointment", "BiologicallyDerivedProduct"})
WORDS_OF_ID = re.compile(r"[A-Za-z]+(?:[.-][A-Za-z]+)+")
LEADING_ZERO = re.compile(r"[A-Za-z]{0,3}-?0\d{4,9}")
TYPE = re.compile(r"[A-Z][A-Za-z]{1,50}")


class Redaction:
    """One document's redaction: which references lead to what, and a count of what was dropped."""

    def __init__(self, document: Any) -> None:
        """Look through the bundle for what its entries are called."""
        self.dropped: Counter[str] = Counter()
        self.inside: set[str] = set()
        entries = document.get("entry") if isinstance(document, dict) else None
        self.types = {
            entry["fullUrl"]: type_of(entry.get("resource"))
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, dict) and isinstance(entry.get("fullUrl"), str)
        }

    def kept(self, value: Any, shape: Any) -> Any:
        """What of a value may be kept in a place of this shape; None for nothing."""
        if isinstance(value, list):
            found = [self.kept(item, shape) for item in value]
            # The places of entries are told in the receipt: a dropped one leaves its gap.
            return found if shape == "entry" else [item for item in found if item not in (None, {}, [])]
        if isinstance(shape, dict):
            return self._fields(value, shape) if isinstance(value, dict) else None
        if shape == "plain":
            return value if not isinstance(value, dict) else None
        if not isinstance(value, dict):
            return None
        keep: dict[str, Callable[[dict[str, Any]], Any]] = {
            "resource": self._contained,
            "entry": self._entry,
            "reference": self._reference,
            "extension": self._extension,
            "coding": lambda coding: self._fields(coding, {"system": "plain", "code": "plain"}),
            "identifier": self._identifier,
        }
        return keep[shape](value)

    def resource(self, node: Any) -> Any:
        """A resource with its listed elements; of one that is not listed only the type."""
        kind = type_of(node)
        if kind not in RESOURCES:
            self.dropped[f"{kind or 'unnamed'} resource"] += 1
            return {"resourceType": kind} if kind else {}
        if isinstance(node.get("contained"), list):
            self.inside = {str(part.get("id")) for part in node["contained"] if type_of(part) in CONTAINED}
        kept = self.kept(node, RESOURCES[kind])
        if "id" in kept and is_record_number(kept["id"], kind):
            del kept["id"]
            self.dropped["id like a record number"] += 1
        if "name" in kept and not (isinstance(kept["name"], str) and names_a_place(kept["name"])):
            del kept["name"]
            self.dropped["name that is not one of a place"] += 1
        return kept

    def _fields(self, node: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
        found = {name: self._formed(name, self.kept(node[name], below)) for name, below in shape.items() if name in node}
        self.dropped["element"] += sum(1 for name in node if name not in shape)
        return {name: value for name, value in found.items() if value not in (None, {}, [])}

    def _formed(self, name: str, value: Any) -> Any:
        """The value, or None where it is free text in the place of a code or a time."""
        form = FORMS.get(name)
        if form is None:
            return value
        if isinstance(value, list):
            return [kept for item in value if (kept := self._formed(name, item)) is not None]
        if not isinstance(value, str) or form.fullmatch(value):
            return value
        self.dropped["free text"] += 1
        return None

    def _contained(self, node: dict[str, Any]) -> Any:
        if type_of(node) in CONTAINED:
            return self.resource(node)
        self.dropped[f"{type_of(node) or 'unnamed'} resource"] += 1
        return None

    def _entry(self, node: dict[str, Any]) -> Any:
        kept = {"resource": self.resource(node.get("resource"))}
        url = node.get("fullUrl")
        if (
            isinstance(url, str)
            and self._leads_to_thing(url)
            and not is_record_number(url.rpartition("/")[2], type_of(node.get("resource")))
        ):
            kept["fullUrl"] = url
        return kept

    def _reference(self, node: dict[str, Any]) -> Any:
        target = node.get("reference")
        identifier = self.kept(node.get("identifier"), "identifier")
        said = node.get("type")
        if isinstance(said, str) and said.rpartition("/")[2] not in RESOURCES:
            self.dropped["reference"] += 1
            return None
        kept = {"reference": target} if isinstance(target, str) and self._leads_to_thing(target) else {}
        if isinstance(target, str) and not kept:
            # Whoever is meant, an identifier beside it would be theirs.
            self.dropped["reference"] += 1
            return None
        return {**kept, "identifier": identifier} if identifier else kept

    def _leads_to_thing(self, target: str) -> bool:
        """Whether a reference leads to a listed resource and to no person."""
        if target.startswith("#"):
            return target[1:] in self.inside
        if PERSON.search(target):
            return False
        if target in self.types:
            return self.types[target] in RESOURCES
        match = REFERENCE.fullmatch(target)
        return match is not None and match[1] in RESOURCES and not is_record_number(match[2], match[1])

    def _identifier(self, node: dict[str, Any]) -> Any:
        # Of other systems nothing: no adapter reads them, and most often they are somebody's record, licence or insurance.
        system, value = node.get("system"), str(node.get("value"))
        of = SYSTEMS.get(system) if isinstance(system, str) else None
        is_plain = names_a_place(value) if of in NAMED else WORDS.search(value) is None
        if of is None or not is_plain:
            self.dropped["identifier"] += 1
            return None
        assigner = node.get("assigner")
        kept = {name: node[name] for name in ("use", "system", "value") if isinstance(node.get(name), str)}
        issuer = self.kept(assigner.get("identifier"), "identifier") if isinstance(assigner, dict) else None
        return {**kept, "assigner": {"identifier": issuer}} if issuer else kept

    def _extension(self, node: dict[str, Any]) -> Any:
        url = node.get("url")
        if not isinstance(url, str) or not (re.fullmatch(re.escape(OWN) + "[a-z0-9-]{1,40}", url) or url == REPLACES):
            self.dropped["extension"] += 1
            return None
        return {"url": url, **self._fields({name: value for name, value in node.items() if name != "url"}, VALUES)}


def is_record_number(text: Any, kind: str) -> bool:
    """Whether the id of a resource looks like a person's record number; of a treatment's resources, bare numbers and bare words do."""
    if not isinstance(text, str):
        return True
    return (
        LEADING_ZERO.fullmatch(text) is not None
        or value_class(text, FREE) is not None
        or (kind in OF_PERSONS and (value_class(text, PSEUDONYM) is not None or WORDS_OF_ID.fullmatch(text) is not None))
    )


def type_of(node: Any) -> str:
    """The type of a resource, if it says one."""
    kind = node.get("resourceType") if isinstance(node, dict) else None
    return kind if isinstance(kind, str) and TYPE.fullmatch(kind) else ""


def redacted(document: Any) -> bytes:
    """The document as it may be kept, as JSON."""
    return as_bytes(Redaction(document).resource(document))
