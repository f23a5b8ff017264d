"""The commands as typed, on a database of their own."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import EVENING
from tourism.app import make_ports
from tourism.cli.main import cli
from tourism.config import Settings, settings_from
from tourism.errors import DataError

ROOT = Path(__file__).parent.parent
TOURISM = str(Path(sys.executable).parent / "tourism")


def run(settings: Settings, command: str, *, ok: bool = True, now: datetime | None = None) -> str:
    """Run a command line in this process and return what it printed."""
    ports = make_ports(settings) if now is None else replace(make_ports(settings), now=lambda: now)
    found = CliRunner(env={"COLUMNS": "120"}).invoke(cli, shlex.split(command)[1:], obj=(settings, lambda: ports))
    assert not found.exception or isinstance(found.exception, SystemExit), found.exc_info
    assert (found.exit_code == 0) is ok, found.output
    return found.output


def examples() -> list[str]:
    """Return the commands in the help's examples and the README that need neither network nor a port."""
    help_text = subprocess.run([TOURISM, "--help"], capture_output=True, text=True, check=True).stdout
    readme = (ROOT / "README.md").read_text()
    found = re.findall(r"^ *(?:\.venv/bin/)?(tourism .*?)(?: {3,}.*)?$", help_text + readme, re.MULTILINE)
    return [c for c in dict.fromkeys(found) if not re.search(r"serve|--bbox|--place|malang\.osm\.pbf|night\.csv", c)]


def test_every_command_in_the_help_and_the_readme_works(fresh: Settings) -> None:
    commands = examples()
    assert len(commands) >= 4
    for command in commands:
        assert run(fresh, command.replace("data/", f"{ROOT}/data/"))


def test_plan_prints_a_table_for_people_and_the_api_document_for_machines(settings: Settings) -> None:
    table = run(settings, "tourism plan --date 2026-12-05 --viewpoint penanjakan-1 --party 4")
    assert "Leave at 23:53" in table
    assert "Rp316,000" in table
    document = json.loads(run(settings, "tourism plan --date 2026-12-05 --party 4 --json"))
    assert document["leave_at"] == "2026-12-04T23:53:00+07:00"
    closed = run(settings, "tourism plan --date 2026-12-09 --lang id")
    assert "Ditutup" in closed
    assert "10 Desember" in closed


def test_a_plan_may_start_at_a_position(settings: Settings) -> None:
    document = json.loads(run(settings, "tourism plan --near=-7.98,112.63 --json"))
    assert document["legs"][0]["from"] == "-7.98000,112.63000"


