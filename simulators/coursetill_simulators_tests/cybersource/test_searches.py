"""Search and details: the index delay, the query language, pages, and the rows."""

import pytest

from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant, payment_request

PATH = "/tss/v2/searches"
LAG_SECONDS = 2


@pytest.fixture
def three_sales(merchant: Merchant, clock: Clock) -> list[str]:
    """The ids of sales A, B and C, a second apart, all in the index."""
    ids = []
    for code in ("A", "B", "C"):
        ids.append(merchant.pays(code=code).json()["id"])
        clock.advance(1)
    clock.advance(LAG_SECONDS)
    return ids


def test_a_payment_is_found_after_the_index_delay(merchant: Merchant, clock: Clock) -> None:
    merchant.pays(code="ORDER-42")
    query = 'clientReferenceInformation.code:"ORDER-42"'
    clock.advance(LAG_SECONDS - 0.01)
    assert merchant.finds(query) == []
    clock.advance(0.01)
    assert len(merchant.finds(query)) == 1


def test_a_sale_is_one_row_with_both_applications_and_no_status(
    merchant: Merchant, clock: Clock
) -> None:
    paid = merchant.pays(code="ORDER-42").json()
    clock.advance(LAG_SECONDS)
    (row,) = merchant.finds("clientReferenceInformation.code:ORDER-42")

    assert row["id"] == paid["id"]
    assert row["submitTimeUtc"] == paid["submitTimeUtc"]
    applications = row["applicationInformation"]["applications"]
    assert [(each["name"], each["reasonCode"], each["rFlag"]) for each in applications] == [
        ("ics_auth", "100", "SOK"),
        ("ics_bill", "100", "SOK"),
    ]
    assert row["orderInformation"]["amountDetails"] == {"totalAmount": "247.50", "currency": "USD"}
    assert row["paymentInformation"]["card"]["suffix"] == "1111"
    assert "status" not in row
    assert "4111111111111111" not in str(row)


def test_each_refund_is_a_row_of_its_own(merchant: Merchant, clock: Clock) -> None:
    sale = merchant.pays().json()["id"]
    for amount in ("10.00", "20.00"):
        merchant.refunds(sale, amount)
    clock.advance(LAG_SECONDS)

    rows = merchant.finds('clientReferenceInformation.code:"REFUND-1"')
    assert [row["applicationInformation"]["applications"][0]["name"] for row in rows] == [
        "ics_credit",
        "ics_credit",
    ]
    assert {row["orderInformation"]["amountDetails"]["totalAmount"] for row in rows} == {
        "10.00",
        "20.00",
    }


@pytest.mark.parametrize(
    ("number", "names", "code"),
    [
        ("4000000000002040", ["ics_auth"], "204"),
        ("4000000000004806", ["ics_auth"], "480"),
        ("4000000000001109", ["ics_auth", "ics_bill"], "110"),
    ],
    ids=["declined", "held for review", "partial"],
)
def test_the_reason_code_of_a_row_shows_the_outcome(
    merchant: Merchant, clock: Clock, number: str, names: list[str], code: str
) -> None:
    merchant.pays(number)
    clock.advance(LAG_SECONDS)
    (row,) = merchant.finds('clientReferenceInformation.code:"ORDER-42"')
    applications = row["applicationInformation"]["applications"]
    assert [each["name"] for each in applications] == names
    assert {each["reasonCode"] for each in applications} == {code}


def test_a_payment_with_a_lost_reply_is_found_by_its_reference(
    merchant: Merchant, clock: Clock
) -> None:
    merchant.commands("faults", operation="payments", fault="html", committed=True)
    merchant.pays(code="ORDER-42")
    clock.advance(LAG_SECONDS)
    assert len(merchant.finds('clientReferenceInformation.code:"ORDER-42"')) == 1


def test_rows_are_sorted_newest_first_unless_oldest_first_is_requested(
    merchant: Merchant, three_sales: list[str]
) -> None:
    newest = merchant.finds("merchantId:simulated_merchant", sort="submitTimeUtc:desc")
    oldest = merchant.finds("merchantId:simulated_merchant", sort="submitTimeUtc:asc")
    assert [row["id"] for row in newest] == three_sales[::-1]
    assert [row["id"] for row in oldest] == three_sales


