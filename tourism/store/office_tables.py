"""Tables of what the office keeps: accounts, records with their audit, photos, and sheets that wait for a yes."""

from datetime import datetime

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourism.store.tables import Base


class AccountRow(Base):
    """account.User"""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    municipality: Mapped[str]
    operator: Mapped[str]
    venue: Mapped[str]
    password: Mapped[str]
    stamp: Mapped[int]
    disabled_at: Mapped[datetime | None]


class SessionRow(Base):
    """account.Session"""

    __tablename__ = "session"
    digest: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[int] = mapped_column(index=True)
    csrf: Mapped[str]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class AttemptsRow(Base):
    """account.Attempts"""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class SettingRow(Base):
    """What the service remembers for itself: the key that signs links, how a sheet's columns were read."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class RecordRow(Base):
    """record.Record"""

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("kind", "key", name="uq_record_kind"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(index=True)
    published: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    proposed: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime | None]
    remarks: Mapped[dict[str, str]]
    given: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    layer: Mapped[dict[str, str]]
    uuid: Mapped[str] = mapped_column(index=True)


class AuditRow(Base):
    """record.Line; the database itself refuses to change or to delete one."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    step: Mapped[str]
    before: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str]
    request_id: Mapped[str]


class PhotoRow(Base):
    """A picture as we re-encoded it, by the SHA-256 of its bytes."""

    __tablename__ = "photo"
    digest: Mapped[str] = mapped_column(primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class SheetRow(Base):
    """A sheet that was checked and waits for a yes."""

    __tablename__ = "sheet"
    id: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[int]
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
