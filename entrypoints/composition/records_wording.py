"""The sentences about the records: database unavailable, old tables, conflicts."""

from __future__ import annotations

from adapters.memory.shop import ShopIsBusy
from adapters.sql.engine import NotADatabase
from adapters.sql.errors import AlreadyThere, CannotBeKept, ChangedMeanwhile, RecordsUnavailable
from adapters.sql.lookup import NameLookupUnavailable
from adapters.sql.migrations import MigrationState, SchemaIsNewer, SchemaIsOlder
from adapters.sql.migrations.gateway_account import AccountIsNeeded
from entrypoints.wording.sentences import Entries, Wording, error, phrase
from entrypoints.wording.staff import one_line


def _older(refused: SchemaIsOlder, words: Wording) -> str:
    if refused.state is MigrationState.EMPTY:
        return words.say("The database has no tables yet. Run `coursetill db upgrade`")
    return words.say("The database is older. Run `coursetill db upgrade`")


def _cause(refused: RecordsUnavailable | NameLookupUnavailable, words: Wording) -> str:
    return words.say("The database cannot be used: {reason}", reason=one_line(refused.reason))


def _account(refused: AccountIsNeeded, words: Wording) -> str:
    template = (
        "The database has payments, and this upgrade stores the gateway account that each belongs "
        "to. Configure the payment gateway that took them, then run `coursetill db upgrade` again. "
        "Nothing was changed"
    )
    if len(refused.gateways) > 1:
        template = (
            "The database has payments, and this upgrade stores the gateway account that each "
            "belongs to. Several payment gateways are configured ({gateways}), and nothing says "
            "which of them took these payments. COURSETILL_GATEWAY does not say it: it chooses "
            "where new payments go. Run `coursetill db upgrade` with the settings of that one "
            "gateway alone, then add the others again. Nothing was changed"
        )
    return words.say(template, gateways=", ".join(refused.gateways))


_CHANGED = "Somebody else changed this at the same moment. Please look again"

RECORDS: Entries = (
    error(
        RecordsUnavailable,
        "records-unavailable",
        "The shop cannot reach its records at the moment. Please try again in a minute",
    ),
    error(ChangedMeanwhile, "changed-meanwhile", _CHANGED),
    error(AlreadyThere, "already-there", _CHANGED),
    error(
        CannotBeKept,
        "cannot-be-kept",
        "Something in this is too large, or holds characters that cannot be stored",
    ),
    error(
        ShopIsBusy,
        "shop-is-busy",
        "The shop is busy with another change. Please try again in a minute",
    ),
    error(
        NotADatabase,
        "not-a-database",
        "This is not the address of a database. "
        "Write sqlite:///shop.db or postgresql://user:password@host/name",
    ),
    error(
        NameLookupUnavailable,
        "name-lookup-unavailable",
        "The names in the records cannot be read: {reason}",
    ),
    error(AccountIsNeeded, "account-is-needed", _account),
    error(SchemaIsOlder, "schema-is-older", _older),
    error(
        SchemaIsNewer,
        "schema-is-newer",
        "The database is newer than this version of {whose}, which does not know its migration "
        '"{revision}". Install the version that upgraded it',
    ),
)

FOR_STAFF: Entries = (
    phrase(RecordsUnavailable, _cause),
    phrase(NameLookupUnavailable, _cause),
)
