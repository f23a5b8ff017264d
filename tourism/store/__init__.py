"""The database: typed tables, migrations, one unit of work for writes and one reader for pages.

Rows never leave this package; it takes and returns the values of the rules.
"""
