/* Tells the card frame, which is of the same origin, that the payer has answered. */
window.parent.postMessage({ type: "challenged" }, window.location.origin);
