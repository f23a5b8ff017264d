"""Pure spatial functions; nothing here knows about tourism.

Points are `lat=, lon=` in degrees on WGS 84 (EPSG:4326). Lengths are metres, measured on UTM zone 49S
(EPSG:32749), whose scale error over Malang Raya is below 0.05 %.
"""
