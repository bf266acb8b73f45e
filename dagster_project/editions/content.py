"""What a table holds, as one hash that does not depend on the order of its rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dagster_project.landing.warehouse import quoted

if TYPE_CHECKING:
    import duckdb


def content(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, int | str]:
    """Rows and SHA-256 of a table (a quoted, qualified name): the hash of its column names, its number of rows and the sums of their MD5.

    The connection's time zone must be UTC, or the same rows get another hash. Sums need neither order nor memory, so a table of
    millions costs one pass; bytes that somebody changes on purpose are found by the SHA-256 of the file, not by this.
    """
    columns = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    # chr(30) stands for an empty cell, which is not an empty text.
    texts = ", ".join(f"coalesce({quoted(column)}::VARCHAR, chr(30))" for column in columns)
    rows, high, low = con.execute(
        f"""
        WITH hashed AS (SELECT md5_number(concat_ws(chr(31), {texts})) AS row_hash FROM {table})
        SELECT count(*), coalesce(sum((row_hash >> 64)::HUGEINT), 0), coalesce(sum((row_hash & 18446744073709551615)::HUGEINT), 0) FROM hashed
        """
    ).fetchall()[0]
    text = "\x1f".join([*columns, str(rows), str(high), str(low)])
    return {"rows": int(rows), "sha256": hashlib.sha256(text.encode()).hexdigest()}
