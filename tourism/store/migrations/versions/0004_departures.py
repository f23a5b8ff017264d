"""Create departures, parties, reports about gates, and the log of changes"""

import sqlalchemy as sa
from alembic import op

from tourism.store.tables import Instant

revision = "0004"
down_revision = "0003"

TABLES = {
    "departure": (
        ("id", sa.String), ("night", sa.Date), ("operator", sa.String), ("label", sa.String), ("vehicle", sa.String),
        ("seats", sa.Integer), ("pickup", sa.String), ("viewpoint", sa.String), ("approach", sa.String),
        ("published_at", Instant), ("own", sa.Boolean), ("state", sa.String), ("ready_at", Instant),
        ("leave_at", Instant), ("gate_at", Instant), ("climb_at", Instant),
    ),
    "party": (
        ("night", sa.Date), ("code", sa.String), ("departure", sa.String), ("size", sa.Integer),
        ("joined_at", Instant), ("spot", sa.String),
    ),
    "gate_report": (
        ("id", sa.Integer), ("night", sa.Date), ("server", sa.String), ("start", sa.Integer), ("end", sa.Integer),
        ("vehicles_per_min", sa.Double), ("said_at", Instant), ("said_by", sa.String),
    ),
    "change": (
        ("id", sa.Integer), ("night", sa.Date), ("departure", sa.String), ("at", Instant), ("by", sa.String),
        ("what", sa.String), ("before", sa.String), ("after", sa.String), ("reason", sa.String),
    ),
}  # fmt: skip
KEYS = {"party": ("night", "code")}
OPTIONAL = {"ready_at", "leave_at", "gate_at", "climb_at", "spot"}


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        to_departure = sa.ForeignKeyConstraint(["departure"], ["departure.id"], name="fk_party_departure")
        op.create_table(
            table,
            *(sa.Column(name, kind(), nullable=name in OPTIONAL) for name, kind in columns),
            sa.PrimaryKeyConstraint(*KEYS.get(table, ("id",)), name=f"pk_{table}"),
            *([to_departure] if table == "party" else []),
        )
        if table != "party":
            op.create_index(f"ix_{table}_night", table, ["night"])


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM revision WHERE id = 2")
    for table in reversed(TABLES):
        op.drop_table(table)
