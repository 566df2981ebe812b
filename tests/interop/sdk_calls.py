"""
Calls a simulator with the vendor's own client, once with each kind of authentication.

Runs in the client's environment, without this project: it reads where and who from its standard
input, as JSON, and prints one line of JSON for each call.
"""

import json
import re
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from CyberSource import (
    CaptureApi,
    ConversionDetailsApi,
    CreateNewWebhooksApi,
    ManageWebhooksApi,
    MicroformIntegrationApi,
    PaymentBatchSummariesApi,
    PaymentsApi,
    PurchaseAndRefundDetailsApi,
    RefundApi,
    ReportDownloadsApi,
    ReportsApi,
    ReversalApi,
    SearchTransactionsApi,
    TransactionDetailsApi,
    UnifiedCheckoutCaptureContextApi,
    UnifiedCheckoutV1CaptureContextApi,
    VoidApi,
)
from CyberSource.rest import ApiException

HOST = "apitest.cybersource.com"
ENDPOINTS = ["payments", "captures", "refunds", "voids", "reversals", "searches"]
DAYS = ("2026-11-01T00:00:00.000Z", "2026-11-30T00:00:00.000Z")
SPAN = ("2026-01-01T00:00:00.000Z", "2036-01-01T00:00:00.000Z")

Told = dict[str, Any]


def configurations(told: Told) -> dict[str, Told]:
    """The client's settings for each way to authenticate."""
    merchant = {
        "merchantid": told["merchant_id"],
        "run_environment": HOST,
        "IntermediateHost": told["url"],
        "merchant_keyid": told["key_id"],
        "merchant_secretkey": told["secret"],
    }
    shared = {**merchant, "authentication_type": "jwt", "jwt_key_type": "SHARED_SECRET"}
    p12 = {
        **merchant,
        "authentication_type": "jwt",
        "jwt_key_type": "P12",
        "keys_directory": told["keys_directory"],
        "key_file_name": told["key_file_name"],
        "key_alias": told["merchant_id"],
        "key_password": told["key_password"],
    }
    encrypted = {
        # Numbers, because the client stumbles over true when it notes its own settings.
        "enableRequestMLEForOptionalApisGlobally": 1,
        "enableResponseMleGlobally": 1,
        "responseMleKID": told["reply_key_id"],
        "responseMlePrivateKeyFilePath": told["reply_key_file"],
    }
    certificate = {"mleForRequestPublicCertPath": told["mle_certificate_file"]}
    return {
        "http_signature": {**merchant, "authentication_type": "http_signature"},
        "jwt shared secret": shared,
        "jwt p12": p12,
        "jwt shared secret, encrypted": {**shared, **encrypted, **certificate},
        "jwt p12, encrypted": {**p12, **encrypted},
    }


def spelled(content: Told) -> str:
    """The body in the spelling that the client's own models use, which it turns round again."""

    def snake(value: Any) -> Any:
        if isinstance(value, list):
            return [snake(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name): snake(each)
            for name, each in value.items()
        }

    return json.dumps(snake(content))


def amount(total: str) -> Told:
    return {"amountDetails": {"totalAmount": total, "currency": "USD"}}


def payment(code: str, *, capture: bool) -> str:
    card = {
        "number": "4111111111111111",
        "expirationMonth": "12",
        "expirationYear": "2031",
        "securityCode": "123",
    }
    bill_to = {
        "firstName": "Ada",
        "lastName": "Lovelace",
        "address1": "1 Main St",
        "locality": "Cambridge",
        "administrativeArea": "MA",
        "postalCode": "02139",
        "country": "US",
        "email": "ada@example.com",
    }
    return spelled(
        {
            "clientReferenceInformation": {"code": code},
            "processingInformation": {"capture": capture, "commerceIndicator": "internet"},
            "paymentInformation": {"card": card},
            "orderInformation": {**amount("247.50"), "billTo": bill_to},
        }
    )


