"""What the API is about: the tags of the OpenAPI document, in its order.

The address of a route says its subject: the first pattern that finds something in it.
"""

import re
from typing import NamedTuple


class Subject(NamedTuple):
    name: str
    description: str
    addresses: str


SUBJECTS = (
    Subject("Health", "Whether the program and what it stands on are up.", r"^/api/v1/health"),
    Subject("Webhooks", "What vendors report, each signed in its vendor's way.", r"^/api/(webhooks/|sms/)"),
    Subject(
        "Signing in",
        "Sessions of customers and staff, tokens of staff programs, and new accounts.",
        r"^/api/((staff|shipping)/)?(login|logout|me)$|^/api/(register|auth/(verify-email|resend-verification))",
    ),
    Subject(
        "Recovery",
        "Forgotten passwords and names, by a mailed link or a texted code. What is answered tells nobody whether "
        "there is such an account.",
        r"^/api/(auth|customer|staff)/(forgot|reset|phone)",
    ),
    Subject(
        "Own account",
        "What people see and change of their own account, and their consent to texts.",
        r"^/api/(users|auth/change-password|sms-optin|staff/(profile|confirm-email))",
    ),
    Subject("API keys", "Keys of programs, and what each may do.", r"^/api/admin/keys"),
    Subject("Search and chat", "The catalogue asked in words.", r"^/api/(search|chat)"),
    Subject("Catalogue", "What is sold, and at which price.", r"^/(api/(products|categories)|media)"),
    Subject("Catalogue by key", "The catalogue for programs that keep it up to date.", r"^/api/v1/"),
    Subject("Pictures", "Pictures of products.", r"^/api/staff/products/(upload-image|.*/image)"),
    Subject("Products", "Products and categories, as staff keep them.", r"^/api/(staff|admin)/(products|categories)"),
    Subject("Stock", "How much is there; every change leaves a row in a ledger.", r"^/api/staff/inventory"),
    Subject("Orders", "What customers and guests order, and what it would cost.", r"^/api/orders"),
    Subject("Payments", "How an order is paid.", r"^/api/(payments|config)"),
    Subject("Checks", "Pictures of checks, looked at by staff.", r"^/api/staff/checks"),
    Subject("Store credit", "What customers have with us, and where it came from.", r"^/api/staff/users/.*/credit"),
    Subject(
        "Money",
        "Payments recorded, applied and sent back; refunds, adjustments and bad debts.",
        r"^/api/staff/(payments|refunds|orders/.*/(mark-paid|refund|credit|adjust|write-off|reinstate))",
    ),
    Subject("Order desk", "Orders as staff enter, change and move them on.", r"^/api/staff/orders"),
    Subject("Attention", "What waits for a person to decide.", r"^/api/staff/attention"),
    Subject("Warehouse", "Orders to be packed and shipped.", r"^/api/shipping/orders"),
    Subject("People", "Staff and customers, as the office sees them.", r"^/api/staff/(users|team|website-users)"),
    Subject("Mail", "Whether our mail leaves.", r"^/api/staff/(smtp-debug|test-email)"),
)

TAGS = [{"name": subject.name, "description": subject.description} for subject in SUBJECTS]


def subject_of(path: str) -> str:
    """The tag of a route. LookupError where it has none: an address is missing here, or a subject."""
    for subject in SUBJECTS:
        if re.search(subject.addresses, path):
            return subject.name
    raise LookupError(f"No subject of lld/settings/api_subjects.py has the address {path}")
