"""Create scenarios, destinations and alerts; closures may have no end, places lie in an area"""

import sqlalchemy as sa
from alembic import op

from tourism.store.tables import Instant

revision = "0003"
down_revision = "0002"

LOADED = ("row", sa.Integer), ("file", sa.String)
TABLES = {
    "scenario": (
        ("id", sa.String), ("crowd", sa.String), ("night", sa.Date), ("sunrise_visitors", sa.Integer),
        ("share_jemplang", sa.Double), ("share_wonokitri", sa.Double), ("share_cemoro_lawang", sa.Double),
        ("ridge_share", sa.Double), ("people_per_jeep", sa.Double), ("people_per_motorcycle", sa.Double),
        ("motorcycle_share_of_vehicles", sa.Double), ("habit_arrival_jemplang", sa.Time),
        ("habit_arrival_wonokitri", sa.Time), ("habit_arrival_cemoro_lawang", sa.Time), ("habit_sd_min", sa.Double),
        ("scan_rate", sa.String), ("busy", sa.Boolean), ("basis", sa.String),
    ),
    "destination": (
        ("name", sa.String), ("municipality", sa.String), ("lat", sa.Double), ("lon", sa.Double),
        ("uncertainty_m", sa.Integer), ("when", sa.String), ("opening_hours", sa.String), ("hours_basis", sa.String),
        ("way_back", sa.String), ("basis", sa.String),
    ),
    "alert_level": (
        ("level", sa.String), ("radius_m", sa.Integer), ("shuts", sa.String), ("may_shut", sa.String),
        ("text", sa.String), ("basis", sa.String), ("confidence", sa.String),
    ),
    "alert": (("level", sa.String), ("starts_at", Instant), ("ends_at", Instant), ("source", sa.String)),
}  # fmt: skip
UNIQUE = {"scenario": "id", "destination": "name", "alert_level": "level"}
OPTIONAL = {("alert_level", "radius_m"), ("alert", "ends_at")}


def upgrade() -> None:
    """Apply."""
    for table, columns in TABLES.items():
        unique = [sa.UniqueConstraint(UNIQUE[table], name=f"uq_{table}_{UNIQUE[table]}")] if table in UNIQUE else []
        op.create_table(
            table,
            *(sa.Column(name, kind(), nullable=(table, name) in OPTIONAL) for name, kind in (*columns, *LOADED)),
            sa.PrimaryKeyConstraint("row", "file", name=f"pk_{table}"),
            *unique,
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE destination ADD COLUMN geom geometry(Point, 4326)"
            " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
        )
        op.execute("CREATE INDEX ix_destination_geom ON destination USING gist (geom)")
    op.add_column("place", sa.Column("area", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("closure") as closure:
        closure.alter_column("ends_at", existing_type=Instant(timezone=True), nullable=True)


def downgrade() -> None:
    """Undo; closures without an end go, for there is no end to write."""
    op.execute("DELETE FROM closure WHERE ends_at IS NULL")
    with op.batch_alter_table("closure") as closure:
        closure.alter_column("ends_at", existing_type=Instant(timezone=True), nullable=False)
    op.drop_column("place", "area")
    for table in TABLES:
        op.drop_table(table)
