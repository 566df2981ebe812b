/*
 * The payment page: opens a card form where none is open, starts the gateway's script for it, and
 * sends what the form hands out to the shop, once. The card itself never comes here. Where the form
 * takes the payment by itself, what it says of that is sent too, and the shop asks the gateway.
 *
 * The gateway's script, which runs before this one, sets window.coursetillCardForm to a function.
 * docs/gateways.md says what that function is given.
 */
(function () {
  "use strict";

  const NOTHING_CHARGED = "Nothing was charged, and your order is kept.";
  const ASKED_FIRST =
    "Your order is kept. If you have paid, we find your payment before we show the form again.";
  const BANK_MAY_ASK =
    "This card form has expired. If your bank is asking you something, answer it first.";
  const EXPIRED = "The card form was open too long and has expired.";
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
  const takesPayment = "takesPayment" in place.dataset;
  let sent = false;
  let close = () => {};

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

  function broken() {
    stop(OTHERWISE, takesPayment ? ASKED_FIRST : NOTHING_CHARGED);
  }

  function expired() {
    if (sent || place.hidden) return;
    if (takesPayment) {
      // The bank may be asking at this moment: to take the form away would stop a payment.
      say(`${BANK_MAY_ASK} ${ASKED_FIRST}`, true);
      again.hidden = false;
    } else {
      stop(EXPIRED);
      close();
    }
  }

  function warnBeforeItExpires() {
    const left = new Date(place.dataset.expires).getTime() - Date.now();
    if (left > WARN_BEFORE_MS) {
      setTimeout(() => {
        if (!sent && !place.hidden) say("This card form can be used for three more minutes.");
      }, left - WARN_BEFORE_MS);
    }
    setTimeout(expired, Math.max(left, 0));
  }

  // What the gateway's script works with. Whatever it calls, and however often, one thing is sent.
  const till = Object.freeze({
    place,
    session: place.dataset.session,
    takesPayment,
    /** The form can be used now. */
    shown: () => say(""),
    /** How to take the form away once it has expired. */
    closesBy: (way) => {
      close = way;
    },
    /** The form has handed out this token. */
    send,
    /** The form takes payments, and nobody here knows whether it took this one. */
    ask: () => send(""),
    /** The form came to an end, and surely nothing was charged. The sentence is for the learner. */
    stop: (sentence) => stop(sentence),
    /** The form came to an end, and nobody knows why. */
    broken,
    /** The form, or what it is made with, could not be loaded. */
    notLoaded: () => stop(NOT_LOADED),
  });

  // Back after payment: the browser may show this page as it was; the shop knows better.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  const start = window.coursetillCardForm;
  if (typeof start !== "function") {
    till.notLoaded();
    return;
  }
  say(status.dataset.loading);
  warnBeforeItExpires();
  Promise.resolve()
    .then(() => start(till))
    .catch(broken);
})();
