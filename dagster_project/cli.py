"""The `veinway` command: one line per subcommand, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

# name -> (module, attribute): a lazy table, because a receipt must not wait for the pipeline's imports.
COMMANDS = {
    "submit": ("dagster_project.commands.door", "submit"),
    "check": ("dagster_project.commands.door", "check"),
    "annotate": ("dagster_project.commands.annotate", "annotate"),
    "map": ("dagster_project.commands.mapping", "map_"),
    "template": ("dagster_project.commands.door", "template"),
    "receipt": ("dagster_project.commands.door", "receipt"),
    "drop": ("dagster_project.commands.drop", "drop"),
    "due": ("dagster_project.commands.due", "due"),
    "ledger": ("dagster_project.commands.door", "ledger"),
    "partner": ("dagster_project.commands.door", "partner"),
    "token": ("dagster_project.commands.token", "token"),
    "api": ("dagster_project.commands.api", "api"),
    "doctor": ("dagster_project.commands.doctor", "doctor"),
    "purge": ("dagster_project.commands.doctor", "purge"),
    "contracts": ("dagster_project.commands.contracts", "contracts"),
    "network": ("dagster_project.commands.network", "network"),
    "plan": ("dagster_project.commands.plan", "plan"),
    "meeting": ("dagster_project.commands.meeting", "meeting"),
    "edition": ("dagster_project.commands.plan", "edition"),
    "show": ("dagster_project.commands.plan", "show"),
    "export": ("dagster_project.commands.export", "export"),
    "serve": ("dagster_project.commands.plan", "serve"),
    "pipeline": ("dagster_project.commands.plan", "pipeline"),
    "run": ("dagster_project.commands.plan", "run"),
}


class LazyGroup(click.Group):
    """A group whose commands live in other modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a partner's day, not the alphabet's."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now; None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="veinway")
def veinway() -> None:
    """Collaborative planning for cell and gene therapy: send plan feeds, build the aligned plan, see it."""


def _is_trouble(cause: BaseException | None) -> bool:
    """Whether a command ended for want of room or of its register: then it was called rightly, and calling it again may do."""
    if not isinstance(cause, OSError):
        return False
    # Loaded already by whoever raised it; every other command does without.
    from dagster_project.intake.keeping.files import NotKeptError  # noqa: PLC0415
    from dagster_project.register import RegisterUnavailableError  # noqa: PLC0415

    return isinstance(cause, NotKeptError | RegisterUnavailableError)


def main() -> None:
    """Run the command; whatever goes wrong, a person reads a sentence, not a stack trace."""
    try:
        code = veinway(standalone_mode=False)
    except click.ClickException as error:
        if _is_trouble(error.__cause__):
            click.echo(f"Error: {error.message}", err=True)
            sys.exit(1)
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Nothing half done was kept; run the same command again to go on.", err=True)
        sys.exit(130)
    except (LookupError, ValueError, OSError, RuntimeError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    # Without click's own ending, `ctx.exit(3)` comes back as the number 3.
    sys.exit(code if isinstance(code, int) else 0)
