"""The rules of waiting and leaving; no web, no database, no clock.

Instants are timezone-aware; people read them in WIB (Asia/Jakarta, UTC+7). A night's service date is the date of
the sunrise that ends it. Intervals are half-open.
"""
