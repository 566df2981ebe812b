"""The kinds of session, and the allowed request fields of each."""

import re
from collections.abc import Mapping

import attrs

NETWORKS = frozenset(
    [
        "VISA",
        "MASTERCARD",
        "AMEX",
        "CARNET",
        "CARTESBANCAIRES",
        "CUP",
        "DINERSCLUB",
        "DISCOVER",
        "EFTPOS",
        "ELO",
        "JAYWAN",
        "JCB",
        "JCREW",
        "KCP",
        "MADA",
        "MAESTRO",
        "MEEZA",
        "PAYPAK",
        "UATP",
    ]
)
_V1_PAYMENT_TYPES = frozenset(
    [
        "PANENTRY",
        "CLICKTOPAY",
        "GOOGLEPAY",
        "APPLEPAY",
        "PAZE",
        "CHECK",
        "TMS_TOKEN",
        "PAYPAL",
        "VENMO",
        "AFFIRM",
        "AFTERPAY",
        "BANCONTACT",
        "DRAGONPAY",
        "IDEAL",
        "KONBINI",
        "MULTIBANCO",
        "MYBANK",
        "PRZELEWY24",
        "TINKPAYBYBANK",
    ]
)
_BUTTONS = frozenset(
    [
        "ADD_CARD",
        "CARD_PAYMENT",
        "CHECKOUT",
        "CHECKOUT_AND_CONTINUE",
        "DEBIT_CREDIT",
        "DONATE",
        "PAY",
        "PAY_WITH_CARD",
        "SAVE_CARD",
        "SUBSCRIBE_WITH_CARD",
    ]
)
_V0_CHOICES: Mapping[str, frozenset[str | bool]] = {
    "buttonType": _BUTTONS,
    "captureMandate.billingType": frozenset({"FULL", "PARTIAL", "NONE"}),
    # SALE is the account's name for CAPTURE, and its default.
    "completeMandate.type": frozenset({"AUTH", "CAPTURE", "PREFER_AUTH", "SALE"}),
    "completeMandate.consumerAuthentication": frozenset({True, False}),
}
_AMOUNT = "data.orderInformation.amountDetails.totalAmount"
_CURRENCY = "data.orderInformation.amountDetails.currency"
_PRICED = (
    "targetOrigins",
    "country",
    "locale",
    _AMOUNT,
    _CURRENCY,
)
_V1_PATTERNS = {
    "clientVersion": re.compile(r"[1-9]\d*\.\d+", re.ASCII),
    "country": re.compile(r"[A-Z]{2}"),
    "locale": re.compile(r"[a-z]{2}_[A-Z]{2}"),
    _AMOUNT: re.compile(r"\d{1,12}(\.\d{1,3})?", re.ASCII),
    _CURRENCY: re.compile(r"[A-Z]{3}"),
}


@attrs.frozen(kw_only=True)
class Generation:
    """
    One kind of session.

    `top_level` are the allowed keys, or None to allow any; `required` the required paths;
    `patterns` and `choices` the allowed values of a path. `context_type` and `library` go into the
    session's token. A kind that is not `priced` has no amount: the payment has it.
    """

    name: str
    context_type: str
    library: str
    required: tuple[str, ...]
    patterns: Mapping[str, re.Pattern[str]]
    choices: Mapping[str, frozenset[str | bool]]
    payment_types: frozenset[str]
    top_level: frozenset[str] | None = None
    priced: bool = True


# `context_type` of version 1 is assumed to be that of the documented sample of version 0.
V1 = Generation(
    name="Unified Checkout 1",
    context_type="gda-0.10.0",
    library="/uc/v1/assets/1.0.0/UnifiedCheckout.js",
    required=_PRICED,
    patterns=_V1_PATTERNS,
    choices={
        **_V0_CHOICES,
        "completeMandate.consumerAuthentication": frozenset({"NONE", "3DS", "PASSKEY"}),
    },
    payment_types=_V1_PAYMENT_TYPES,
    top_level=frozenset(
        {
            "clientVersion",
            "targetOrigins",
            "allowedCardNetworks",
            "allowedPaymentTypes",
            "paymentConfigurations",
            "appearance",
            "country",
            "locale",
            "buttonType",
            "captureMandate",
            "completeMandate",
            "transientTokenResponseOptions",
            "data",
        }
    ),
)
V0 = Generation(
    name="Unified Checkout 0",
    context_type="gda-0.10.0",
    library="/uc/v1/assets/0/SecureAcceptance.js",
    required=("clientVersion", *_PRICED),
    patterns={**_V1_PATTERNS, "clientVersion": re.compile(r"0\.\d+", re.ASCII)},
    choices=_V0_CHOICES,
    payment_types=_V1_PAYMENT_TYPES | {"SRCVISA", "SRCMASTERCARD", "SRCAMEX"},
)
MICROFORM = Generation(
    name="Microform 2",
    context_type="mf-2.0.0",
    library="/microform/bundle/v2.0.2/flex-microform.min.js",
    required=("clientVersion", "targetOrigins", "allowedCardNetworks"),
    patterns={"clientVersion": re.compile(r"v2(\.\d+)?", re.ASCII)},
    choices={},
    payment_types=frozenset({"CARD", "CHECK"}),
    priced=False,
)
