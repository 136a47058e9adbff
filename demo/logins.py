"""How to sign in to the demo. These accounts exist only where `seed_demo` has run."""

DEMO_PASSWORD = "demo-pass-2026"  # noqa: S105  # public by design
DEMO_LOGINS = (
    ("admin", "Admin", "console and API"),
    ("manager", "Manager", "console and API"),
    ("staff", "Staff", "console and API"),
    ("rep", "Sales representative", "console and API"),
    ("warehouse", "Warehouse", "console and API"),
    ("customer", "Customer on approved terms", "POST /api/login"),
    ("newcomer", "Customer without terms", "POST /api/login"),
)
