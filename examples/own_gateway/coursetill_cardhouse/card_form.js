/*
 * Cardhouse's card form. In earnest it would be a frame of Cardhouse's, so that the card number
 * never reaches a script of the page; the service of this example takes it by fetch.
 */
window.coursetillCardForm = function (till) {
  "use strict";

  const label = document.createElement("label");
  const number = document.createElement("input");
  const button = document.createElement("button");
  label.textContent = "Card number";
  number.inputMode = "numeric";
  number.autocomplete = "cc-number";
  label.append(number);
  button.type = "button";
  button.className = "button";
  button.textContent = "Pay by card";
  till.place.append(label, button);
  till.closesBy(() => till.place.replaceChildren());

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      // The session is the address of the form at Cardhouse.
      const body = new URLSearchParams({ number: number.value });
      const answer = await fetch(`${till.session}/cards`, { method: "POST", body });
      if (!answer.ok) till.stop("Cardhouse does not accept this card form any more.");
      else till.send((await answer.json()).token);
    } catch {
      if (till.takesPayment) till.ask();
      else till.stop("Cardhouse does not answer.");
    }
  });
  till.shown();
};
