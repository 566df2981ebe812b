/* Shows every moment in the visitor's own time zone, in the words that the server uses. */
(function () {
  "use strict";

  const MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
  ];
  const two = (number) => String(number).padStart(2, "0");

  function zone(at) {
    const east = -at.getTimezoneOffset();
    if (east === 0) return "UTC";
    const minutes = Math.abs(east);
    const rest = minutes % 60;
    return `UTC${east > 0 ? "+" : "−"}${Math.floor(minutes / 60)}${rest ? `:${two(rest)}` : ""}`;
  }

  for (const element of document.querySelectorAll("time[data-shown]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const day = `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
    const text = element.dataset.shown === "day"
      ? day
      : `${day}, ${two(at.getHours())}:${two(at.getMinutes())} ${zone(at)}`;
    if (text !== element.textContent) element.textContent = text;
  }
})();
