"""One side of a comparison of two versions: fills a database of its own, and serves it until its input ends.

Run with the other version's checkout as PYTHONPATH and working folder: all that it imports is that version's.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import django

from bench.__main__ import serving
from bench.load import HOST
from lld.stack.configuration import Configuration
from lld.stack.servers import EmbeddedServers


def main() -> None:
    """One line of JSON on the output once it serves: the port, the headers of staff, and placements to send."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, required=True)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--placements", type=int, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lld-bench-") as folder:
        home = Path(folder)
        with EmbeddedServers(home, durable=False) as servers:
            os.environ.update(Configuration.read({"LLD_HOME": folder}).environment() | servers.urls)
            os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
            os.environ["TRUSTED_PROXIES"] = f"{HOST}/32"
            django.setup()
            logging.disable(logging.INFO)
            serve(home, options)


def serve(home: Path, options: argparse.Namespace) -> None:
    # Its models need the settings, and those the servers.
    from bench import data

    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    data.fill(products=options.products, orders=options.orders)
    told = {
        "staff": data.staff_headers(),
        "placements": [placement.decode() for placement in data.placements(options.placements)],
    }
    with serving(home / "web.log") as port, os.fdopen(answers, "w") as output:
        output.write(json.dumps({**told, "port": port}) + "\n")
        output.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
