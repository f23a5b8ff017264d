"""The outside world: files and OSM."""