def session() -> str:
    return spelled(
        {
            "targetOrigins": ["https://shop.example.com"],
            "country": "US",
            "locale": "en_US",
            "allowedCardNetworks": ["VISA", "MASTERCARD"],
            "allowedPaymentTypes": ["PANENTRY"],
            "captureMandate": {"billingType": "NONE", "requestEmail": False},
            "data": {
                "orderInformation": amount("247.50"),
                "clientReferenceInformation": {"code": "SDK-SESSION"},
            },
        }
    )


def older_session() -> str:
    return spelled(
        {
            "clientVersion": "0.33",
            "targetOrigins": ["https://shop.example.com"],
            "country": "US",
            "locale": "en_US",
            "allowedCardNetworks": ["VISA", "MASTERCARD"],
            "allowedPaymentTypes": ["PANENTRY", "SRCVISA"],
            "data": {"orderInformation": amount("247.50")},
        }
    )


def microform() -> str:
    return spelled(
        {
            "clientVersion": "v2",
            "targetOrigins": ["https://shop.example.com"],
            "allowedCardNetworks": ["VISA"],
            "allowedPaymentTypes": ["CARD"],
        }
    )


def reference(code: str, total: str) -> str:
    return spelled(
        {"clientReferenceInformation": {"code": code}, "orderInformation": amount(total)}
    )


def tell(line: Told) -> None:
    """One line of what happened."""
    sys.stdout.write(json.dumps(line) + "\n")