def test_pages_are_consecutive_and_a_page_past_the_end_is_empty(
    merchant: Merchant, three_sales: list[str]
) -> None:
    def page(offset: int) -> dict[str, object]:
        query = {"query": "merchantId:simulated_merchant", "offset": offset, "limit": 2}
        return merchant.post(PATH, query).json()

    first, second, third = page(0), page(2), page(4)
    assert (first["count"], first["totalCount"]) == (2, 3)
    assert (second["count"], second["totalCount"]) == (1, 3)
    assert (third["count"], third["totalCount"]) == (0, 3)
    assert "_embedded" not in third


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('clientReferenceInformation.code:"A"', ["A"]),
        ("clientReferenceInformation.code:A", ["A"]),
        ('clientReferenceInformation.code:"a"', []),
        ('clientReferenceInformation.code:"A" AND merchantId:"simulated_merchant"', ["A"]),
        ('clientReferenceInformation.code:"A" AND merchantId:"other"', []),
        ('clientReferenceInformation.code:"A" AND clientReferenceInformation.code:"B"', []),
        ("submitTimeUtc:[NOW/DAY-7DAYS TO NOW/DAY+1DAY}", ["A", "B", "C"]),
        ("submitTimeUtc:[NOW-1MINUTE TO *]", ["A", "B", "C"]),
        ("submitTimeUtc:[* TO NOW-1HOUR]", []),
        ("submitTimeUtc:[1795348800000 TO 1795348801000]", ["A", "B"]),
        ("submitTimeUtc:[1795348800000 TO 1795348801000}", ["A"]),
        ("submitTimeUtc:{1795348800000 TO 1795348801000]", ["B"]),
        (
            "submitTimeUtc:[NOW-1HOUR TO *] AND clientReferenceInformation.code:C",
            ["C"],
        ),
        ("clientReferenceInformation.code:A OR clientReferenceInformation.code:C", ["A", "C"]),
        (
            (
                "clientReferenceInformation.code:A AND merchantId:other OR "
                "clientReferenceInformation.code:C AND merchantId:simulated_merchant"
            ),
            ["C"],
        ),
        (
            (
                "clientReferenceInformation.code:A OR "
                "clientReferenceInformation.code:C AND merchantId:other"
            ),
            ["A"],
        ),
        (
            (
                "(clientReferenceInformation.code:A OR clientReferenceInformation.code:C) "
                "AND merchantId:other"
            ),
            [],
        ),
        (
            (
                "merchantId:simulated_merchant AND ( clientReferenceInformation.code:A OR "
                "((clientReferenceInformation.code:B)) )"
            ),
            ["A", "B"],
        ),
    ],
)
def test_the_query_filters_the_rows(
    merchant: Merchant, three_sales: list[str], query: str, found: list[str]
) -> None:
    rows = merchant.finds(query, sort="submitTimeUtc:asc")
    assert [row["clientReferenceInformation"]["code"] for row in rows] == found


def test_a_payment_is_found_by_its_defined_fields(merchant: Merchant, clock: Clock) -> None:
    said = {
        "buyerInformation": {"merchantCustomerId": "ada"},
        "deviceInformation": {"ipAddress": "203.0.113.7"},
        "merchantDefinedInformation": [{"key": "1", "value": "A-1"}],
    }
    merchant.post("/pts/v2/payments", {**payment_request(code="A"), **said})
    merchant.pays(code="B")
    clock.advance(LAG_SECONDS)
    for query in (
        "buyerInformation.merchantCustomerId:ada",
        'deviceInformation.ipAddress:"203.0.113.7"',
    ):
        (row,) = merchant.finds(query)
        assert {name: row[name] for name in said} == said
        details = merchant.get(f"/tss/v2/transactions/{row['id']}").json()
        assert {name: details[name] for name in said} == said


@pytest.mark.parametrize("marks", ["A", [{"value": "A"}], ["A"], [{"key": "1", "value": 1}]])
def test_invalid_defined_fields_are_refused(merchant: Merchant, marks: object) -> None:
    wanted = {**payment_request(), "merchantDefinedInformation": marks}
    assert merchant.post("/pts/v2/payments", wanted).status_code == 400


def test_a_quote_in_a_reference_does_not_end_the_string(merchant: Merchant, clock: Clock) -> None:
    merchant.pays(code='A" AND merchantId:"x')
    merchant.pays(code="A")
    clock.advance(LAG_SECONDS)
    rows = merchant.finds(r'clientReferenceInformation.code:"A\" AND merchantId:\"x"')
    assert [row["clientReferenceInformation"]["code"] for row in rows] == ['A" AND merchantId:"x']


