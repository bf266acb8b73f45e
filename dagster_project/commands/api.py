"""`veinway api`: serve the HTTP API."""

from __future__ import annotations

from pathlib import Path

import click

LOCAL = ("127.0.0.1", "localhost", "::1")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", default=8600, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address to listen on; 0.0.0.0 for every one of this machine.")
@click.option("--certificate", type=FILE, help="TLS certificate (PEM); without it put a proxy with TLS in front.")
@click.option("--key", type=FILE, help="Private key of the certificate (PEM).")
def api(port: int, host: str, certificate: Path | None, key: Path | None) -> None:
    """Serve the HTTP API on this machine until Ctrl+C."""
    import uvicorn

    from apps.api.app import create_app
    from dagster_project.intake.workshop import warm

    if (certificate is None) != (key is None):
        raise click.UsageError("A certificate needs its key: give --certificate and --key together.")
    address = f"{'https' if certificate else 'http'}://{'localhost' if host in LOCAL else host}:{port}"
    click.echo(f"The API is on {address}, its description on {address}/docs (Ctrl+C stops it).")
    if host not in LOCAL and certificate is None:
        click.echo("Tokens travel unprotected on this address: put a proxy with TLS in front, or give --certificate and --key.", err=True)
    # While there is one thread a worker starts in milliseconds, and the first sender need not wait for it.
    warm()
    # Before the server's threads: the first file then finds a reader that waits for it.
    warm()
    # Uvicorn's own line per request has the query, and a file name in it may name a person; ours has not.
    uvicorn.run(
        create_app(), host=host, port=port, access_log=False, server_header=False, log_config=_log_config(),
        ssl_certfile=certificate, ssl_keyfile=key,
    )  # fmt: skip


def _log_config() -> dict[str, object]:
    """One plain line per request on stderr; of the server itself, only what goes wrong."""
    handler = {"class": "logging.StreamHandler", "formatter": "plain"}
    plain = {"format": "%(asctime)s %(levelname)s %(message)s"}
    to_stderr = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": plain},
        "handlers": {"stderr": handler},
        "loggers": {"veinway.api": {**to_stderr, "level": "INFO"}, "uvicorn": {**to_stderr, "level": "WARNING"}},
    }
