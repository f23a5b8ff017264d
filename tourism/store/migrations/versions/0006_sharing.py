"""Create what is shared: feeds, origins, changes, keys, widgets, dumps; records get a UUID, a layer, what is given"""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text as sql

from tourism.domain.sharing import shipped_uuid
from tourism.store.tables import Instant

revision = "0006"
down_revision = "0005"

TABLES = {
    "feed": (
        ("row", sa.Integer), ("file", sa.String), ("id", sa.String), ("name", sa.String), ("url", sa.String),
        ("format", sa.String), ("licence", sa.String), ("contact", sa.String), ("every_h", sa.Integer),
        ("municipality", sa.String), ("trusted", sa.String), ("active", sa.String),
    ),
    "widget": (
        ("row", sa.Integer), ("file", sa.String), ("id", sa.String), ("name", sa.String), ("colour", sa.String),
        ("origins", sa.String), ("municipality", sa.String),
    ),
    "feed_state": (
        ("feed", sa.String), ("etag", sa.String), ("last_modified", sa.String), ("cursor", sa.String),
        ("next_at", Instant), ("failures", sa.Integer), ("locked_by", sa.String), ("locked_until", Instant),
        ("rows", sa.Integer), ("held", sa.Integer), ("accepted", sa.Integer), ("headings", sa.JSON),
        ("columns", sa.JSON), ("categories", sa.JSON),
    ),
    "feed_run": (
        ("id", sa.Integer), ("feed", sa.String), ("began_at", Instant), ("by", sa.String), ("ended_at", Instant),
        ("ending", sa.String), ("counts", sa.JSON), ("issues", sa.JSON), ("problem", sa.JSON),
    ),
    "queued_row": (("feed", sa.String), ("external_id", sa.String), ("category", sa.String), ("row", sa.JSON)),
    "origin": (
        ("key", sa.String), ("feed", sa.String), ("source", sa.String), ("external_id", sa.String),
        ("uuid", sa.String), ("chain", sa.String), ("licence", sa.String), ("digest", sa.String),
        ("seen", sa.Integer), ("gone_at", Instant),
    ),
    "listing_change": (
        ("seq", sa.Integer), ("scope", sa.String), ("key", sa.String), ("uuid", sa.String), ("at", Instant),
        ("municipality", sa.String), ("source", sa.String), ("external_id", sa.String), ("chain", sa.String),
        ("licence", sa.String), ("fields", sa.JSON),
    ),
    "api_key": (
        ("id", sa.String), ("name", sa.String), ("municipality", sa.String), ("scope", sa.String),
        ("digest", sa.String), ("per_s", sa.Integer), ("created_at", Instant), ("created_by", sa.String),
        ("ends_at", Instant), ("used_at", Instant),
    ),
    "dump": (("day", sa.Date), ("name", sa.String), ("content", sa.LargeBinary)),
}  # fmt: skip
KEYS = {
    "feed": ("row", "file"), "widget": ("row", "file"), "feed_state": ("feed",),
    "queued_row": ("feed", "external_id"), "origin": ("key",), "listing_change": ("seq",), "dump": ("day", "name"),
}  # fmt: skip
OPTIONAL = {
    "next_at", "locked_until", "held", "accepted", "ended_at", "problem", "gone_at", "ends_at", "used_at", "fields",
}  # fmt: skip
UNIQUE = {"feed": ("id",), "widget": ("id",)}
INDEXES = {"feed_run": ("feed",), "origin": ("uuid",), "listing_change": ("key",)}
# Where listings come from; they are loaded again, so that the log of changes begins with them.
LISTINGS = ("kayutangan_places.csv", "late_venues.csv", "evidence.csv")


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        unique = UNIQUE.get(table)
        op.create_table(
            table,
            *(sa.Column(n, kind(), nullable=n in OPTIONAL or (unique and n == "municipality")) for n, kind in columns),
            sa.PrimaryKeyConstraint(*KEYS.get(table, ("id",)), name=f"pk_{table}"),
            *([sa.UniqueConstraint(*unique, name=f"uq_{table}_{unique[0]}")] if unique else []),
        )
        for column in INDEXES.get(table, ()):
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_origin_feed", "origin", ["feed", "source", "external_id"], unique=True)
    op.add_column("record", sa.Column("given", sa.JSON(), nullable=True))
    op.add_column("record", sa.Column("layer", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("record", sa.Column("uuid", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_record_uuid", "record", ["uuid"])
    connection = op.get_bind()
    for id_, key in connection.execute(sql("SELECT id, key FROM record WHERE kind = 'listing'")).all():
        named = sql("UPDATE record SET uuid = :uuid WHERE id = :id")
        connection.execute(named, {"uuid": shipped_uuid(key), "id": id_})
    connection.execute(sql("INSERT INTO setting (name, value) VALUES ('provider', :id)"), {"id": f"kk-{token_hex(6)}"})
    for name in LISTINGS:
        connection.execute(sql("DELETE FROM data_file WHERE name = :name"), {"name": name})


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_record_uuid", "record")
    for column in ("given", "layer", "uuid"):
        op.drop_column("record", column)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.get_bind().execute(sql("DELETE FROM setting WHERE name = 'provider'"))
