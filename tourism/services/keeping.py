"""The tables that the office keeps in the browser: what a row would do is seen before it is kept."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from tourism.domain.account import MUNICIPALITIES, OFFICE, Verb, Whose
from tourism.domain.brand import Brand, issues_of
from tourism.domain.campaign import Campaign
from tourism.domain.closures import Closure, scopes_of
from tourism.domain.corridor import known_scopes
from tourism.domain.listing import cleaned
from tourism.domain.measures import QuickWin
from tourism.domain.record import Fields, Record, Step, undone
from tourism.domain.scenario import Assumption
from tourism.domain.tables import TABLES, get_table, read_row, values_of, write_row
from tourism.errors import Message, NotFoundError, OutOfRangeError
from tourism.services.departures import Action
from tourism.services.effects import Effect, give_slots_again
from tourism.services.feed_pull import drop_listings
from tourism.services.office import Desk, check_version, checked_reason, get_line, keep_picture, unknown_record
from tourism.services.plans import tonight
from tourism.services.ports import Office
from tourism.services.scenario import limit_issue
from tourism.services.sights import is_page
from tourism.services.town import Town

BRANDS = "brands"
NEW_KEY = re.compile(r"(?!new$)[a-z0-9-]{1,40}", re.ASCII)
FIXED_ROWS = Message("FIXED_ROWS", "Rows are neither added to this table nor removed from it.")


@dataclass(frozen=True)
class RowEdit:
    """A row as somebody typed it, on the version it was based on, or the wish that it goes."""

    table: str
    key: str
    version: int
    fields: Fields
    reason: str
    removing: bool = False


def list_rows(desk: Desk, table: str) -> list[Record]:
    """Return the rows of a table that hold; raises NotFoundError, ForbiddenError."""
    get_table(table)
    if table == BRANDS:
        desk.require(Verb.BRAND)
    else:
        desk.require(Verb.TABLES, Whose(OFFICE))
    with desk.ports.office() as office:
        rows = [record for record in office.list_records(table) if record.live is not None]
    return [row for row in rows if table != BRANDS or desk.user.may(Verb.BRAND, whose_row(table, row.key))]


def get_row(desk: Desk, table: str, key: str) -> Record:
    """Return a row of a table; raises NotFoundError, ForbiddenError."""
    get_table(table)
    require_row(desk, table, key)
    with desk.ports.office() as office:
        found = office.find_record(table, key)
    if found is None or found.live is None:
        raise unknown_record(key)
    return found


def whose_row(table: str, key: str) -> Whose:
    """Return whose a row is: a brand is its municipality's, the joint one and every other row the office's."""
    return Whose(key if table == BRANDS and key in MUNICIPALITIES else OFFICE)


def require_row(desk: Desk, table: str, key: str) -> None:
    """Raise ForbiddenError unless the user may keep a row."""
    desk.require(Verb.BRAND if table == BRANDS else Verb.TABLES, whose_row(table, key))


def read_brand(desk: Desk, key: str, written: Fields) -> Brand:
    """Return a brand as it is typed, for a look at it; raises OutOfRangeError, ForbiddenError."""
    require_row(desk, BRANDS, key)
    found: Brand = read_row(get_table(BRANDS), {**cleaned(written), "id": key})
    issues = dict(issues_of(found))
    if issues:
        raise OutOfRangeError(issues)
    return found


def keep_logo(desk: Desk, key: str, content: bytes) -> str:
    """Keep the logo of a brand as we re-encoded it; returns its digest. Raises ForbiddenError, OutOfRangeError."""
    require_row(desk, BRANDS, key)
    return keep_picture(desk.ports, desk.ports.to_logo(content))


def new_row_key() -> str:
    """Return what names a new row."""
    return token_hex(6)


def save_row(desk: Desk, edit: RowEdit, preview: bool = False) -> Effect:
    """Keep a row, or take it away, and give slots again on the nights ahead; returns what that does to them.

    With `preview` nothing is kept. Raises OutOfRangeError for a row that can't be, StaleError, ForbiddenError.
    """
    table = get_table(edit.table)
    require_row(desk, edit.table, edit.key)
    reason = checked_reason(edit.reason, not preview, "why")
    # Written as it is read: an instant gets its offset, a number its shortest form.
    fields = cleaned(edit.fields) if edit.removing else write_row(read_row(table, cleaned(edit.fields)))

    def change(office: Office) -> tuple[Record, Record, Step]:
        found = office.find_record(edit.table, edit.key)
        if not table.grows and (found is None or edit.removing):
            raise NotFoundError(FIXED_ROWS)
        if found is None and not NEW_KEY.fullmatch(edit.key):
            raise unknown_record(edit.key)
        before = found or Record(edit.table, edit.key)
        check_version(office, before, edit.version, fields)
        if edit.removing:
            return before, before.archived(), Step.ARCHIVE
        fixed = [name for name in table.fixed if found and fields.get(name) != before.newest.get(name)]
        if fixed:
            text = "This names the row and stays as it is."
            raise OutOfRangeError({name: Message("FIXED_NAME", text) for name in fixed})
        return before, before.with_published(fields), Step.PUBLISH

    effect = _keep(desk, change, reason, preview)
    if edit.removing and edit.table == "feeds" and not preview:
        drop_listings(desk.ports, read_row(table, cleaned(edit.fields)), desk.by)
    return effect


def revert_row(desk: Desk, line_id: int, reason: str, preview: bool = False) -> Effect:
    """Undo one change of a row as a new change; returns what that does. Raises as `save_row`."""
    why = checked_reason(reason, not preview, "why")

    def change(office: Office) -> tuple[Record, Record, Step]:
        line = get_line(office, line_id, *TABLES)
        require_row(desk, line.kind, line.key)
        before = office.find_record(line.kind, line.key)
        assert before  # noqa: S101 - it has a line
        return (before, *undone(before, line))

    return _keep(desk, change, why, preview)


def _keep(desk: Desk, change: Callable[[Office], tuple[Record, Record, Step]], reason: str, preview: bool) -> Effect:
    with desk.ports.unit_of_work() as uow:
        uow.office.lock("tables")  # each change sees the one before it in what it does to the nights
        before, after, step = change(uow.office)
        _check_names(desk.town, after)
        if after.kind == BRANDS:
            _check_brand(desk, uow.office, before, after)
        _check_alone(uow.office, after)
        uow.office.put_record(before, after, desk.line(before, after, step, reason))
        town = Town(uow.read(desk.town.world.snapshot))
        nights = uow.office.nights(tonight(desk.town, desk.now))
        effect = give_slots_again(Action(desk.ports, town, desk.by), uow, desk.town, nights)
        if not preview:
            uow.commit()
    return effect


def _check_alone(office: Office, record: Record) -> None:
    """Raise OutOfRangeError for a row that another one of the same name already is."""
    table = TABLES[record.kind]
    names = {name: (record.live or {}).get(name, "") for name in table.named_by}
    others = (one for one in office.list_records(record.kind) if one.key != record.key and one.live)
    if record.live and names and any(names == {n: (o.live or {}).get(n, "") for n in names} for o in others):
        text = "There is such a row already. Change that one."
        raise OutOfRangeError({name: Message("ROW_EXISTS", text) for name in names})


def _check_brand(desk: Desk, office: Office, before: Record, after: Record) -> None:
    """Raise OutOfRangeError for a logo that nobody sent, and for host names that a partner sets or another brand has.

    By a host name a brand takes the whole service over.
    """
    was, is_now = before.live or {}, after.live or {}
    if is_now.get("logo") and office.find_photo(is_now["logo"]) is None:
        raise OutOfRangeError({"logo": Message("NOT_A_LOGO", "Send the logo as a PNG, JPEG or WebP picture.")})
    others = [one.live or {} for one in office.list_records(BRANDS) if one.key != after.key]
    taken = {host for one in others for host in one.get("hosts", "").split()} & set(is_now.get("hosts", "").split())
    if taken:
        text = "Another brand has this host name already: {hosts}."
        raise OutOfRangeError({"hosts": Message("HOST_TAKEN", text, hosts=", ".join(sorted(taken)))})
    if was.get("hosts") != is_now.get("hosts") and not desk.user.may(Verb.TABLES, Whose(OFFICE)):
        text = "The office of Kota Malang sets the host names. Ask it."
        raise OutOfRangeError({"hosts": Message("HOSTS_OF_THE_OFFICE", text)})


def _check_names(town: Town, record: Record) -> None:
    """Raise OutOfRangeError for a row that no rule can use, or about something that does not exist."""
    for row in values_of(record):
        issues = dict(issues_of(row)) if isinstance(row, Brand) else {}
        if isinstance(row, Assumption) and (wrong := limit_issue(row.id, row.low, row.high)):
            issues = {"low": wrong}
        if isinstance(row, QuickWin) and row.indicator not in {one.id for one in town.world.indicators}:
            choices = ", ".join(one.id for one in town.world.indicators)
            issues = {"indicator": Message("NOT_A_CHOICE", "Choose from: {choices}.", choices=choices)}
        if isinstance(row, Campaign) and not is_page(town, row.leads_to.partition("?")[0]):
            text = "There is no such page. Write one as /spots/critasena, /plan or /nights/tonight."
            issues = {"leads_to": Message("NO_SUCH_PAGE", text)}
        if issues:
            raise OutOfRangeError(issues)
        if isinstance(row, Closure):
            known = known_scopes(town.world.almanac.places, town.world.almanac.legs)
            unknown = scopes_of([row], ()) - known
            if unknown:
                text = "There is no place, area or approach {names}. Known are: {known}."
                names, choices = ", ".join(sorted(unknown)), ", ".join(sorted(known))
                raise OutOfRangeError({"scope": Message("UNKNOWN_SCOPE", text, names=names, known=choices)})
    if record.kind == "hours" and record.live is not None:
        venue = record.live["venue"]
        if venue not in town.named and venue not in town.same_as:
            text = "There is no venue {id}; it may have been renamed or removed."
            raise OutOfRangeError({"venue": Message("UNKNOWN_VENUE", text, id=venue)})
