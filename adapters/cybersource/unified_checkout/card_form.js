/*
 * Unified Checkout on the shop's payment page: shows the form in its frame, and hands its token, or
 * the reason that there is none, to the shop's own script, which has started this one.
 */
(function () {
  "use strict";

  const CLOSED = "You closed the card form.";
  const NO_WAY_TO_PAY = "The payment service offers no way to pay here at the moment.";
  const UNREADABLE = "The payment service does not accept this card form any more.";
  const MISPLACED = "The card form could not be put on this page.";
  const WRONG_SETTINGS = "The card form was started with settings that it does not know.";
  const REASONS = {
    CAPTURE_CONTEXT_EXPIRED: "The card form was open too long and has expired.",
    CAPTURE_CONTEXT_INVALID: UNREADABLE,
    UNUSED_TARGET_ORIGINS: "The payment service does not know this address of the shop.",
    CHECKOUT_ALREADY_MOUNTED: "The card form is on this page already.",
    CHECKOUT_ERROR: "The card form has stopped working.",
    CHECKOUT_PAYMENT_PARAMETERS: WRONG_SETTINGS,
    CHECKOUT_VALIDATION_PARAMS: WRONG_SETTINGS,
    MOUNT_CONTAINER_SELECTOR: MISPLACED,
    MOUNT_INVALID_CONTAINER: MISPLACED,
    MOUNT_SIDEBAR_OPTIONS: MISPLACED,
    MOUNT_ERROR: "The card form could not be shown.",
    MOUNT_PAYMENT_TIMEOUT: "The card form took too long to load.",
    MOUNT_PAYMENT_UNAVAILABLE: NO_WAY_TO_PAY,
    TRIGGER_PAYMENT_TYPE_NOT_SUPPORTED: NO_WAY_TO_PAY,
    MOUNT_TOKEN_TIMEOUT: "The payment service took too long to read the card.",
    MOUNT_TOKEN_XHR_ERROR: "The card could not be sent to the payment service.",
    COMPLETE_AUTHENTICATION_CANCELED: "You closed your bank's page.",
    COMPLETE_AUTHENTICATION_FAILED: "Your bank could not confirm that it is you.",
    COMPLETE_NOT_ALLOWED: "The payment service does not let this card form take payments.",
    COMPLETE_TRANSACTION_CANCELLED: CLOSED,
    COMPLETE_TRANSACTION_CANCELED: CLOSED,
    COMPLETE_TRANSACTION_FAILED: "The payment service could not carry out the payment.",
    COMPLETE_VALIDATION_ERROR: "The payment service did not accept what was entered.",
  };
  // After these, and any COMPLETE_ reason that is not in the table, money may have moved.
  const UNDECIDED = ["COMPLETE_ERROR", "COMPLETE_IN_PROGRESS"];

  function failed(till, error) {
    const reason = String((error && error.reason) || "");
    const unheard = reason.startsWith("COMPLETE_") && !(reason in REASONS);
    if (till.takesPayment && (UNDECIDED.includes(reason) || unheard)) till.ask();
    else if (reason in REASONS) till.stop(REASONS[reason]);
    else till.broken();
  }

  async function show(till) {
    const client = await window.VAS.UnifiedCheckout(till.session);
    const checkout = client.createCheckout({ autoProcessing: till.takesPayment });
    checkout.on("ready", till.shown);
    till.closesBy(() => checkout.destroy());
    till.send(await checkout.mount(`#${till.place.id}`));
  }

  window.coursetillCardForm = async function (till) {
    if (!window.VAS) return till.notLoaded();
    return show(till).catch((error) => failed(till, error));
  };
})();
