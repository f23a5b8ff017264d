"""Create accounts, records with their audit, photos and sheets; venues say whose they are and what they are"""

import sqlalchemy as sa
from alembic import op

from tourism.store.tables import Instant

revision = "0005"
down_revision = "0004"

TABLES = {
    "account": (
        ("id", sa.Integer), ("email", sa.String), ("role", sa.String), ("municipality", sa.String),
        ("operator", sa.String), ("venue", sa.String), ("password", sa.String), ("stamp", sa.Integer),
        ("disabled_at", Instant),
    ),
    "session": (
        ("digest", sa.String), ("user", sa.Integer), ("csrf", sa.String), ("began_at", Instant), ("seen_at", Instant),
    ),
    "attempts": (("key", sa.String), ("failures", sa.Integer), ("last_at", Instant)),
    "setting": (("name", sa.String), ("value", sa.String)),
    "record": (
        ("id", sa.Integer), ("kind", sa.String), ("key", sa.String), ("version", sa.Integer), ("state", sa.String),
        ("published", sa.JSON), ("proposed", sa.JSON), ("proposed_by", sa.String),
        ("proposed_at", Instant), ("remarks", sa.JSON),
    ),
    "audit": (
        ("id", sa.Integer), ("at", Instant), ("by", sa.String), ("kind", sa.String), ("key", sa.String),
        ("version", sa.Integer), ("step", sa.String), ("before", sa.JSON), ("after", sa.JSON), ("reason", sa.String),
        ("request_id", sa.String),
    ),
    "photo": (("digest", sa.String), ("jpeg", sa.LargeBinary)),
    "sheet": (("id", sa.String), ("user", sa.Integer), ("at", Instant), ("content", sa.LargeBinary)),
    "outline": (
        ("row", sa.Integer), ("file", sa.String), ("municipality", sa.String), ("point", sa.Integer),
        ("lat", sa.Double), ("lon", sa.Double),
    ),
}  # fmt: skip
KEYS = {
    "session": ("digest",),
    "attempts": ("key",),
    "setting": ("name",),
    "photo": ("digest",),
    "outline": ("row", "file"),
}
OPTIONAL = {"disabled_at", "published", "proposed", "proposed_at", "before", "after"}
UNIQUE = {"account": ("email",), "record": ("kind", "key")}
INDEXES = {"session": ("user",), "record": ("state",), "audit": ("by", "key")}
VENUE_COLUMNS = ("municipality", "about_id", "about_en", "photo")

# Who has done what can't be rewritten, not even by this program, and neither can what was said of a night. REPLACE
# deletes without a trigger, so it has its own.
LOGS = ("audit", "change")
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER {table}_no_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, 'lines are only added'); END"
    for table in LOGS
    for name, when in (
        ("update", f"UPDATE ON {table}"),
        ("delete", f"DELETE ON {table}"),
        ("replace", f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"),  # noqa: S608 - our names
    )
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'lines are only added'; END $$",
    *(
        f"CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
        for table in LOGS
    ),
)


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        unique = UNIQUE.get(table)
        op.create_table(
            table,
            *(sa.Column(name, kind(), nullable=name in OPTIONAL) for name, kind in columns),
            sa.PrimaryKeyConstraint(*KEYS.get(table, ("id",)), name=f"pk_{table}"),
            *([sa.UniqueConstraint(*unique, name=f"uq_{table}_{unique[0]}")] if unique else []),
        )
        for column in INDEXES.get(table, ()):
            op.create_index(f"ix_{table}_{column}", table, [column])
    for column in VENUE_COLUMNS:
        op.add_column("venue", sa.Column(column, sa.String(), nullable=False, server_default=""))
    for guard in POSTGRES_GUARDS if op.get_bind().dialect.name == "postgresql" else SQLITE_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    """Undo; rows that the office wrote go with their records."""
    for column in VENUE_COLUMNS:
        op.drop_column("venue", column)
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION only_grows() CASCADE")
    else:
        for name in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER change_no_{name}")
