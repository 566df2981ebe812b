"""A payment page as strict as the shop's: nothing inline but one script with a nonce."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import attrs
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from coursetill_simulators_tests.cybersource.merchant import claims_of

NONCE = "shop-nonce"

# The list `seen` of the window holds the events of the library.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>
<body><h1>Pay for your course</h1><div id="card"></div><p id="result" role="status"></p>
<script nonce="{nonce}" src="{library}" integrity="{integrity}" crossorigin="anonymous"></script>
<script nonce="{nonce}">
  window.seen = [];
  const show = (text) => {{ document.getElementById("result").textContent = text; }};
  window.pay = async (session, where, options) => {{
    try {{
      const client = await VAS.UnifiedCheckout(session);
      window.checkout = client.createCheckout(options || {{autoProcessing: false}});
      checkout.on("*", (event) => seen.push(event));
      window.result = await checkout.mount(where);
      show("token " + result);
    }} catch (error) {{
      show(error.name + " " + error.reason);
    }}
  }};
</script></body></html>"""


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@attrs.define
class ShopPage:
    """Where the page is, and the library it loads."""

    origin: str
    library: str = ""
    integrity: str = ""
    returned: list[dict[str, str]] = attrs.field(factory=list)

    def shows(self, session: str) -> None:
        """Load the library that `session` names."""
        told = claims_of(session)["ctx"][0]["data"]
        self.library, self.integrity = told["clientLibrary"], told["clientLibraryIntegrity"]

    def answers(self, request: Request) -> Response:
        """The page, under a policy that allows nothing but the gateway."""
        gateway = self.library.partition("/uc/")[0]
        policy = (
            f"default-src 'none'; script-src 'nonce-{NONCE}' {gateway}; style-src 'self'; "
            f"connect-src {gateway}; frame-src {gateway}"
        )
        if request.method == "POST":
            self.returned.append(request.form.to_dict())
            return Response("<h1>Back in the shop</h1>", content_type="text/html")
        if request.path != "/":
            return Response(status=404)
        page = PAGE.format(nonce=NONCE, library=self.library, integrity=self.integrity)
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return Response(page, content_type="text/html", headers=headers)


@contextmanager
def served_shop() -> Iterator[ShopPage]:
    """The page, on a free port of this machine."""
    shop = ShopPage("")
    app = Request.application(shop.answers)
    server = make_server("127.0.0.1", 0, app, request_handler=_Quiet)
    shop.origin = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
