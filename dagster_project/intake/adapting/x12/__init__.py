"""ASC X12: read, and answered."""
