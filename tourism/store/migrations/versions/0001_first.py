"""Create the first tables"""

import sqlalchemy as sa
from alembic import op

from tourism.store.tables import Instant

revision = "0001"
down_revision = None


WITH_POSITION = ("place", "pickup", "venue", "osm_place")


def _add_geometry() -> None:
    """Give each table with a position a PostGIS column that follows lat and lon, so that QGIS can open it."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    for table in WITH_POSITION:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN geom geometry(Point, 4326)"
            " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_geom ON {table} USING gist (geom)")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "advice",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_advice"),
    )
    op.create_table(
        "closure",
        sa.Column("starts_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("excepted", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_closure"),
    )
    op.create_index("ix_closure_starts_at", "closure", ["starts_at"], unique=False)
    op.create_table(
        "data_file",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_data_file"),
    )
    op.create_table(
        "gate_operation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes_quiet", sa.Time(), nullable=False),
        sa.Column("closes_busy", sa.Time(), nullable=False),
        sa.Column("vehicles_per_min", sa.Double(), nullable=False),
        sa.Column("vehicles_per_min_slow", sa.Double(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_gate_operation"),
        sa.UniqueConstraint("id", name="uq_gate_operation_id"),
    )
    op.create_table(
        "leg",
        sa.Column("approach", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("distance_km", sa.Double(), nullable=False),
        sa.Column("p50_min", sa.Double(), nullable=False),
        sa.Column("p90_min", sa.Double(), nullable=False),
        sa.Column("busy_p50_min", sa.Double(), nullable=False),
        sa.Column("busy_p90_min", sa.Double(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_leg"),
    )
    op.create_table(
        "operation",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("p50_min", sa.Double(), nullable=True),
        sa.Column("p90_min", sa.Double(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_operation"),
        sa.UniqueConstraint("what", name="uq_operation_what"),
    )
    op.create_table(
        "osm_place",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("osm_type", sa.String(), nullable=False),
        sa.Column("osm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "osm_type", "osm_id", name="pk_osm_place"),
    )
    op.create_table(
        "osm_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("imported_at", Instant(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("network", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_osm_snapshot"),
    )
    op.create_table(
        "pickup",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("uncertainty_m", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_pickup"),
        sa.UniqueConstraint("id", name="uq_pickup_id"),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("uncertainty_m", sa.Integer(), nullable=False),
        sa.Column("elevation_m", sa.Integer(), nullable=True),
        sa.Column("reached_from", sa.String(), nullable=False),
        sa.Column("walk_min_p50", sa.Double(), nullable=False),
        sa.Column("walk_min_p90", sa.Double(), nullable=False),
        sa.Column("step_free", sa.String(), nullable=False),
        sa.Column("park_ticket", sa.String(), nullable=False),
        sa.Column("quota_site", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_place"),
        sa.UniqueConstraint("id", name="uq_place_id"),
    )
    op.create_table(
        "quota",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("people_per_day_75pct_2023", sa.Integer(), nullable=False),
        sa.Column("people_per_day_peak_2023_24", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_quota"),
        sa.UniqueConstraint("site", name="uq_quota_site"),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_table(
        "tariff",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("day_type", sa.String(), nullable=False),
        sa.Column("amount_idr", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_tariff"),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("uncertainty_m", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("opening_hours", sa.String(), nullable=False),
        sa.Column("hours_as_recorded", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("amenities", sa.JSON(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("row", "file", name="pk_venue"),
        sa.UniqueConstraint("id", name="uq_venue_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _add_geometry()


def downgrade() -> None:
    """Undo."""
    op.drop_table("venue")
    op.drop_table("tariff")
    op.drop_table("revision")
    op.drop_table("quota")
    op.drop_table("place")
    op.drop_table("pickup")
    op.drop_table("osm_snapshot")
    op.drop_table("osm_place")
    op.drop_table("operation")
    op.drop_table("leg")
    op.drop_table("gate_operation")
    op.drop_table("data_file")
    op.drop_index("ix_closure_starts_at", table_name="closure")
    op.drop_table("closure")
    op.drop_table("advice")
