"""The group of all commands; every error of ours is one sentence a field and exit status 1."""

from typing import Any

import click

from tourism.cli.accounts import user
from tourism.cli.asking import hours, plan, spots
from tourism.cli.departing import departures
from tourism.cli.keeping import init, occupancy, osm, review, serve
from tourism.cli.results import measures, scenario
from tourism.cli.sharing import dump, feeds, key
from tourism.cli.simulating import simulate
from tourism.errors import InputError, TourismError

EXAMPLES = """\b
Examples:
  tourism init                                       create the database and load data/
  tourism serve                                      serve http://127.0.0.1:5000
  tourism plan --date 2026-12-05 --viewpoint penanjakan-1 --party 4
  tourism plan --viewpoint jemplang-view --near critasena --json
  tourism spots --at 01:30                           who is open at half past one
  tourism spots --from 22:30 --until 01:00 --need toilet,wifi
  tourism spots --party 5 --need toilet --max-walk-min 10
  tourism hours "Senin-Jumat 16.00 s/d 02.00"        how hours are read, and how they answer tonight
  tourism simulate --runs 5                          the peak night by habit and by gate slots
  tourism occupancy critasena --free 12              seats that are free now
  tourism departures list                            who leaves tonight, and when
  tourism departures gate gate-jemplang --rate 1 --from 01:30   the scanner is slow: who moves, and why
  tourism user add officer@example.org --role admin   prints a link to choose a password
  tourism feeds pull                                 take every partner's list whose time has come
  tourism key add "Dinas Batu" --municipality kota-batu   prints a key for the API, once
  tourism dump                                       today's files for /dumps/
  tourism measures --record                          keep today's value of every indicator
  tourism scenario --set slots=2028,60               twenty-five years ahead, with gate slots from 2028 on
  tourism review list                                visitors' reports, and what may be the same place
  tourism osm import malang.osm.pbf                  a file
  tourism osm import --bbox 112.60,-8.00,112.66,-7.95   west,south,east,north, by Overpass
"""


class OneSentence(click.Group):
    """Turn every error of ours into one sentence a field, and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException("; ".join(f"{field}: {text}" for field, text in error.issues.items())) from error
        except TourismError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=OneSentence, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kongkow-kayutangan")
def cli() -> None:
    """Waiting spots in Kayutangan and the time to leave for the Bromo sunrise."""


COMMANDS = (
    init, serve, plan, spots, hours, departures, simulate, osm, review, occupancy, user, feeds, key, dump, measures,
    scenario,
)  # fmt: skip
for command in COMMANDS:
    cli.add_command(command)
