"""Tables of the brands, of short links with their counts, and of what is measured and assumed."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from tourism.domain.brand import Brand
from tourism.domain.campaign import Campaign
from tourism.domain.measures import Indicator, QuickWin
from tourism.domain.scenario import Assumption, Visitors
from tourism.store.tables import ROW_OF, Base, Loaded


class BrandRow(Loaded):
    """brand.Brand"""

    __tablename__ = "brand"
    id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    wordmark: Mapped[str]
    tagline_id: Mapped[str]
    tagline_en: Mapped[str]
    colour: Mapped[str]
    colour_day: Mapped[str]
    tone_id: Mapped[str]
    tone_en: Mapped[str]
    footer_id: Mapped[str]
    footer_en: Mapped[str]
    licence: Mapped[str]
    basis: Mapped[str]
    hosts: Mapped[str]
    logo: Mapped[str]


class CampaignRow(Loaded):
    """campaign.Campaign"""

    __tablename__ = "campaign"
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    leads_to: Mapped[str]
    place: Mapped[str]
    active: Mapped[str]


class IndicatorRow(Loaded):
    """measures.Indicator"""

    __tablename__ = "indicator"
    id: Mapped[str] = mapped_column(unique=True)
    component: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str]
    unit: Mapped[str]
    formula: Mapped[str]
    source: Mapped[str]
    owner: Mapped[str]
    better: Mapped[str]
    targets: Mapped[str]
    basis: Mapped[str]


class QuickWinRow(Loaded):
    """measures.QuickWin"""

    __tablename__ = "quick_win"
    name: Mapped[str]
    indicator: Mapped[str]
    owner: Mapped[str]
    planned_on: Mapped[date]
    basis: Mapped[str]
    started_on: Mapped[date | None]
    measured_on: Mapped[date | None]


class AssumptionRow(Loaded):
    """scenario.Assumption"""

    __tablename__ = "assumption"
    id: Mapped[str] = mapped_column(unique=True)
    variable: Mapped[str]
    low: Mapped[float]
    central: Mapped[float]
    high: Mapped[float]
    unit: Mapped[str]
    basis: Mapped[str]


class VisitorsRow(Loaded):
    """scenario.Visitors"""

    __tablename__ = "counted_visitors"
    place: Mapped[str]
    period: Mapped[str]
    visitors: Mapped[int]
    source: Mapped[str]


ROW_OF |= {
    Brand: BrandRow,
    Campaign: CampaignRow,
    Indicator: IndicatorRow,
    QuickWin: QuickWinRow,
    Assumption: AssumptionRow,
    Visitors: VisitorsRow,
}


class LinkCountRow(Base):
    """campaign.Visits"""

    __tablename__ = "link_count"
    day: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class LinkDigestRow(Base):
    """Who was counted, and how many of a network, by digests that lead back to nobody once the secret is gone."""

    __tablename__ = "link_digest"
    day: Mapped[date] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class MeasurementRow(Base):
    """measures.Measurement"""

    __tablename__ = "measurement"
    indicator: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    cases: Mapped[int]
