/*
 * The way to the gateway's own payment page: taken at once by whoever has just asked for it. Whoever
 * comes here by the browser's Back button is left in peace, and finds the button.
 */
(function () {
  "use strict";

  if (location.hash === "#go") {
    history.replaceState(null, "", location.pathname);
    const form = document.getElementById("way-form");
    if (form) form.submit();
    else document.getElementById("way-link").click();
  }

  // Back from there: the browser may show this page as it was; the shop knows better.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
