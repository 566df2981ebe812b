"""The checks of a webhook subscription request, and the body of a subscription."""

from collections.abc import Mapping
from typing import Any

from coursetill_simulators.cybersource.http_client import stays_here
from coursetill_simulators.cybersource.webhooks.events import products
from coursetill_simulators.cybersource.webhooks.receiver_authentication import (
    ReceiverAuthentication,
)
from coursetill_simulators.cybersource.webhooks.subscription_store import (
    RetryPolicy,
    Spacing,
    StoredSubscription,
)
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, missing, wrong

SECURITY_TYPES = frozenset({"oAuth", "oAuth_JWT"})


def products_in(body: Body) -> dict[str, tuple[str, ...]]:
    """Event names by product id. Raises Refusal for unknown products or events."""
    wanted = body.at("products")
    if not isinstance(wanted, list) or not wanted:
        raise missing("products")
    known = products()
    found: dict[str, tuple[str, ...]] = {}
    for each in wanted:
        product = Body(each if isinstance(each, Mapping) else {})
        product_id, events = product.text("productId"), product.at("eventTypes")
        listed = known.get(product_id, [])
        if not isinstance(events, list) or not events or not set(map(str, events)) <= set(listed):
            raise wrong("products")
        found[product_id] = tuple(map(str, events))
    return found


def address_in(body: Body, path: str) -> str:
    """A URL on this machine. The simulator sends to no other."""
    url = body.text(path, 2000)
    if not stays_here(url):
        raise Refusal(
            "INVALID_DATA",
            "Declined - The simulator delivers to loopback addresses only",
            ((path, "INVALID_DATA"),),
        )
    return url


def retry_policy_in(body: Body) -> RetryPolicy:
    """The retry policy, or the documented default."""
    given = Body(body.at("retryPolicy") or {})
    usual = RetryPolicy()
    spacing = given.optional_text("algorithm") or usual.algorithm.value
    if spacing not in {each.value for each in Spacing}:
        raise wrong("retryPolicy.algorithm")
    return RetryPolicy(
        algorithm=Spacing(spacing),
        first_retry=_number(given, "firstRetry", usual.first_retry),
        interval=_number(given, "interval", usual.interval),
        number_of_retries=_number(given, "numberOfRetries", usual.number_of_retries),
        # The documented request sends it as text.
        deactivate=given.at("deactivateFlag") in (True, "true"),
        repeat_sequence_count=_number(given, "repeatSequenceCount", 0),
        repeat_sequence_wait=_number(given, "repeatSequenceWaitTime", 0),
    )


def security_in(body: Body) -> ReceiverAuthentication:
    """How the receiver authenticates the caller. The vendor's documents write KEY and key."""
    found = body.optional_text("securityPolicy.securityType") or "KEY"
    if found.upper() == "KEY":
        return ReceiverAuthentication()
    if found not in SECURITY_TYPES:
        raise wrong("securityPolicy.securityType")
    config = "securityPolicy.config"
    if (body.optional_text(f"{config}.oAuthTokenType") or "Bearer") != "Bearer":
        raise wrong(f"{config}.oAuthTokenType")
    further = f"{config}.additionalConfig"
    # An assertion needs an issuer and an audience.
    named = body.text if found == "oAuth_JWT" else body.optional_text
    return ReceiverAuthentication(
        type=found,
        token_url=address_in(body, f"{config}.oAuthURL"),
        audience=named(f"{further}.aud") or "",
        client_id=named(f"{further}.clientId") or "",
        key_id=body.optional_text(f"{further}.keyId") or "",
        scope=body.optional_text(f"{further}.scope") or "",
    )


def subscription_body(subscription: StoredSubscription) -> dict[str, Any]:
    """The body of a subscription, in the form that the vendor's own client reads."""
    policy = subscription.retry_policy
    return {
        "webhookId": subscription.id,
        "organizationId": subscription.organization_id,
        "name": subscription.name,
        "description": subscription.description,
        "products": [
            {"productId": product_id, "eventTypes": list(events)}
            for product_id, events in subscription.products.items()
        ],
        "webhookUrl": subscription.webhook_url,
        "healthCheckUrl": subscription.health_check_url,
        "status": subscription.status.value,
        "notificationScope": subscription.scope,
        "createdOn": written(subscription.created_at),
        "retryPolicy": {
            "algorithm": policy.algorithm.value,
            "firstRetry": policy.first_retry,
            "interval": policy.interval,
            "numberOfRetries": policy.number_of_retries,
            "deactivateFlag": "true" if policy.deactivate else "false",
            "repeatSequenceCount": policy.repeat_sequence_count,
            "repeatSequenceWaitTime": policy.repeat_sequence_wait,
        },
        "securityPolicy": subscription.security.as_requested(),
    }


def _number(given: Body, path: str, usual: int) -> int:
    found = given.at(path)
    if found is None:
        return usual
    if type(found) is not int or not 0 <= found <= 10_000:
        raise wrong(f"retryPolicy.{path}")
    return found
