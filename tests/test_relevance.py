"""Search finds what cooks mean: the judged queries on the demo catalogue."""

import csv
from pathlib import Path
from statistics import mean

import pytest

import demo
from bench.search import judged, reciprocal_ranks
from catalog.models import Category, Product
from tests.factories import CategoryFactory, ProductFactory

CATALOGUE = Path(demo.__file__).with_name("catalogue.csv")
LEAST_MRR = 0.95
# Products of another brand were judged; a chemicals shelf.
MISSED = {"winco ladle", "cleaning chemicals"}


@pytest.fixture
def catalogue() -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    categories = {name: CategoryFactory(name=name) for name in sorted({row["category"] for row in rows})}
    Product.objects.bulk_create(
        ProductFactory.build(
            sku=row["sku"],
            name=row["name"],
            brand=row["brand"],
            description=row["description"],
            category=categories[row["category"]],
        )
        for row in rows
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
def test_judged_queries_find_what_was_meant() -> None:
    assert Category.objects.count() == 20
    ranks = reciprocal_ranks(Product.objects.all(), judged())
    assert len(ranks) >= 150
    assert {query.text for query, rank in ranks.items() if not rank} <= MISSED
    assert mean(ranks.values()) >= LEAST_MRR


def test_every_judged_product_exists() -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        skus = {row["sku"] for row in csv.DictReader(file)}
    queries = judged()

    assert len({query.text.lower() for query in queries}) == len(queries)
    for query in queries:
        assert query.relevant
        assert query.relevant <= skus, query.text
