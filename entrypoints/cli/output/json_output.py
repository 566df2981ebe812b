"""Facts as JSON for programs: one shape for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from core.audit_log import AuditEntry
from core.discounts.discount import Offer
from core.job_runs import JobRun
from core.money import Money
from core.products.product import CourseRun, PriceVersion, Product
from core.use_cases.catalogue.import_catalogue import ImportPlan
from entrypoints.wording.sentences import Wording

Shape: TypeAlias = Mapping[str, Any]


def money(amount: Money) -> Shape:
    return {"amount": amount.plain, "currency": amount.currency.code}


def plan(planned: ImportPlan, *, dry_run: bool) -> Shape:
    return {
        "dry_run": dry_run,
        "added": [product.sku.text for product in planned.added],
        "changed": [
            {"sku": change.product.sku.text, "what": list(change.what)}
            for change in planned.changed
        ],
        "unchanged": planned.unchanged,
        "repriced": planned.repriced,
    }


@attrs.frozen
class JsonOutput:
    """JSON shapes with times: ISO 8601, with the offset of the shop's time zone."""

    zone: ZoneInfo
    words: Wording

    def moment(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self.zone).isoformat()

    def job(self, run: JobRun) -> Shape:
        return {
            "job": run.job,
            "started_at": self.moment(run.started_at),
            "due_at": self.moment(run.due_at),
            "last_error": run.last_error,
        }

    def product(self, product: Product, at: datetime) -> Shape:
        sells = product.sells
        run = sells if isinstance(sells, CourseRun) else None
        refusal = product.why_not(at)
        return {
            "sku": product.sku.text,
            "kind": "course-run" if run else "program",
            "readable_id": product.readable_id,
            "title": product.title,
            "price": money(product.price),
            "price_version": product.price_version.number,
            "listing": product.listing.value,
            "open": refusal is None,
            "why_not": None if refusal is None else self.words.sentence(refusal),
            "enrollment_opens_at": self.moment(product.enrollment_opens_at),
            "payment_deadline_at": self.moment(product.payment_deadline_at),
            "starts_at": self.moment(run.starts_at) if run else None,
            "ends_at": self.moment(run.ends_at) if run else None,
            "seats": product.seats,
            "seats_taken": product.seats_taken,
            "course": product.course,
            "courses": list(product.courses),
            "programs": sorted(sku.text for sku in product.programs),
        }

    def price(self, version: PriceVersion) -> Shape:
        return {
            "number": version.number,
            "price": money(version.price),
            "since": self.moment(version.since),
        }

    def journal_entry(self, entry: AuditEntry) -> Shape:
        return {
            "number": entry.number,
            "at": self.moment(entry.at),
            "by": str(entry.by),
            "about": {"kind": entry.subject.kind, "id": entry.subject.id},
            "what": entry.what,
            "why": entry.why,
        }

    def discount(self, offer: Offer, at: datetime) -> Shape:
        discount, limits = offer.discount, offer.discount.limits
        refusal = attrs.evolve(offer, assigned=True).why_not(at)
        return {
            "code": discount.code.text,
            "kind": discount.saving.kind,
            "amount": discount.saving.written,
            "currency": discount.saving.currency.code if discount.saving.currency else None,
            "saving": self.words.sentence(discount.saving),
            "source": discount.source.value,
            "products": sorted(sku.text for sku in discount.scope.products),
            "programs": sorted(sku.text for sku in discount.scope.programs),
            "courses": sorted(discount.scope.courses),
            "activates_at": self.moment(discount.window.activates_at),
            "expires_at": self.moment(discount.window.expires_at),
            "redemption_type": limits.type.value,
            "max_redemptions": limits.max_redemptions,
            "max_per_learner": limits.max_per_learner,
            "payment_type": discount.payment_type.value,
            "batch": discount.batch,
            "used": offer.used,
            "usable": refusal is None,
            "why_not": None if refusal is None else self.words.sentence(refusal),
        }
