"""Events as the shop writes them."""

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from core.messaging.outbox import Event, EventName
from core.order_reference import Reference

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORDER = Reference("CT-7K3M-Q9XD-2FVT")
COURSE = "course-v1:MITxT+14.310x+1T2027"


def line_event(
    name: EventName = EventName.FULFILMENT_REQUESTED,
    *,
    order: Reference = ORDER,
    learner: str = "ada",
    runs: tuple[str, ...] = (),
    **changed: Any,
) -> Event:
    """What the shop tells of one line of an order."""
    body = {
        "reference": order,
        "learner": MappingProxyType({"id": learner, "email": "ada@example.org", "name": "Ada <b>"}),
        "title": "Data Analysis",
        "readable_id": COURSE,
        "runs": tuple({"sku": "run", "readable_id": run} for run in runs),
    }
    told = {"id": f"{order}/1/{name.value}", "position": 1, "body": body} | changed
    return Event(told["id"], name, order, AT, told["body"], told["position"])