def switch(url: str, **positions: Any) -> None:
    """Turn switches of the simulator."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/simulator/switches", json.dumps(positions), headers)
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise RuntimeError(f"the simulator answered {status} to {positions}")


class Caller:
    """Calls, and prints what came of it."""

    def __init__(self, way: str, settings: Told) -> None:
        self.way = way
        self._settings = settings

    def __call__(self, name: str, api: type, call: Callable[[Any], Any]) -> Any:
        """The reply of the client. Raises AttributeError later on where there is none."""
        line = {"way": self.way, "call": name}
        try:
            told, status, _ = call(api(dict(self._settings)))
        except ApiException as refusal:
            tell({**line, "http": refusal.status, "body": str(refusal.body)})
            return None
        content = getattr(told, "status", None)
        tell({**line, "http": status, "status": content, "type": type(told).__name__})
        return told


def pay_and_look(call: Caller, code: str) -> None:
    """The money: paid, refunded, captured, reversed, voided, found again."""
    call(
        "session",
        UnifiedCheckoutV1CaptureContextApi,
        lambda api: api.generate_unified_checkout_v1_capture_context(session()),
    )
    call(
        "session of version 0",
        UnifiedCheckoutCaptureContextApi,
        lambda api: api.generate_unified_checkout_capture_context(older_session()),
    )
    call(
        "microform session",
        MicroformIntegrationApi,
        lambda api: api.generate_capture_context(microform()),
    )
    sale = call("payment", PaymentsApi, lambda api: api.create_payment(payment(code, capture=True)))
    call(
        "refund",
        RefundApi,
        lambda api: api.refund_payment(reference(f"{code}-REFUND", "100.00"), sale.id),
    )
    held = call(
        "authorisation",
        PaymentsApi,
        lambda api: api.create_payment(payment(f"{code}-HELD", capture=False)),
    )
    taken = call(
        "capture",
        CaptureApi,
        lambda api: api.capture_payment(reference(f"{code}-CAPTURE", "40.00"), held.id),
    )
    call(
        "void of the capture",
        VoidApi,
        lambda api: api.void_capture(
            spelled({"clientReferenceInformation": {"code": f"{code}-VOID"}}), taken.id
        ),
    )
    reversal = {
        "clientReferenceInformation": {"code": f"{code}-REVERSAL"},
        "reversalInformation": {"amountDetails": {"totalAmount": "247.50"}, "reason": "test"},
    }
    call("reversal", ReversalApi, lambda api: api.auth_reversal(held.id, spelled(reversal)))
    query = {
        "save": False,
        "name": "interop",
        "timezone": "UTC",
        "query": f'clientReferenceInformation.code:"{code}"',
        "offset": 0,
        "limit": 20,
        "sort": "submitTimeUtc:desc",
    }
    found = call("search", SearchTransactionsApi, lambda api: api.create_search(spelled(query)))
    call("search again", SearchTransactionsApi, lambda api: api.get_search(found.search_id))
    details = call("details", TransactionDetailsApi, lambda api: api.get_transaction(sale.id))
    tell(
        {
            "way": call.way,
            "call": "what was found",
            "rows": found.total_count,
            "the sale": details.id == sale.id,
        }
    )


def report_and_subscribe(call: Caller, told: Told) -> None:
    """The rest: reports, webhooks, and a call that is refused."""
    call("conversion details", ConversionDetailsApi, lambda api: api.get_conversion_detail(*SPAN))
    call(
        "batch summaries",
        PaymentBatchSummariesApi,
        lambda api: api.get_payment_batch_summary(*SPAN),
    )
    call(
        "refund details",
        PurchaseAndRefundDetailsApi,
        lambda api: api.get_purchase_and_refund_details(*SPAN),
    )
    call("reports", ReportsApi, lambda api: api.search_reports(*DAYS, "reportTimeFrame"))
    call(
        "report download",
        ReportDownloadsApi,
        lambda api: api.download_report("2026-11-22", "DailyTransactionRequestReport"),
    )
    key = {
        "clientRequestAction": "CREATE",
        "keyInformation": {
            "provider": "nrtd",
            "tenant": told["merchant_id"],
            "keyType": "sharedSecret",
            "organizationId": told["merchant_id"],
        },
    }
    call(
        "webhook key",
        CreateNewWebhooksApi,
        lambda api: api.save_sym_egress_key(save_sym_egress_key=spelled(key)),
    )
    credentials = {
        "clientRequestAction": "STORE",
        "keyInformation": {
            "provider": told["merchant_id"],
            "tenant": "nrtd",
            "keyType": "oAuthClientCredentials",
            "organizationId": told["merchant_id"],
            "clientKeyId": "shop",
            "key": "worthless",
        },
    }
    call(
        "OAuth credentials",
        CreateNewWebhooksApi,
        lambda api: api.save_sym_egress_key(save_sym_egress_key=spelled(credentials)),
    )
    certificate = {
        "clientRequestAction": "STORE",
        "keyInformation": {
            "provider": told["merchant_id"],
            "tenant": "nrtd",
            "keyType": "publickey",
            "organizationId": told["merchant_id"],
            "pub": told["certificate"],
        },
    }
    call(
        "webhook certificate",
        ManageWebhooksApi,
        lambda api: api.save_asym_egress_key(spelled(certificate)),
    )
    hook = {
        "name": "interop",
        "organizationId": told["merchant_id"],
        "products": [{"productId": "payments", "eventTypes": ["payments.refund.status.accepted"]}],
        "webhookUrl": "http://127.0.0.1:9/hooks",
        "healthCheckUrl": "http://127.0.0.1:9/health",
        "notificationScope": "SELF",
        "securityPolicy": {"securityType": "KEY", "proxyType": "external"},
    }
    made = call(
        "webhook",
        CreateNewWebhooksApi,
        lambda api: api.notification_subscriptions_v2_webhooks_post(create_webhook=spelled(hook)),
    )
    call(
        "webhooks",
        ManageWebhooksApi,
        lambda api: api.get_webhook_subscriptions_by_org(told["merchant_id"]),
    )
    call(
        "webhook deleted",
        ManageWebhooksApi,
        lambda api: api.delete_webhook_subscription(made.webhook_id),
    )
    call(
        "refund of nothing",
        RefundApi,
        lambda api: api.refund_payment(reference("NONE", "1.00"), "7" * 22),
    )


def main() -> None:
    """Every call, every way."""
    told = json.load(sys.stdin)
    for number, (way, settings) in enumerate(configurations(told).items()):
        # From here on a body in clear would be refused, and so would HTTP Signature.
        if "encrypted" in way:
            switch(told["url"], mle_mandatory=ENDPOINTS, http_signature_ended=True)
        call = Caller(way, settings)
        pay_and_look(call, f"SDK-{number}")
        report_and_subscribe(call, told)


main()
