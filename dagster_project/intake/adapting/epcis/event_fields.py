"""The fields of an EPCIS event in their canonical order, and the vocabularies that bare words belong to (CBV 2.0 and 2.1)."""

from __future__ import annotations

CBV, WEB_VOCABULARY = "https://ref.gs1.org/cbv/", "https://gs1.org/voc/"
PREFIXES = {
    "cbv": CBV,
    "gs1": WEB_VOCABULARY,
    "epcis": "https://ref.gs1.org/epcis/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
URN_VOCABULARY = {"bizstep": "BizStep-", "disp": "Disp-", "btt": "BTT-", "sdt": "SDT-", "er": "ER-", "comp": "Comp-"}
IGNORED = frozenset({"recordTime", "eventID", "type", "isA", "errorDeclaration", "@context", "comment", "rdfs:comment", "#text"})
BEFORE_LISTS = (
    "eventTime",
    "eventTimeZoneOffset",
    "certificationInfo",
    "parentID",
    "epcList",
    "inputEPCList",
    "childEPCs",
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "action",
    "transformationID",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
)
LISTS = ("bizTransactionList", "sourceList", "destinationList")
ELEMENTS = {
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "quantityElement"),
    **dict.fromkeys(("epcList", "inputEPCList", "childEPCs", "outputEPCList"), "epc"),
}
CHILDREN = {
    "quantityElement": ("epcClass", "quantity", "uom"),
    "persistentDisposition": ("set", "unset"),
    "readPoint": ("id",),
    "bizLocation": ("id",),
    "sensorElement": ("sensorMetadata", "sensorReport"),
    "sensorMetadata": ("time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"),
    "sensorReport": (
        "type",
        "exception",
        "deviceID",
        "deviceMetadata",
        "rawData",
        "dataProcessingMethod",
        "time",
        "microorganism",
        "chemicalSubstance",
        "value",
        "component",
        "stringValue",
        "booleanValue",
        "hexBinaryValue",
        "uriValue",
        "minValue",
        "maxValue",
        "meanValue",
        "sDev",
        "percRank",
        "percValue",
        "uom",
        "coordinateReferenceSystem",
    ),
}
TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})
# Which vocabulary a bare word of a field belongs to.
VOCABULARIES = {
    ("", "bizStep"): CBV + "BizStep-",
    ("", "disposition"): CBV + "Disp-",
    ("persistentDisposition", "set"): CBV + "Disp-",
    ("persistentDisposition", "unset"): CBV + "Disp-",
    ("bizTransaction", "type"): CBV + "BTT-",
    ("source", "type"): CBV + "SDT-",
    ("destination", "type"): CBV + "SDT-",
    ("sensorReport", "type"): WEB_VOCABULARY,
    ("sensorReport", "exception"): WEB_VOCABULARY,
    ("sensorReport", "component"): CBV + "Comp-",
}
