"""The style of a brand: its accent at night, by day and on paper; nothing else of a page changes."""

import hashlib
from functools import lru_cache

from tourism.domain.brand import Brand, ink_on

# One address alone, whatever a page wears.
UNBRANDED = ("office", "api", "ogc", "dumps", "static", "vendor", "metrics", "healthz", "readyz", "sw.js", "logos")
STYLE = """\
@media screen {{ :root {{ --accent: {colour}; --on-accent: {ink}; --link: {colour}; }} }}
@media screen and (prefers-color-scheme: light) {{ :root {{ --link: {colour_day}; }} }}
@media print {{ :root {{ --accent: {colour_day}; }} }}
"""


def style_of(brand: Brand) -> str:
    """Return the style sheet of a brand."""
    return STYLE.format(colour=brand.colour, ink=ink_on(brand.colour), colour_day=brand.colour_day)


@lru_cache(maxsize=16)
def style_version(brand: Brand) -> str:
    """Return what tells its content from others."""
    return hashlib.sha256(style_of(brand).encode()).hexdigest()[:12]
