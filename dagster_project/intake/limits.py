"""What the door takes in: sizes and counts beyond which a file is refused before it is read."""

from __future__ import annotations

import datetime as dt

MEGABYTE = 1 << 20
MAX_FILE_BYTES = {
    "csv": 10_240 * MEGABYTE,
    "parquet": 10_240 * MEGABYTE,
    "ndjson": 10_240 * MEGABYTE,
    "xlsx": 100 * MEGABYTE,
    # Documents that are read as a whole, in memory.
    "json": 100 * MEGABYTE,
    "epcis": 50 * MEGABYTE,
    "fhir": 50 * MEGABYTE,
    "x12": 20 * MEGABYTE,
    "veinway_agreement": 100 * MEGABYTE,
}
MAX_XLSX_UNPACKED_BYTES = 1_024 * MEGABYTE
# How many times its size a workbook or an archive may grow, once it is more than a few megabytes; and how many entries it may have.
MAX_RATIO = 200
FREELY_UNPACKED_BYTES = 10 * MEGABYTE
MAX_ENTRIES = 2_000
MAX_COLUMNS = 500
MAX_HEADER_BYTES = MEGABYTE
MAX_FIELD_CHARACTERS = 131_072
MAX_RECEIPT_REFUSALS = 1_000
# Up to this size a file is held in memory.
SMALL_FILE_BYTES = 2 * MEGABYTE
# Below this size Python's exact reader is quicker than DuckDB's scan of a CSV.
SCAN_FROM_BYTES = 200_000
# Python's reader hands rows over in batches, so a huge file never sits in memory as Python objects.
BATCH_ROWS = 50_000
# How far the clock of whoever sends an as-of may be ahead of ours.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
# How long a worker may take for a file of so many bytes: far more than it needs, so that only what never ends is stopped.
READ_SECONDS = 120
READ_SECONDS_PER_MEGABYTE = 1
# The kernel ends a worker whose parent is gone so much later.
GRACE_SECONDS = 10
# What DuckDB may keep in memory per worker, and what a worker may take beyond that for Python, Arrow and the readers' own memory.
LEAST_MEMORY_BYTES = 512 * MEGABYTE
MOST_MEMORY_BYTES = 1_150 * MEGABYTE
# Allocators reserve twice of what they hold; a file of 5 GB needs this much.
WORKER_EXTRA_BYTES = 4_096 * MEGABYTE
# A worker that holds more than this after its work is replaced by a fresh one.
WORKER_KEPT_BYTES = 1_024 * MEGABYTE
