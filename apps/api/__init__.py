"""The door for machines: HTTP in, the one intake function, receipts out. No validation of its own."""