def test_spots_at_a_moment(settings: Settings) -> None:
    table = run(settings, "tourism spots --night 2026-11-25 --at 01:30")
    assert re.search(r"Critasena +open all through", table)
    assert re.search(r"Titik Koma Kayutangan +closed", table)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("tourism plan --date tomorrow", "is not a date; write it as 2026-12-05"),
        ("tourism plan --viewpoint everest", "viewpoint: There is no viewpoint everest. Choose one of: penanjakan-1"),
        ("tourism plan --party 0", "party: A party has 1 to 100 people."),
        ("tourism spots --at 25:00", "is not a time"),
        ("tourism review decide critasena osm-node-1 same", "There is no question about critasena and osm-node-1"),
        ("tourism review handled critasena", "No report waits about critasena"),
        ("tourism occupancy nowhere --full", "There is no venue nowhere"),
        ("tourism occupancy critasena --full --free 3", "exactly one of --free, --full and --clear"),
        ("tourism hours kadang-kadang", "kadang"),
        ("tourism spots --at 11:59", "ask for 11:58 or earlier"),
        ("tourism plan --near=-6.2,106.8", "more than 4 km from every pick-up"),
        ("tourism spots --need sauna", "choose from toilet"),
        ("tourism spots --at 01:00 --from 22:00", "not both"),
        ("tourism simulate --scenario eid", "scenario: There is no scenario eid. Choose one of: quiet-tuesday,"),
        ("tourism simulate --runs 0", "runs: Ask for 1 to 1000 runs."),
        ("tourism simulate --seed -1 --compliance 1.1", "seed: A seed is 0 or more.; compliance: A share lies between"),
        ("tourism simulate --no-show nan --late -0.1", "no-show: A share lies between 0 and 1.; late: A share"),
        ("tourism simulate --outage 03:00-02:00", "outage: It begins before it ends, between 18:00 and 07:00."),
        ("tourism simulate --breakdown 13:00-14:00", "breakdown: It begins before it ends"),
        ("tourism simulate --breakdown 2", "is not a window; write it as 01:30-02:30"),
        ("tourism simulate --chart nowhere/out.svg", "there is no folder nowhere"),
        ("tourism simulate --runs 1 --chart /proc/out.svg", "can't write /proc/out.svg"),
        ("tourism osm import", "exactly one of FILE, --bbox and --place"),
        ("tourism osm import nowhere.osm", "There is no file nowhere.osm"),
        ("tourism osm import --bbox 1,2,3", "write west,south,east,north"),
        ("tourism osm import --bbox 112.7,-8,112.6,-7", "is not west,south,east,north"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_what_to_do(settings: Settings, command: str, text: str) -> None:
    assert text in " ".join(run(settings, command, ok=False).split())


def test_without_a_database_the_answer_is_tourism_init(tmp_path: Path) -> None:
    empty = Settings(f"sqlite:///{tmp_path}/empty.sqlite")
    for command in ("tourism plan", "tourism serve", "tourism osm import x.osm"):
        assert "tourism init" in run(empty, command, ok=False)


def test_an_unreachable_database_is_one_sentence() -> None:
    away = Settings("postgresql://nobody@127.0.0.1:9/none")
    assert "The database can't be used" in run(away, "tourism init", ok=False)


def test_a_broken_import_keeps_the_last_snapshot_and_exits_with_1(fresh: Settings, tmp_path: Path) -> None:
    (tmp_path / "half.osm").write_bytes((ROOT / "data/kayutangan.osm").read_bytes()[:50_000])
    assert "not a complete OSM file" in run(fresh, f"tourism osm import {tmp_path}/half.osm", ok=False)
    assert "unchanged" in run(fresh, f"tourism osm import {ROOT}/data/kayutangan.osm")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_serve_honours_port_and_a_port_in_use_is_one_sentence(settings: Settings) -> None:
    port = free_port()
    env = {**os.environ, "DATABASE_URL": settings.database_url, "PORT": str(port), "WORKERS": "1"}
    server = subprocess.Popen([TOURISM, "serve"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout
        assert server.stdout.readline() == f"http://127.0.0.1:{port}\n"
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                    assert json.load(answer)["ready"]
                break
            except OSError:
                time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"tourism_request_seconds_count" in answer.read()
        error = run(replace(settings, port=port), "tourism serve", ok=False)
        assert error.strip() == (
            f"Error: can't serve on 127.0.0.1:{port}: Address already in use; choose another with PORT=5001"
        )
    finally:
        server.terminate()
        assert server.stdout
        server.stdout.close()
        server.wait(10)


@pytest.mark.parametrize("port", ["0", "65536", "five", "-1", "5_000"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(DataError, match="PORT must be a whole number from 1 to 65535"):
        settings_from({"PORT": port})


def test_settings_have_working_defaults() -> None:
    assert settings_from({}).port == 5000
    assert settings_from({"PORT": "", "DATABASE_URL": ""}).database_url.startswith("sqlite:///")


def test_the_aim_is_chosen_by_the_word_of_the_api(settings: Settings) -> None:
    assert json.loads(run(settings, "tourism plan --date 2026-12-05 --aim sunrise --json"))["aim"] == "sunrise"


def test_nights_are_simulated_for_people_for_machines_and_as_a_drawing(settings: Settings, tmp_path: Path) -> None:
    command = f"tourism simulate --scenario quiet-tuesday --runs 2 --chart {tmp_path}/out.svg"
    table = run(settings, command)
    assert re.search(r"see the sunrise +9\d\.?\d?% +(9\d|100)", table)
    assert "65 % for the sunrise" in " ".join(table.split())
    assert "the most that capacity allows: 100%" in table
    assert len(re.findall(r"^ *\d+% +9\d\.?\d?% +0\.\d", table, re.MULTILINE)) >= 9  # the curve
    assert (tmp_path / "out.svg").read_text().startswith("<svg")
    document = json.loads(run(settings, f"{command} --json"))
    needed = {"sunrise_share", "gate_wait_mean_min", "gate_wait_p90_min", "longest_queue"}
    assert needed <= document["habit"].keys() & document["slots"].keys()
    assert document["habit"]["sunrise_share"] < document["slots"]["sunrise_share"] <= document["bound_share"]
    assert "mengikuti giliran" in run(settings, f"{command} --lang id")


def test_exit_statuses_tell_a_wrong_value_from_a_wrong_command(settings: Settings) -> None:
    for option, status in (("--runs 0", 1), ("--outage 03:00-02:00", 1), ("--runs many", 2), ("--outage late", 2)):
        wired = (settings, lambda: make_ports(settings))
        assert CliRunner().invoke(cli, ["simulate", *option.split()], obj=wired).exit_code == status


def test_hours_are_read_checked_and_answered(settings: Settings) -> None:
    said = run(settings, "tourism hours 'Senin-Jumat 18.00-03.00, tanggal merah tutup' --night 2026-11-25")
    assert said.startswith("Mo-Fr 18:00-03:00; PH off\n! Elsewhere this reads as open on")
    assert "open all through (Mo-Fr 18:00-03:00)" in said
    assert "Write: Mo-Fr 18:00-03:00, Sa-Su 10:00-22:00" in run(
        settings, "tourism hours 'Mo-Fr 18:00-03:00; Sa-Su 10:00-22:00'"
    )


TIMETABLE = "operator,label,vehicle,seats,pickup,viewpoint,approach,first,last,days,except,number\n"


def test_departures_are_published_listed_and_told_about(fresh: Settings, tmp_path: Path) -> None:
    file = tmp_path / "night.csv"
    night = "2026-11-28"
    row = f"[b]Jeeps[/b],Jeep,jeep,6,alun-alun-merdeka,jemplang-view,tumpang,{night},{night},,,2\n"
    file.write_text(TIMETABLE + row)
    assert run(fresh, f"tourism departures publish {file}", now=EVENING) == "2 departures published\n"
    listed = run(fresh, f"tourism departures list --date {night}", now=EVENING)
    assert "[b]Jeeps[/b]" in listed.replace("\n", "")
    rows = json.loads(run(fresh, f"tourism departures list --date {night} --json", now=EVENING))["departures"]
    assert [row["state"] for row in rows] == ["slotted"] * 2
    first = rows[0]["id"]
    assert run(fresh, f"tourism departures state {first} boarding", now=EVENING) == f"{first}: boarding\n"
    assert "becomes" in run(fresh, f"tourism departures late {first} 02:30", now=EVENING)
    shut = run(fresh, f"tourism departures gate gate-jemplang --shut --from 18:00 --date {night}", now=EVENING)
    assert "2 planned" in shut or "1 planned" in shut
    assert run(fresh, f"tourism departures again --date {night}", now=EVENING).endswith("\n")


def test_the_timetable_in_the_readme_can_be_published(fresh: Settings, tmp_path: Path) -> None:
    example = re.search(r"```csv\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example
    (tmp_path / "night.csv").write_text(example[1])
    assert "departures published" in run(fresh, f"tourism departures publish {tmp_path}/night.csv", now=EVENING)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("J,J,bus,6,alun-alun-merdeka,jemplang-view,tumpang,2026-12-01,2026-12-01,,,1", "line 2, vehicle"),
        ("J,J,jeep,many,alun-alun-merdeka,jemplang-view,tumpang,2026-12-01,2026-12-01,,,1", "line 2, seats"),
        ("J,J,jeep,6,alun-alun-merdeka,jemplang-view,tumpang,2026-12-01,2026-12-01,Sat,,1", "days are Mo;Tu"),
        ("J,J,jeep,6,alun-alun-merdeka,jemplang-view,tumpang,2026-12-01,2026-12-01,,,20000", "1 to 2500 vehicles"),
        ("J,J,jeep,6,nowhere,jemplang-view,tumpang,2099-12-01,2099-12-01,,,1", "There is no pick-up nowhere"),
        ("J,J", "line 2, vehicle"),
        ("J,J,jeep,6,alun-alun-merdeka,jemplang-view,tumpang,2026-12-01,2026-12-01,,,1,1", "line 2, row"),
    ],
)
def test_a_timetable_with_a_mistake_is_told_by_line(fresh: Settings, tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "night.csv"
    file.write_text(TIMETABLE + row + "\n")
    assert said in run(fresh, f"tourism departures publish {file}", ok=False, now=EVENING)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("tourism departures state 261128-001 left", "tourism departures list"),
        ("tourism departures late nothing 01:00", "tourism departures list"),
        ("tourism departures gate nowhere --rate 1 --from 01:00", "There is no gate nowhere"),
        ("tourism departures gate gate-jemplang --rate 0 --from 01:00", "say that it is shut"),
        ("tourism departures gate gate-jemplang --from 01:00", "exactly one of --rate, --usual and --shut"),
        ("tourism departures gate gate-jemplang --rate 1 --from 1", "is not a time"),
        ("tourism departures state 261128-001 slotted", "is not one of"),
    ],
)
def test_words_about_a_night_that_cannot_be(fresh: Settings, command: str, said: str) -> None:
    assert said in run(fresh, command, ok=False)


def test_a_file_that_is_no_timetable_is_one_sentence(fresh: Settings, tmp_path: Path) -> None:
    file = tmp_path / "night.csv"
    file.write_bytes(b"\xff\xfe\x00operator")
    assert str(file) in run(fresh, f"tourism departures publish {file}", ok=False)
