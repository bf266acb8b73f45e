"""What a table holds, as one hash that does not depend on the order of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def content(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, int | str]:
    """Rows and SHA-256 of a table (a quoted, qualified name): the hash of its column names and of its sorted row texts.

    The connection's time zone must be UTC, or the same rows get another hash. Rows are hashed in 4096 groups, so that a table
    of millions never becomes one string.
    """
    columns = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    rows, sha256 = con.execute(
        f"""
        WITH hashed AS (SELECT md5(one_row::VARCHAR) AS row_hash FROM {table} AS one_row),
        grouped AS (
            SELECT left(row_hash, 3) AS part, count(*) AS row_count, sha256(string_agg(row_hash, '' ORDER BY row_hash)) AS part_hash
            FROM hashed GROUP BY part
        )
        SELECT coalesce(sum(row_count), 0)::BIGINT, sha256($columns || coalesce(string_agg(part_hash, '' ORDER BY part), '')) FROM grouped
        """,
        {"columns": "\x1f".join(columns)},
    ).fetchall()[0]
    return {"rows": int(rows), "sha256": str(sha256)}
