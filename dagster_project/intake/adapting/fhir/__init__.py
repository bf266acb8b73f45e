"""HL7 FHIR R4."""
