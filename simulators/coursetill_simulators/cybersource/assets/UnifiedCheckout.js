/*
 * The simulator's stand-in for CyberSource's UnifiedCheckout.js, version 1.
 *
 * VAS.UnifiedCheckout(session) verifies the session and returns a client; client.createCheckout()
 * a checkout; checkout.mount() shows the card form in a frame of the simulator's own origin and
 * resolves with the transient token, or, with autoProcessing, with the completed payment.
 * checkout.complete(token) completes it later. Only card entry (PANENTRY) is here: the card form
 * opens at once, without a list of payment methods to choose from first. Accept(session) is the same
 * in the words of version 0.
 */
(function () {
  "use strict";

  const HOME = new URL(document.currentScript.src).origin;
  const READY_WITHIN_MS = 15000;

  class UnifiedCheckoutError extends Error {
    constructor(reason, message, details) {
      super(message);
      this.name = "UnifiedCheckoutError";
      this.reason = reason;
      this.details = details || [];
      this.correlationId = "";
      this.informationLink = "";
    }
  }

  class Announcer {
    constructor() {
      this.listeners = new Map();
    }

    on(event, listener) {
      if (!this.listeners.has(event)) this.listeners.set(event, new Set());
      this.listeners.get(event).add(listener);
      return this;
    }

    off(event, listener) {
      if (this.listeners.has(event)) this.listeners.get(event).delete(listener);
      return this;
    }

    announce(event, content) {
      for (const listener of this.listeners.get(event) || []) listener(content);
      for (const listener of this.listeners.get("*") || []) listener(event, content);
    }
  }

  const bytesOf = (base64url) => {
    const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  };
  const read = (base64url) => JSON.parse(new TextDecoder().decode(bytesOf(base64url)));

  const invalid = (why) => new UnifiedCheckoutError("CAPTURE_CONTEXT_INVALID", why);

  async function verified(session) {
    const parts = typeof session === "string" ? session.split(".") : [];
    if (parts.length !== 3) throw invalid("The session is not a JWT.");
    let header, claims;
    try {
      header = read(parts[0]);
      claims = read(parts[1]);
    } catch (unreadable) {
      throw invalid("The session cannot be read.");
    }
    if (header.alg !== "RS256") throw invalid("The session is not signed with RS256.");
    if (!(await signed(header.kid, parts))) throw invalid("The session's signature is wrong.");
    return claims;
  }

  async function signed(keyId, parts) {
    // Only a secure context has SubtleCrypto: https, or loopback.
    if (!window.crypto || !window.crypto.subtle) return true;
    const answer = await fetch(`${HOME}/flex/v2/public-keys/${encodeURIComponent(keyId)}`);
    if (!answer.ok) return false;
    const key = await crypto.subtle.importKey(
      "jwk", await answer.json(), { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"],
    );
    const text = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, bytesOf(parts[2]), text);
  }

  function checked(claims) {
    const checkout = claims.ctx && claims.ctx[0] && claims.ctx[0].data;
    if (!checkout || checkout.serviceOrigin !== HOME) throw invalid("The session is for another host.");
    if (claims.exp * 1000 <= Date.now()) {
      throw new UnifiedCheckoutError("CAPTURE_CONTEXT_EXPIRED", "The session has expired.");
    }
    const around = [location.origin, ...Array.from(location.ancestorOrigins || [])];
    const strangers = around.filter((origin) => !checkout.targetOrigins.includes(origin));
    if (strangers.length > 0) {
      throw new UnifiedCheckoutError(
        "UNUSED_TARGET_ORIGINS", `The session's targetOrigins do not name ${strangers.join(", ")}.`,
        strangers.map((origin) => ({ location: "targetOrigins", message: origin })),
      );
    }
    return checkout;
  }

  function containerOf(where) {
    const wanted = where && typeof where === "object" && !(where instanceof Element)
      ? where.paymentScreen || where.paymentSelection
      : where;
    if (wanted === undefined || wanted === null) return sidebar();
    if (wanted instanceof Element) return wanted;
    if (typeof wanted !== "string") {
      throw new UnifiedCheckoutError("MOUNT_INVALID_CONTAINER", "The container is not a selector.");
    }
    let found = null;
    try {
      found = document.querySelector(wanted);
    } catch (nonsense) {
      throw new UnifiedCheckoutError("MOUNT_CONTAINER_SELECTOR", `${wanted} is not a selector.`);
    }
    if (!found) throw new UnifiedCheckoutError("MOUNT_CONTAINER_SELECTOR", `Nothing is at ${wanted}.`);
    return found;
  }

  function sidebar() {
    const aside = document.createElement("aside");
    aside.setAttribute("aria-label", "Card payment");
    Object.assign(aside.style, {
      position: "fixed", top: "0", right: "0", bottom: "0", width: "min(28rem, 100%)",
      overflow: "auto", zIndex: "2147483647", background: "Canvas",
    });
    document.body.append(aside);
    aside.madeHere = true;
    return aside;
  }

  class Checkout extends Announcer {
    constructor(client, options) {
      super();
      this.client = client;
      const mandate = client.checkout.completeMandate;
      this.automatic = options && "autoProcessing" in options ? options.autoProcessing : !!mandate;
      if (this.automatic && !mandate) {
        throw new UnifiedCheckoutError(
          "COMPLETE_NOT_ALLOWED", "The session has no completeMandate: pass {autoProcessing: false}.",
        );
      }
      this.destroyed = false;
      this.mounted = null;
    }

    mount(where) {
      try {
        this.refuseMount();
        return this.shown(containerOf(where));
      } catch (error) {
        this.announce("error", error);
        return Promise.reject(error);
      }
    }

    refuseMount() {
      if (this.destroyed) throw new UnifiedCheckoutError("CHECKOUT_ERROR", "It was destroyed.");
      if (this.mounted) {
        throw new UnifiedCheckoutError("CHECKOUT_ALREADY_MOUNTED", "It is on the page already.");
      }
      if (!this.client.checkout.allowedPaymentTypes.includes("PANENTRY")) {
        throw new UnifiedCheckoutError("MOUNT_PAYMENT_UNAVAILABLE", "Only PANENTRY is simulated.");
      }
      if (this.client.claims.exp * 1000 <= Date.now()) {
        throw new UnifiedCheckoutError("CAPTURE_CONTEXT_EXPIRED", "The session has expired.");
      }
    }

    shown(container) {
      const nonce = crypto.getRandomValues(new Uint32Array(4)).join("-");
      const query = new URLSearchParams({
        session: this.client.claims.jti, nonce, parent: location.origin,
      });
      const frame = document.createElement("iframe");
      frame.title = "Card payment";
      frame.src = `${HOME}/uc/v1/frame?${query}`;
      Object.assign(frame.style, {
        display: "block", width: "100%", height: "34rem", border: "0", colorScheme: "light dark",
      });
      return new Promise((resolve, reject) => {
        const mounted = { container, frame, nonce, resolve, reject, ready: false };
        mounted.hear = (message) => this.heard(mounted, message);
        mounted.timer = setTimeout(() => {
          this.failed(new UnifiedCheckoutError("MOUNT_PAYMENT_TIMEOUT", "The form did not load."));
        }, READY_WITHIN_MS);
        this.mounted = mounted;
        window.addEventListener("message", mounted.hear);
        container.append(frame);
        this.announce("mounted");
      });
    }

    heard(mounted, message) {
      const said = message.data;
      const ours = message.origin === HOME && message.source === mounted.frame.contentWindow
        && said && said.nonce === mounted.nonce;
      if (!ours) return;
      switch (said.type) {
        case "hello":
          this.tell(mounted, { type: "start", captureContext: this.client.session });
          break;
        case "ready":
          clearTimeout(mounted.timer);
          mounted.ready = true;
          this.announce("ready", { availablePaymentMethods: ["PANENTRY"] });
          this.announce("paymentMethodSelected", { type: "PANENTRY" });
          break;
        case "height":
          mounted.frame.style.height = `${Math.ceil(Number(said.height)) || 0}px`;
          break;
        case "token":
          if (!this.automatic) mounted.resolve(said.token);
          else this.completed(mounted, said.token).then(mounted.resolve, (error) => this.failed(error));
          break;
        case "result":
          if (mounted.completing) mounted.completing.resolve(said.result);
          break;
        case "cancel":
          this.announce("paymentMethodCancelled", { type: "PANENTRY" });
          this.unmount();
          break;
        case "error":
          this.refused(mounted, new UnifiedCheckoutError(said.reason, said.message, said.details));
          break;
      }
    }

    tell(mounted, message) {
      mounted.frame.contentWindow.postMessage({ ...message, nonce: mounted.nonce }, HOME);
    }

    refused(mounted, error) {
      if (mounted.completing) mounted.completing.reject(error);
      else this.failed(error);
    }

    completed(mounted, token) {
      const end = new Promise((resolve, reject) => {
        mounted.completing = { resolve, reject };
      });
      this.tell(mounted, { type: "complete", token });
      return end.finally(() => {
        mounted.completing = null;
      });
    }

    failed(error) {
      if (!this.mounted) return;
      const { reject } = this.mounted;
      this.announce("error", error);
      reject(error);
      this.unmount();
    }

    unmount() {
      if (!this.mounted) return;
      const { container, frame, hear, timer, reject, completing } = this.mounted;
      this.mounted = null;
      clearTimeout(timer);
      window.removeEventListener("message", hear);
      frame.remove();
      if (container.madeHere) container.remove();
      // Changes nothing where the token came before.
      const cancelled = new UnifiedCheckoutError(
        "COMPLETE_TRANSACTION_CANCELLED", "The payment was cancelled.",
      );
      reject(cancelled);
      if (completing) completing.reject(cancelled);
      this.announce("unready");
      this.announce("unmounted");
    }

    complete(token) {
      const refuse = (reason, why) => {
        const refusal = new UnifiedCheckoutError(reason, why);
        this.announce("error", refusal);
        return Promise.reject(refusal);
      };
      if (!this.client.checkout.completeMandate) {
        return refuse("COMPLETE_NOT_ALLOWED", "The session has no completeMandate.");
      }
      if (!this.mounted) return refuse("COMPLETE_ERROR", "The form is no longer on the page.");
      if (this.mounted.completing) return refuse("COMPLETE_IN_PROGRESS", "It is under way.");
      return this.completed(this.mounted, token).catch((error) => {
        this.announce("error", error);
        throw error;
      });
    }

    destroy() {
      if (this.destroyed) return;
      this.unmount();
      this.destroyed = true;
      this.announce("destroyed");
    }
  }

  class Client extends Announcer {
    constructor(session, claims, checkout) {
      super();
      this.session = session;
      this.claims = claims;
      this.checkout = checkout;
      this.made = [];
      this.gone = false;
    }

    createCheckout(options) {
      if (this.gone) throw new UnifiedCheckoutError("CHECKOUT_ERROR", "The client was destroyed.");
      const made = new Checkout(this, options);
      made.on("error", (error) => this.announce("error", error));
      this.made.push(made);
      this.announce("created", made);
      return made;
    }

    // A trigger is the shop's own button: mount() opens the form in the sidebar, wherever it is told.
    createTrigger(type, options) {
      const made = this.createComponent(type, options);
      const mount = made.mount.bind(made);
      made.mount = () => mount();
      return made;
    }

    createComponent(type, options) {
      if (type !== "PANENTRY") {
        throw new UnifiedCheckoutError(
          "TRIGGER_PAYMENT_TYPE_NOT_SUPPORTED", `This simulator knows no ${type}, only PANENTRY.`,
        );
      }
      return this.createCheckout(options);
    }

    createButton(type) {
      throw new UnifiedCheckoutError(
        "TRIGGER_PAYMENT_TYPE_NOT_SUPPORTED", `This simulator has no button for ${type}.`,
      );
    }

    destroy() {
      if (this.gone) return;
      for (const checkout of this.made) checkout.destroy();
      this.gone = true;
      this.announce("destroyed");
    }

    isDestroyed() {
      return this.gone;
    }
  }

  // Version 0: Accept(session), then unifiedPayments(sidebar), then show(); its promises are the same.
  class Payments {
    constructor(client, sidebar) {
      this.checkout = client.createCheckout({ autoProcessing: false });
      this.sidebar = sidebar;
    }

    show(options) {
      return this.checkout.mount(this.sidebar ? undefined : options && options.containers);
    }

    complete(token) {
      return this.checkout.complete(token);
    }

    hide() {
      this.checkout.unmount();
    }

    dispose() {
      this.checkout.destroy();
    }
  }

  window.Accept = async (session) => {
    const client = await window.VAS.UnifiedCheckout(session);
    return {
      unifiedPayments: async (sidebar = true) => new Payments(client, sidebar),
      dispose: () => client.destroy(),
    };
  };

  window.VAS = {
    UnifiedCheckout: async (session) => {
      const claims = await verified(session);
      return new Client(session, claims, checked(claims));
    },
  };
})();