@pytest.mark.parametrize(
    "query",
    [
        "A",
        "code:A",
        'clientReferenceInformation.code:"A',
        "clientReferenceInformation.code:A AND",
        "clientReferenceInformation.code:A OR",
        "clientReferenceInformation.code:A NOT clientReferenceInformation.code:B",
        "(clientReferenceInformation.code:A",
        "clientReferenceInformation.code:A)",
        "()",
        "(clientReferenceInformation.code:A) clientReferenceInformation.code:B",
        "(" * 51 + "id:1" + ")" * 51,
        "clientReferenceInformation.code:[A TO B]",
        "submitTimeUtc:[NOW}",
        "submitTimeUtc:[yesterday TO NOW]",
        "submitTimeUtc:[NOW-99999999DAYS TO NOW]",
        " ",
    ],
)
def test_an_unsupported_query_is_refused(merchant: Merchant, query: str) -> None:
    reply = merchant.post(PATH, {"query": query})
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    "page", [{"limit": 2501}, {"limit": -1}, {"offset": -1}, {"offset": "0"}, {"limit": True}]
)
def test_an_invalid_page_is_refused(merchant: Merchant, page: dict[str, object]) -> None:
    assert merchant.post(PATH, {"query": "id:1", **page}).status_code == 400


def test_details_show_the_whole_transaction_after_the_delay(
    merchant: Merchant, clock: Clock
) -> None:
    sale = merchant.pays(amount="99.99").json()["id"]
    refund = merchant.refunds(sale, "33.34").json()["id"]
    path = f"/tss/v2/transactions/{refund}"
    assert merchant.get(path).status_code == 404
    clock.advance(LAG_SECONDS)

    told = merchant.get(path).json()
    assert (told["id"], told["rootId"]) == (refund, sale)
    assert "submitTimeUTC" in told
    assert told["applicationInformation"]["reasonCode"] == 100
    assert told["applicationInformation"]["status"] == "PENDING"
    assert told["orderInformation"]["amountDetails"]["totalAmount"] == "33.34"


def test_details_of_an_unknown_transaction_are_not_found(merchant: Merchant) -> None:
    reply = merchant.get("/tss/v2/transactions/1")
    assert (reply.status_code, reply.json()) == (
        404,
        {"message": "The requested resource does not exist"},
    )


def test_details_show_the_batch_and_a_void(merchant: Merchant, clock: Clock) -> None:
    def status(payment_id: str) -> str:
        told = merchant.get(f"/tss/v2/transactions/{payment_id}").json()
        return told["applicationInformation"]["status"]

    kept, voided, held = (
        merchant.pays(capture=capture).json()["id"] for capture in (True, True, False)
    )
    clock.advance(LAG_SECONDS)
    assert [status(each) for each in (kept, voided, held)] == ["PENDING", "PENDING", "AUTHORIZED"]
    merchant.post(f"/pts/v2/payments/{voided}/voids", {})
    merchant.commands("settlements")
    assert [status(each) for each in (kept, voided)] == ["TRANSMITTED", "VOIDED"]


def test_a_stored_search_is_run_again_by_its_id(merchant: Merchant, clock: Clock) -> None:
    query = {"query": 'clientReferenceInformation.code:"ORDER-42"', "save": True, "limit": 7}
    first = merchant.post(PATH, query).json()
    assert (first["totalCount"], first["save"]) == (0, True)
    merchant.pays(code="ORDER-42")
    clock.advance(LAG_SECONDS)

    again = merchant.get(f"{PATH}/{first['searchId']}")
    assert again.status_code == 201
    assert again.json()["totalCount"] == 1
    assert (again.json()["searchId"], again.json()["limit"]) == (first["searchId"], 7)


def test_an_unknown_search_is_not_found(merchant: Merchant) -> None:
    assert merchant.get(f"{PATH}/11111111-1111-4111-8111-111111111111").status_code == 404


def test_a_refused_query_is_not_stored_as_a_search(merchant: Merchant) -> None:
    merchant.post(PATH, {"query": "nonsense"})
    merchant.commands("faults", operation="searches", fault="html", committed=False)
    assert merchant.get(f"{PATH}/1").status_code == 502
