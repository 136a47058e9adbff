"""How the admin console looks."""

UNFOLD = {
    "SITE_TITLE": "LLD back office",
    "SITE_HEADER": "LLD back office",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
}
