"""GS1 EPCIS 2.0."""
