"""Rows with a position as a GeoPackage, the format that QGIS opens at once."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas


def write_gpkg(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a GeoPackage with one layer, venues, in EPSG:4326; every other value is text."""
    columns = list(dict.fromkeys(name for row in rows for name in row if name not in ("lat", "lon")))
    frame = geopandas.GeoDataFrame(
        {name: [row.get(name) or None for row in rows] for name in columns},
        geometry=geopandas.points_from_xy([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]),
        crs="EPSG:4326",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "venues.gpkg"
        frame.to_file(path, layer="venues", driver="GPKG", engine="pyogrio", geometry_type="Point")
        return path.read_bytes()
