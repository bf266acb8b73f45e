"""`python -m dagster_project.network` writes a network, for those who have the sources but not the command."""

from __future__ import annotations

from dagster_project.commands.network import network

if __name__ == "__main__":
    network.commands["write"]()
