"""Create brands, short links with their counts, indicators with their history, quick wins and assumptions"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

LOADED = (("row", sa.Integer), ("file", sa.String))
TABLES = {
    "brand": (
        *LOADED, ("id", sa.String), ("name", sa.String), ("wordmark", sa.String), ("tagline_id", sa.String),
        ("tagline_en", sa.String), ("colour", sa.String), ("colour_day", sa.String), ("tone_id", sa.String),
        ("tone_en", sa.String), ("footer_id", sa.String), ("footer_en", sa.String), ("licence", sa.String),
        ("basis", sa.String), ("hosts", sa.String), ("logo", sa.String),
    ),
    "campaign": (
        *LOADED, ("code", sa.String), ("name", sa.String), ("kind", sa.String), ("leads_to", sa.String),
        ("place", sa.String), ("active", sa.String),
    ),
    "indicator": (
        *LOADED, ("id", sa.String), ("component", sa.String), ("name", sa.String), ("definition", sa.String),
        ("unit", sa.String), ("formula", sa.String), ("source", sa.String), ("owner", sa.String),
        ("better", sa.String), ("targets", sa.String), ("basis", sa.String),
    ),
    "quick_win": (
        *LOADED, ("name", sa.String), ("indicator", sa.String), ("owner", sa.String), ("planned_on", sa.Date),
        ("basis", sa.String), ("started_on", sa.Date), ("measured_on", sa.Date),
    ),
    "assumption": (
        *LOADED, ("id", sa.String), ("variable", sa.String), ("low", sa.Double), ("central", sa.Double),
        ("high", sa.Double), ("unit", sa.String), ("basis", sa.String),
    ),
    "counted_visitors": (
        *LOADED, ("place", sa.String), ("period", sa.String), ("visitors", sa.Integer), ("source", sa.String),
    ),
    "link_count": (("day", sa.Date), ("code", sa.String), ("step", sa.String), ("number", sa.Integer)),
    "link_digest": (("day", sa.Date), ("digest", sa.String), ("number", sa.Integer)),
    "measurement": (("indicator", sa.String), ("day", sa.Date), ("value", sa.Double), ("cases", sa.Integer)),
}  # fmt: skip
KEYS = {"link_count": ("day", "code", "step"), "link_digest": ("day", "digest"), "measurement": ("indicator", "day")}
UNIQUE = {"brand": "id", "campaign": "code", "indicator": "id", "assumption": "id"}
OPTIONAL = {"started_on", "measured_on", "value"}


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        unique = UNIQUE.get(table)
        op.create_table(
            table,
            *(sa.Column(name, kind(), nullable=name in OPTIONAL) for name, kind in columns),
            sa.PrimaryKeyConstraint(*KEYS.get(table, ("row", "file")), name=f"pk_{table}"),
            *([sa.UniqueConstraint(unique, name=f"uq_{table}_{unique}")] if unique else []),
        )


def downgrade() -> None:
    """Undo."""
    for table in reversed(TABLES):
        op.drop_table(table)
