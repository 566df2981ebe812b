/*
 * The payment page: opens a card form where none is open, shows the gateway's form in its frame,
 * and sends what the form hands out to the shop. The card itself never comes here.
 */
(function () {
  "use strict";

  const NOTHING_CHARGED = "Nothing was charged, and your order is kept.";
  const REASONS = {
    CAPTURE_CONTEXT_EXPIRED: "The card form was open too long and has expired.",
    COMPLETE_TRANSACTION_CANCELLED: "You closed the card form.",
    COMPLETE_TRANSACTION_CANCELED: "You closed the card form.",
    COMPLETE_AUTHENTICATION_CANCELED: "You closed your bank's page.",
    COMPLETE_AUTHENTICATION_FAILED: "Your bank could not confirm that it is you.",
    MOUNT_PAYMENT_TIMEOUT: "The card form took too long to load.",
    MOUNT_PAYMENT_UNAVAILABLE: "The payment service offers no way to pay here at the moment.",
    MOUNT_TOKEN_TIMEOUT: "The payment service took too long to read the card.",
    MOUNT_TOKEN_XHR_ERROR: "The card could not be sent to the payment service.",
    UNUSED_TARGET_ORIGINS: "The payment service does not know this address of the shop.",
  };
  const OTHERWISE = "The card form does not work at the moment.";
  const NOT_LOADED =
    "The card form could not be loaded. A content blocker, or the network, may keep it away.";
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
  let sent = false;

  function say(text, bad) {
    status.hidden = text === "";
    status.textContent = text;
    status.classList.toggle("bad", Boolean(bad));
  }

  function stop(text) {
    if (sent) return;
    say(`${text} ${NOTHING_CHARGED}`, true);
    place.hidden = true;
    again.hidden = false;
  }

  function send(token) {
    if (sent) return;
    sent = true;
    say(status.dataset.sending);
    place.hidden = true;
    sender.elements.token.value = token;
    sender.submit();
  }

  function warnBeforeItExpires(checkout) {
    const left = new Date(place.dataset.expires).getTime() - Date.now();
    if (left > WARN_BEFORE_MS) {
      setTimeout(() => {
        if (!sent && !place.hidden) say("This card form can be used for three more minutes.");
      }, left - WARN_BEFORE_MS);
    }
    setTimeout(() => {
      stop(REASONS.CAPTURE_CONTEXT_EXPIRED);
      checkout.destroy();
    }, Math.max(left, 0));
  }

  async function show() {
    say(status.dataset.loading);
    const client = await window.VAS.UnifiedCheckout(place.dataset.session);
    const checkout = client.createCheckout({ autoProcessing: false });
    checkout.on("ready", () => say(""));
    warnBeforeItExpires(checkout);
    send(await checkout.mount("#card-form"));
  }

  // Back after payment: the browser may show this page as it was; the shop knows better.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (!window.VAS) stop(NOT_LOADED);
  else show().catch((error) => stop(REASONS[error && error.reason] || OTHERWISE));
})();
