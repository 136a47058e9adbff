"""Pages for people: what was sent, and the hosted pay page."""

from html import escape
from string import Template
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.context import Sandbox
from sandbox.store import Json
from sandbox.stripe_api import checkout, links
from sandbox.stripe_api.errors import StripeError
from sandbox.stripe_api.objects import Call
from sandbox.twilio_api import messages

_SHOWN = 50
_SHOWN_LETTERS = 300
# Mail is hostile: nothing runs, nothing is fetched, and the frame of an HTML part inherits this.
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2f6f5e; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p.lead { margin: 0; opacity: .7; } a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; opacity: .7; } td { overflow-wrap: anywhere; } td.time, td.amount { white-space: nowrap; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: 1rem; border-radius: 8px; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
.card { max-width: 26rem; margin: 4rem auto; padding: 1.5rem; border: 1px solid var(--line); border-radius: 12px; }
.total { font-size: 2rem; font-weight: 600; margin: .2rem 0 1rem; }
.problem { color: #b3261e; }
button { font: inherit; width: 100%; padding: .7rem; margin-top: .6rem; border-radius: 8px;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: #fff; }
"""
_PAGE = Template(
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>$title</title>"
    "<meta name='viewport' content='width=device-width'><style>$style</style></head><body>$body</body></html>"
)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    pages = _Pages(sandbox)
    return [
        Route("/", pages.overview, methods=["GET"]),
        Route("/mail/{id}", pages.mail, methods=["GET"]),
        Route("/pay/{id}", pages.pay, methods=["GET"]),
        Route("/pay/{id}", pages.submit, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def overview(self, request: Request) -> Response:
        store = self._sandbox.store
        body = (
            "<h1>Sandbox</h1><p class='lead'>What the program sent and charged. Nothing here is real.</p>"
            + _section("Mail", ("Time", "To", "Subject"), [_mail_row(item) for item in store.newest("mail", _SHOWN)])
            + _section(
                "SMS",
                ("Time", "To", "Text", "Status"),
                [_sms_row(item) for item in store.newest("message", _SHOWN)],
            )
            + _section("Posts", ("Time", "Text"), [_post_row(item) for item in store.newest("post", _SHOWN)])
            + _section("Model calls", ("Time", "Asked", "Answered"), self._model_rows())
            + _section("Payments", ("Time", "What", "Amount", "Id"), self._payment_rows())
            + _section(
                "Payment links",
                ("Link", "Amount", "State"),
                [_link_row(item) for item in store.newest("payment_link", _SHOWN)],
            )
            + _section("Active faults", ("Vendor", "Fault", "Requests", "Times left"), self._fault_rows())
        )
        return _html("Sandbox", body)

    def _payment_rows(self) -> list[str]:
        kinds = ("charge", "charge_failed", "refund", "refund_failed", "dispute", "dispute_closed")
        entries = [entry for entry in self._sandbox.ledger.entries("stripe") if entry["kind"] in kinds]
        return [
            _row(
                _time(entry["time"]),
                _text(f"{entry['kind'].replace('_', ' ')} {entry.get('outcome', '')}".strip()),
                _amount(entry["amount"]),
                _text(entry["id"]),
            )
            for entry in reversed(entries[-_SHOWN:])
        ]

    def _model_rows(self) -> list[str]:
        entries = self._sandbox.ledger.entries("openai", "chat_completion")[-_SHOWN:]
        return [
            _row(
                _time(entry["time"]),
                _text(entry["messages"][-1]["text"][:_SHOWN_LETTERS]),
                _text(entry["answer"][:_SHOWN_LETTERS]),
            )
            for entry in reversed(entries)
        ]

    def _fault_rows(self) -> list[str]:
        return [
            _row(
                _text(fault["vendor"]),
                _text(fault["fault"]),
                _text(f"{fault['method'] or 'any'} {fault['path'] or 'everything'}"),
                _text("no end" if fault["times"] is None else fault["times"]),
            )
            for fault in self._sandbox.faults.list()
            if fault["times"] != 0
        ]

    async def mail(self, request: Request) -> Response:
        mail = self._sandbox.store.find(request.path_params["id"], "mail")
        if mail is None:
            return _html("No such mail", "<h1>No such mail</h1><p><a href='/'>All mail</a></p>", 404)
        headers = "".join(_row(_text(name), _text(value)) for name, value in mail["headers"])
        parts = [f"<p><a href='/'>All mail</a></p><h1>{escape(mail['subject'] or '(no subject)')}</h1>"]
        parts.append(f"<table>{headers}</table>")
        if mail["text"] is not None:
            parts.append(f"<h2>Text</h2><pre>{escape(mail['text'])}</pre>")
        if mail["html"] is not None:
            # An empty sandbox attribute forbids scripts, forms, navigation and our own origin.
            frame = f"<iframe sandbox='' title='HTML part' srcdoc='{escape(mail['html'])}'></iframe>"
            parts.append(f"<h2>HTML</h2>{frame}")
        rows = [_row(_text(item["name"]), _text(item["type"]), _text(item["bytes"])) for item in mail["attachments"]]
        if rows:
            parts.append(_section("Attachments", ("Name", "Type", "Bytes"), rows))
        return _html(mail["subject"] or "Mail", "".join(parts))

    async def pay(self, request: Request) -> Response:
        link = self._link(request)
        if link is None:
            return _html("No such link", "<div class='card'><h1>No such payment link</h1></div>", 404)
        session = self._sandbox.store.find(request.query_params.get("paid", ""), "checkout.session")
        if session and session["payment_link"] == link["id"] and session["status"] == "complete":
            message = link["after_completion"].get("hosted_confirmation", {}).get("custom_message")
            text = escape(message or "Thank you. This was a test payment.")
            return _html("Paid", f"<div class='card'><h1>Paid</h1>{_total(link)}<p>{text}</p></div>")
        if not link["active"]:
            text = escape(link["inactive_message"] or "This payment link is no longer active.")
            return _html("Link inactive", f"<div class='card'><h1>Link inactive</h1><p>{text}</p></div>")
        return _pay_form(link)

    async def submit(self, request: Request) -> Response:
        link = self._link(request)
        if link is None:
            return await self.pay(request)
        form = parse_qs((await request.body()).decode("ascii", "replace"))
        method = form.get("payment_method", ["pm_card_visa"])[0]
        call = Call(self._sandbox, base_url=f"{request.url.scheme}://{request.url.netloc}")
        with self._sandbox.store.transaction():
            try:
                session = checkout.pay_link(call, link["id"], method)
            except StripeError as error:
                # A refused payment leaves its traces, so the block ends normally.
                problem = error.body["error"]["message"]
                return _pay_form(link, problem, 402) if link["active"] else await self.pay(request)
        target = f"/pay/{link['id']}?paid={session['id']}"
        if link["after_completion"]["type"] == "redirect":
            target = link["after_completion"]["redirect"]["url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return RedirectResponse(target, 303)

    def _link(self, request: Request) -> Json | None:
        return self._sandbox.store.find(request.path_params["id"], "payment_link")


def _pay_form(link: Json, problem: str = "", status: int = 200) -> Response:
    items = "".join(
        _row(_text(f"{item['quantity']} × {item['description']}"), _amount(item["amount_total"]))
        for item in link["_line_items"]["data"]
    )
    warning = f"<p class='problem' role='alert'>{escape(problem)}</p>" if problem else ""
    body = (
        f"<div class='card'><h1>Pay</h1>{_total(link)}<table>{items}</table>{warning}"
        "<form method='post'>"
        "<button class='primary' name='payment_method' value='pm_card_visa'>Pay with test card</button>"
        "<button name='payment_method' value='pm_card_chargeDeclined'>Pay with a card that is declined</button>"
        "<button name='payment_method' value='pm_usBankAccount_success'>Pay from a test bank account</button>"
        "</form></div>"
    )
    # The form's answer may redirect to the shop, which browsers count as the form's target.
    return _html("Pay", body, status, forms="*")


def _total(link: Json) -> str:
    return f"<p class='total'>{_dollars(links.total(link))}</p>"


def _mail_row(mail: Json) -> str:
    subject = escape(mail["subject"] or "(no subject)")
    link = f"<td><a href='/mail/{escape(mail['id'])}'>{subject}</a></td>"
    return _row(_time(mail["time"]), _text(", ".join(mail["recipients"])), link)


def _sms_row(message: Json) -> str:
    shown = messages.public(message)
    return _row(_time(shown["date_created"]), _text(shown["to"]), _text(shown["body"]), _text(shown["status"]))


def _post_row(post: Json) -> str:
    titles = [str(embed.get("title", "")) for embed in post["embeds"] if isinstance(embed, dict)]
    return _row(_time(post["timestamp"]), _text(" · ".join(filter(None, [post["content"], *titles]))))


def _link_row(link: Json) -> str:
    address = f"<td><a href='/pay/{escape(link['id'])}'>{escape(link['id'])}</a></td>"
    return _row(address, _amount(links.total(link)), _text("active" if link["active"] else "inactive"))


def _section(title: str, names: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p class='lead'>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<h2>{title}</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _text(value: object) -> str:
    return f"<td>{escape(str(value))}</td>"


def _time(value: str) -> str:
    return f"<td class='time'>{escape(value[:25].replace('T', ' '))}</td>"


def _amount(minor_units: int) -> str:
    return f"<td class='amount'>{_dollars(minor_units)}</td>"


def _dollars(minor_units: int) -> str:
    return f"${minor_units / 100:,.2f}"


def _html(title: str, body: str, status: int = 200, *, forms: str = "'none'") -> Response:
    page = _PAGE.substitute(title=escape(title), style=_STYLE, body=body)
    headers = {
        "Content-Security-Policy": _CSP.format(forms=forms),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, status, headers)
