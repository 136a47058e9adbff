"""People are found however their names are typed, and by indexes."""

import pytest
from django.db import connection

from accounts.models import CustomerProfile, User
from accounts.selectors import customers, people_matching, team
from lld.core.access import Role
from tests.factories import CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first", "last", "typed"),
    [
        ("José", "Núñez", "jose nunez"),
        ("José", "Núñez", "NUNEZ, jose".replace(",", "")),
        ("Sinéad", "O’Brien", "o'brien"),
        ("Sinéad", "O'Brien", "OBrien"),
        ("Sinéad", "O'Brien", "O’Brien"),
        ("Sinéad", "O`Brien", "sinead obrien"),
        ("Jörg", "Müller", "muller"),
        ("Jörg", "Muller", "Müller"),
        ("Søren", "Ågård", "soren agard"),
        ("Łukasz", "Wójcik", "lukasz wojcik"),
        ("Jürgen", "Groß", "gross"),
        ("Zoë", "D'Angelo", "dangelo zoe"),
        ("Nguyễn", "Thị", "nguyen thi"),
        ("Đặng", "Văn", "dang van"),
        ("Beyoncé", "François-Noël", "francois-noel"),
        ("Æsa", "Þórsdóttir", "aesa"),
        ("Мария", "ПЕТРОВА", "петрова"),
        ("Μαρία", "Παπάς", "ΜΑΡΊΑ"),
        ("麗", "陳", "陳"),
    ],
)
def test_names_are_found_as_they_are_typed(first: str, last: str, typed: str) -> None:
    person = CustomerFactory(first_name=first, last_name=last)
    CustomerFactory(first_name="Someone", last_name="Else")
    assert list(people_matching(customers(), typed)) == [person]


def test_words_may_be_of_person_and_company() -> None:
    person = CustomerFactory(first_name="Ana")
    CustomerProfile.objects.filter(user=person).update(company_name="Café L’Étoile")
    CustomerFactory(first_name="Ana")
    assert list(people_matching(customers(), "ana letoile cafe")) == [person]


def test_search_reads_indexes_only() -> None:
    """Without sequential scans, which are right for the few rows of a test."""
    CustomerFactory()
    rows = people_matching(User.objects.all(), "nunez 0147").union(people_matching(User.objects.all(), "0147"))
    sql, parameters = rows.query.sql_with_params()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "Seq Scan" not in plan, plan
    assert all(name in plan for name in ("user_words", "customer_company", "user_phone_end", "customer_phone2_end"))


def test_team_is_in_the_order_of_a_dictionary() -> None:
    for name in ("zebra", "Émile", "aland", "Zoe", "eva", "åland", "Bob"):
        StaffFactory(username=name, role=Role.STAFF)
    assert [member.username for member in team()] == ["aland", "åland", "Bob", "Émile", "eva", "zebra", "Zoe"]
