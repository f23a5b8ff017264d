"""Create evidence, holidays, temporary hours, questions, reports and occupancy"""

import sqlalchemy as sa
from alembic import op

from tourism.store.tables import Instant

revision = "0002"
down_revision = "0001"

LOADED = ("row", sa.Integer), ("file", sa.String)
TABLES = {
    "evidence": (("venue", sa.String), ("field", sa.String), ("value", sa.String), ("source", sa.String),
                 ("as_of", sa.Date)),
    "half_life": (("field", sa.String), ("half_life_days", sa.Integer), ("basis", sa.String),
                  ("confidence", sa.String)),
    "special_dates": (("first", sa.Date), ("last", sa.Date), ("kind", sa.String), ("name", sa.String),
                      ("confidence", sa.String), ("source", sa.String)),
    "temporary_hours": (("venue", sa.String), ("first", sa.Date), ("last", sa.Date), ("opening_hours", sa.String),
                        ("hours_as_recorded", sa.String), ("reason", sa.String), ("source", sa.String)),
}  # fmt: skip
UNIQUE = {"evidence": ("venue", "field", "source"), "half_life": ("field",)}


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        unique = [sa.UniqueConstraint(*UNIQUE[table], name=f"uq_{table}_{UNIQUE[table][0]}")] if table in UNIQUE else []
        op.create_table(
            table,
            *(sa.Column(name, kind(), nullable=False) for name, kind in (*columns, *LOADED)),
            sa.PrimaryKeyConstraint("row", "file", name=f"pk_{table}"),
            *unique,
        )
    op.create_table(
        "question",
        sa.Column("listing", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("listing", "element", name="pk_question"),
    )
    op.create_table(
        "report",
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("said_at", Instant(timezone=True), nullable=False),
        sa.Column("handled_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("venue", "reporter", name="pk_report"),
    )
    op.create_index("ix_report_said_at", "report", ["said_at"], unique=False)
    op.create_table(
        "day_secret",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_day_secret"),
    )
    op.create_table(
        "occupancy",
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("free_seats", sa.Integer(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("venue", name="pk_occupancy"),
    )
    op.add_column("venue", sa.Column("phone", sa.String(), nullable=False, server_default=""))
    op.drop_column("venue", "amenities")


def downgrade() -> None:
    """Undo; what the amenities of listings were comes back with their data files."""
    op.add_column("venue", sa.Column("amenities", sa.JSON(), nullable=False, server_default="{}"))
    op.drop_column("venue", "phone")
    op.drop_index("ix_report_said_at", table_name="report")
    for table in ("occupancy", "day_secret", "report", "question", *TABLES):
        op.drop_table(table)
