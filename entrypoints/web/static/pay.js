/*
 * The payment page: opens a card form where none is open, shows the gateway's form in its frame,
 * and sends what the form hands out to the shop. The card itself never comes here. Where the form
 * takes the payment by itself, what it says of that is sent too, and the shop asks the gateway.
 */
(function () {
  "use strict";

  const NOTHING_CHARGED = "Nothing was charged, and your order is kept.";
  const ASKED_FIRST =
    "Your order is kept. If you have paid, we find your payment before we show the form again.";
  const BANK_MAY_ASK =
    "This card form has expired. If your bank is asking you something, answer it first.";
  const EXPIRED = "The card form was open too long and has expired.";
  const CLOSED = "You closed the card form.";
  const NO_WAY_TO_PAY = "The payment service offers no way to pay here at the moment.";
  const UNREADABLE = "The payment service does not accept this card form any more.";
  const MISPLACED = "The card form could not be put on this page.";
  const WRONG_SETTINGS = "The card form was started with settings that it does not know.";
  const REASONS = {
    CAPTURE_CONTEXT_EXPIRED: EXPIRED,
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
  const OTHERWISE = "The card form does not work at the moment.";
  const NOT_LOADED =
    "The card form could not be loaded. A content blocker, or the network, may keep it away.";
  // After these, and any that nobody has heard of, money may have moved: only the shop can ask.
  const UNDECIDED = ["COMPLETE_ERROR", "COMPLETE_IN_PROGRESS"];
  const WARN_BEFORE_MS = 3 * 60 * 1000;

  const opener = document.getElementById("open-form");
  const place = document.getElementById("card-form");

  // A form that could not be opened a moment ago is not asked for again without a click.
  if (opener) {
    const justTried = location.hash === "#card";
    if ("automatic" in opener.dataset && !justTried) opener.submit();
    return;
  }
  if (!place) return;

  const status = document.getElementById("card-status");
  const again = document.getElementById("card-again");
  const sender = document.getElementById("token-form");
  const takesPayment = "takesPayment" in place.dataset;
  let sent = false;

  function say(text, bad) {
    status.hidden = text === "";
    status.textContent = text;
    status.classList.toggle("bad", Boolean(bad));
  }

  function stop(text, then) {
    // What is told first counts: a form that is taken away says that it was closed.
    if (sent || place.hidden) return;
    say(`${text} ${then || NOTHING_CHARGED}`, true);
    place.hidden = true;
    again.hidden = false;
  }

  function send(text) {
    if (sent) return;
    sent = true;
    say(takesPayment ? status.dataset.asking : status.dataset.sending);
    place.hidden = true;
    sender.elements.token.value = text;
    sender.submit();
  }

  function failed(error) {
    const reason = String((error && error.reason) || "");
    const unheard = reason.startsWith("COMPLETE_") && !(reason in REASONS);
    if (takesPayment && (UNDECIDED.includes(reason) || unheard)) send("");
    else if (reason in REASONS) stop(REASONS[reason]);
    else stop(OTHERWISE, takesPayment ? ASKED_FIRST : NOTHING_CHARGED);
  }

  function expired(checkout) {
    if (sent || place.hidden) return;
    if (takesPayment) {
      // The bank may be asking at this moment: whoever takes the form away stops a payment.
      say(`${BANK_MAY_ASK} ${ASKED_FIRST}`, true);
      again.hidden = false;
    } else {
      stop(EXPIRED);
      checkout.destroy();
    }
  }

  function warnBeforeItExpires(checkout) {
    const left = new Date(place.dataset.expires).getTime() - Date.now();
    if (left > WARN_BEFORE_MS) {
      setTimeout(() => {
        if (!sent && !place.hidden) say("This card form can be used for three more minutes.");
      }, left - WARN_BEFORE_MS);
    }
    setTimeout(() => expired(checkout), Math.max(left, 0));
  }

  async function show() {
    say(status.dataset.loading);
    const client = await window.VAS.UnifiedCheckout(place.dataset.session);
    const checkout = client.createCheckout({ autoProcessing: takesPayment });
    checkout.on("ready", () => say(""));
    warnBeforeItExpires(checkout);
    send(await checkout.mount("#card-form"));
  }

  // Back after payment: the browser may show this page as it was; the shop knows better.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (!window.VAS) stop(NOT_LOADED);
  else show().catch(failed);
})();
