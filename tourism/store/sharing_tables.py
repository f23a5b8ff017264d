"""Tables of what is shared: feeds with their pulls, where records came from, changes to take, keys, widgets, dumps."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tourism.domain.sharing import Feed, Widget
from tourism.store.tables import ROW_OF, Base, Loaded


class FeedRow(Loaded):
    """sharing.Feed"""

    __tablename__ = "feed"
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    url: Mapped[str]
    format: Mapped[str]
    licence: Mapped[str]
    contact: Mapped[str]
    every_h: Mapped[int]
    municipality: Mapped[str | None]
    trusted: Mapped[str]
    active: Mapped[str]


class WidgetRow(Loaded):
    """sharing.Widget"""

    __tablename__ = "widget"
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    colour: Mapped[str]
    origins: Mapped[str]
    municipality: Mapped[str | None]


ROW_OF |= {Feed: FeedRow, Widget: WidgetRow}


class FeedStateRow(Base):
    """sharing.FeedState"""

    __tablename__ = "feed_state"
    feed: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str]
    last_modified: Mapped[str]
    cursor: Mapped[str]
    next_at: Mapped[datetime | None]
    failures: Mapped[int]
    locked_by: Mapped[str]
    locked_until: Mapped[datetime | None]
    rows: Mapped[int]
    held: Mapped[int | None]
    accepted: Mapped[int | None]
    headings: Mapped[dict[str, str]]
    columns: Mapped[dict[str, str]]
    categories: Mapped[dict[str, str]]


class RunRow(Base):
    """sharing.Run"""

    __tablename__ = "feed_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    issues: Mapped[list[Any]] = mapped_column(JSON)
    problem: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))


class QueuedRow(Base):
    """sharing.QueuedRow"""

    __tablename__ = "queued_row"
    feed: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str]
    row: Mapped[dict[str, Any]] = mapped_column(JSON)


class OriginRow(Base):
    """sharing.Origin"""

    __tablename__ = "origin"
    __table_args__ = (Index("ix_origin_feed", "feed", "source", "external_id", unique=True),)
    key: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str]
    source: Mapped[str]
    external_id: Mapped[str]
    uuid: Mapped[str] = mapped_column(index=True)
    chain: Mapped[str]
    licence: Mapped[str]
    digest: Mapped[str]
    seen: Mapped[int]
    gone_at: Mapped[datetime | None]


class ListingChangeRow(Base):
    """sharing.ListingChange; lines are only added, one writer at a time, so that their numbers are their order."""

    __tablename__ = "listing_change"
    seq: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    key: Mapped[str] = mapped_column(index=True)
    uuid: Mapped[str]
    at: Mapped[datetime]
    municipality: Mapped[str]
    source: Mapped[str]
    external_id: Mapped[str]
    chain: Mapped[str]
    licence: Mapped[str]
    fields: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))


class ApiKeyRow(Base):
    """sharing.ApiKey"""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    municipality: Mapped[str]
    scope: Mapped[str]
    digest: Mapped[str]
    per_s: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ends_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class DumpRow(Base):
    """One file of a day's dump."""

    __tablename__ = "dump"
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
