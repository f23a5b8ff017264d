"""Accounts of the office, from the terminal."""

import getpass

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tourism.cli.options import ports_of
from tourism.domain.account import MUNICIPALITIES, OFFICE, Role, User
from tourism.services.accounts import add_user, disable_user, list_users, reset_user


@click.group()
def user() -> None:
    """Accounts of the office, its partners, operators and owners. There is none at first, and no default password."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What it may do.")
@click.option("--municipality", type=click.Choice(MUNICIPALITIES), default=OFFICE, show_default=True, help="Whose.")
@click.option("--operator", default="", help="For an operator: its name, as its timetable has it.")
@click.option("--venue", default="", help="For an owner: the id of its venue.")
@click.pass_context
def add(ctx: click.Context, email: str, role: str, municipality: str, operator: str, venue: str) -> None:
    """Make an account for EMAIL and print a link that works once, for a day.

    There a password is chosen; owners have none and get a new link each time.
    """
    new = User(email.strip().lower(), Role(role), municipality, operator, venue)
    _, link = add_user(ports_of(ctx), new, getpass.getuser())
    click.echo(link)


@user.command("disable")
@click.argument("email")
@click.pass_context
def disable(ctx: click.Context, email: str) -> None:
    """Shut the account EMAIL and end its sessions; `reset` opens it again."""
    disable_user(ports_of(ctx), email, getpass.getuser())
    click.echo("disabled")


@user.command("reset")
@click.argument("email")
@click.pass_context
def reset(ctx: click.Context, email: str) -> None:
    """End the sessions and the password of EMAIL and print a new link."""
    click.echo(reset_user(ports_of(ctx), email, getpass.getuser()))


@user.command("list")
@click.pass_context
def list_all(ctx: click.Context) -> None:
    """List every account."""
    table = Table(box=None)
    for heading in ("E-mail", "Role", "Of", "State"):
        table.add_column(heading)
    for one in list_users(ports_of(ctx)):
        state = (
            "disabled"
            if one.disabled_at
            else "active"
            if one.password or (one.role is Role.OWNER and one.stamp > 1)
            else "invited"
        )
        table.add_row(escape(one.email), one.role.value, escape(one.operator or one.venue or one.municipality), state)
    Console().print(table)
