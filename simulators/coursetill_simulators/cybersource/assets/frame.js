/*
 * The card form: checks what was typed, asks for a transient token, hands it to the shop's page;
 * and, when the page says so, completes the payment, with the bank's question in between.
 */
(function () {
  "use strict";

  const COUNTRIES =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR " +
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ " +
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW " +
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY " +
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV " +
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY " +
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG " +
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
  const NEED_POSTAL_CODE = ["US", "CA", "GB"];

  const form = document.getElementById("card-form");
  const told = document.body.dataset;
  const field = (id) => document.getElementById(id);
  const digits = (text) => text.replace(/[\s-]/g, "");
  const asksBilling = field("billing-name") !== null;
  let captureContext = null;

  function say(message) {
    // The shop's page knows the nonce because it chose it; nobody else is told anything.
    window.parent.postMessage({ ...message, nonce: told.nonce }, told.parent);
  }

  function passesLuhn(number) {
    let total = 0;
    for (let place = 0; place < number.length; place += 1) {
      const digit = Number(number[number.length - 1 - place]) * (1 + (place % 2));
      total += digit > 9 ? digit - 9 : digit;
    }
    return total % 10 === 0;
  }

  function expiryIn(text) {
    const found = /^(\d{1,2})\s*[/.-]\s*(?:20)?(\d{2})$/.exec(text.trim())
      || /^(\d{2})(?:20)?(\d{2})$/.exec(text.trim());
    if (!found || Number(found[1]) < 1 || Number(found[1]) > 12) return null;
    return { month: found[1].padStart(2, "0"), year: `20${found[2]}` };
  }

  const checks = {
    number() {
      const number = digits(field("number").value);
      if (number === "") return "Enter the card number.";
      if (!/^\d{12,19}$/.test(number)) return "A card number has 12 to 19 digits.";
      return passesLuhn(number) ? "" : "This is not a card number. Check each digit.";
    },
    expiry() {
      if (field("expiry").value.trim() === "") return "Enter the expiry date.";
      const expiry = expiryIn(field("expiry").value);
      if (!expiry) return "Enter month and year, like 12/31.";
      const now = new Date();
      const last = new Date(Number(expiry.year), Number(expiry.month), 1);
      return last > now ? "" : "This card has expired.";
    },
    "security-code"() {
      const code = field("security-code").value.trim();
      if (code === "") return "Enter the security code.";
      return /^\d{3,4}$/.test(code) ? "" : "A security code has three or four digits.";
    },
    "billing-name"() {
      return field("billing-name").value.trim() === "" ? "Enter the name on the card." : "";
    },
    "postal-code"() {
      const needed = NEED_POSTAL_CODE.includes(field("country").value);
      return needed && field("postal-code").value.trim() === "" ? "Enter the postal code." : "";
    },
  };
  const checked = Object.keys(checks).filter((id) => field(id) !== null);

  function showFault(id, text) {
    const place = field(`${id}-fault`);
    place.textContent = text;
    place.hidden = text === "";
    if (text) field(id).setAttribute("aria-invalid", "true");
    else field(id).removeAttribute("aria-invalid");
  }

  function check(id) {
    const text = checks[id]();
    showFault(id, text);
    return text === "";
  }

  function billTo() {
    if (!asksBilling) return {};
    const names = field("billing-name").value.trim().split(/\s+/);
    return {
      firstName: names.length > 1 ? names.slice(0, -1).join(" ") : names[0],
      lastName: names[names.length - 1],
      postalCode: field("postal-code").value.trim(),
      country: field("country").value,
    };
  }

  function busy(on) {
    field("pay").disabled = on;
    field("cancel").disabled = on;
    form.setAttribute("aria-busy", String(on));
  }

  function showRefusal(text) {
    const place = field("refusal");
    place.textContent = text;
    place.hidden = text === "";
  }

  async function pay() {
    const expiry = expiryIn(field("expiry").value);
    const card = {
      number: digits(field("number").value),
      expirationMonth: expiry.month,
      expirationYear: expiry.year,
      securityCode: field("security-code").value.trim(),
    };
    const answer = await fetch("/flex/v2/tokens", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ captureContext, card, billTo: billTo() }),
    });
    if (answer.ok) return say({ type: "token", token: await answer.text() });
    const refusal = await answer.json();
    if (refusal.reason === "TOKENIZATION_ERROR") {
      busy(false);
      showRefusal(refusal.details.map((each) => each.message).join("; ") || refusal.message);
    } else {
      say({ type: "error", reason: refusal.reason, message: refusal.message });
    }
  }

  async function complete(transientToken, authenticationId) {
    busy(true);
    const answer = await fetch("/flex/v2/complete", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ captureContext, transientToken, authenticationId }),
    });
    if (answer.status === 202) return challenge((await answer.json()).challenge, transientToken);
    if (answer.ok) return say({ type: "result", result: await answer.text() });
    const refusal = await answer.json();
    say({ type: "error", reason: refusal.reason, message: refusal.message });
  }

  function completing(transientToken, authenticationId) {
    complete(transientToken, authenticationId).catch(() => {
      say({ type: "error", reason: "COMPLETE_ERROR", message: "The payment's end is not known." });
    });
  }

  function challenge(asked, transientToken) {
    const bank = document.createElement("iframe");
    bank.title = "Your bank";
    bank.className = "bank";
    bank.src = asked.path;
    form.hidden = true;
    form.after(bank);
    window.addEventListener("message", function heard(message) {
      const ours = message.source === bank.contentWindow && message.origin === location.origin
        && message.data && message.data.type === "challenged";
      if (!ours) return;
      window.removeEventListener("message", heard);
      bank.remove();
      form.hidden = false;
      completing(transientToken, asked.id);
    });
  }

  function submitted(event) {
    event.preventDefault();
    const wrong = checked.filter((id) => !check(id));
    showRefusal("");
    if (wrong.length > 0) {
      field(wrong[0]).focus();
      return;
    }
    busy(true);
    pay().catch(() => {
      busy(false);
      say({ type: "error", reason: "MOUNT_TOKEN_XHR_ERROR", message: "The card could not be sent." });
    });
  }

  function fillIn(button) {
    field("number").value = button.dataset.number;
    field("expiry").value = `12/${String(new Date().getFullYear() + 5).slice(-2)}`;
    field("security-code").value = "123";
    if (asksBilling && !field("billing-name").value) field("billing-name").value = "Ada Lovelace";
    if (asksBilling && !field("postal-code").value) field("postal-code").value = "02139";
    checked.forEach(check);
    field("pay").focus();
  }

  function listCountries() {
    const names = new Intl.DisplayNames(["en"], { type: "region" });
    const choice = field("country");
    COUNTRIES.split(" ")
      .map((code) => [names.of(code), code])
      .sort((one, other) => one[0].localeCompare(other[0]))
      .forEach(([name, code]) => choice.append(new Option(name, code, false, code === choice.dataset.chosen)));
  }

  function begin() {
    if (asksBilling) listCountries();
    form.addEventListener("submit", submitted);
    field("cancel").addEventListener("click", () => say({ type: "cancel" }));
    checked.forEach((id) => field(id).addEventListener("change", () => check(id)));
    document.querySelectorAll("button[data-number]").forEach((button) => {
      button.addEventListener("click", () => fillIn(button));
    });
    window.addEventListener("message", (message) => {
      const said = message.data;
      const ours = message.source === window.parent && message.origin === told.parent
        && said && said.nonce === told.nonce;
      if (ours && said.type === "complete" && captureContext) completing(said.token);
      if (!ours || said.type !== "start" || captureContext) return;
      captureContext = said.captureContext;
      busy(false);
      say({ type: "ready" });
    });
    new ResizeObserver(() => {
      say({ type: "height", height: document.documentElement.getBoundingClientRect().height });
    }).observe(document.documentElement);
    say({ type: "hello" });
  }

  if (form) begin();
  else if (told.parent) say({ type: "error", reason: told.reason, message: "The session has expired." });
})();
