"""Output of financial aid: text for staff, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from coursetill_financial_aid.iso3166 import COUNTRIES
from coursetill_financial_aid.request import AidRequest, AidRequestEntry
from coursetill_financial_aid.tiers import TierSet


def shape(request: AidRequest, history: Iterable[AidRequestEntry] = ()) -> dict[str, Any]:
    """A request as JSON, with times in UTC."""
    return {
        "id": request.id,
        "learner": request.learner,
        "email": request.email,
        "tier_set": request.tier_set,
        "country": request.country,
        "income": request.income.units if request.income else None,
        "currency": request.income.currency if request.income else None,
        "income_usd": None if request.dollars is None else request.dollars.plain,
        "tier": request.tier.written,
        "state": request.state.value,
        "asked_at": request.asked_at.isoformat(),
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "valid_until": request.valid_until.isoformat() if request.valid_until else None,
        "history": history_shape(history),
    }


def history_shape(history: Iterable[AidRequestEntry]) -> list[dict[str, str]]:
    return [
        {"at": entry.at.isoformat(), "by": str(entry.by), "what": entry.what, "why": entry.why}
        for entry in history
    ]


def tier_set_shape(tiers: TierSet) -> dict[str, Any]:
    """A set of tiers as JSON."""
    return {
        "name": tiers.name,
        "title": tiers.title,
        "covers": str(tiers.scope),
        "tiers": [tier.written for tier in tiers.tiers],
        "held_below": tiers.held_below.plain,
        "valid_days": tiers.valid_days,
    }


@attrs.frozen
class AidWords:
    """Text output, with times in the time zone of the settings."""

    zone: ZoneInfo

    titles = ("Id", "Learner", "Tiers", "Country", "Income", "Tier", "State", "Asked")

    def row(self, request: AidRequest) -> Sequence[str]:
        return (
            request.id,
            request.email or request.learner,
            request.tier_set,
            request.country,
            str(request.income or "erased"),
            request.tier.description,
            request.state.value,
            self.moment(request.asked_at),
        )

    def facts(self, request: AidRequest) -> Sequence[tuple[str, str]]:
        dollars = "" if request.dollars is None else f" ({request.dollars} USD)"
        return (
            ("Id", request.id),
            ("Learner", request.learner),
            ("E-mail", request.email),
            ("Tiers", request.tier_set),
            ("Country", f"{request.country} {COUNTRIES.get(request.country, '')}"),
            ("Income", f"{request.income}{dollars} a year" if request.income else "erased"),
            ("Tier", f"{request.tier.description} (from {request.tier.from_income} USD)"),
            ("State", request.state.value),
            ("Asked", self.moment(request.asked_at)),
            ("Decided", self.moment(request.decided_at)),
            ("Valid until", self.moment(request.valid_until)),
        )

    def entry(self, entry: AidRequestEntry) -> str:
        told = f"{self.moment(entry.at)}  {entry.what}  {entry.by}"
        return f"{told}: {entry.why}" if entry.why else told

    def moment(self, at: datetime | None) -> str:
        return at.astimezone(self.zone).isoformat(" ", "minutes") if at else ""
