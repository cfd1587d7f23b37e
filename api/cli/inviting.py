"""The command that shows a phone the way to the app."""

from __future__ import annotations

import pathlib

import click

from api.cli.program import main, opened, out
from api.crews import service as crews
from api.crews.service import invitation
from api.settings import Settings


@main.command("enrol-code")
@click.argument("login")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write the code as a picture to print, instead of showing it here.",
)
@click.pass_obj
def enrol_code(settings: Settings, *, login: str, svg: pathlib.Path | None) -> None:
    """Show the code that leads a phone's camera to the app, with LOGIN filled in.

    It holds no secret: whoever scans it still needs the password.
    """
    with opened(settings) as database, database.reading() as session:
        known = crews.find_login(session, login=login)
    if known is None:
        message = f"Nobody signs in as {login}."
        raise click.ClickException(message)
    public_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    address = invitation.address(public_url=public_url, login=known)
    if svg is not None:
        svg.write_bytes(invitation.drawn(address))
        out.print(f"{svg} leads to {address}")
        return
    click.echo(invitation.printed(address))
    out.print(f"  {address}")
    if not settings.public_url.startswith("https://"):
        out.print("  Phones install the app over HTTPS only: set LAMPLIGHTER_PUBLIC_URL.")
