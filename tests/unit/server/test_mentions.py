"""Mentions: where an `@` calls somebody, and which names a run of letters may mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asnity_server.protocol import limits
from asnity_server.protocol.markup import mention_runs
from asnity_server.protocol.mentions import mention_keys, resolve_name
from asnity_server.protocol.text import longest_written


@pytest.mark.parametrize(
    ("content", "runs"),
    [
        ("@bob", ["bob"]),
        ("hi @bob, @alice!", ["bob", "alice"]),
        ("(@bob)", ["bob"]),
        ("@bob's", ["bob"]),
        ("mail@example.org", []),
        ("@@bob", []),
        ("@", []),
        ("@ bob", []),
        ("@a_b-c", ["a_b-c"]),
        ("안녕@민지가", ["민지가"]),
        ("@สมชาย ครับ", ["สมชาย"]),
        ("`@bob`", []),
        ("``@bob ` still``", []),
        ("`@bob", ["bob"]),
        ("```\n@bob\n```", []),
        ("```\n@bob", []),
        ("```py\n@bob\n```\n@alice", ["alice"]),
        ("a ``` b @bob", ["bob"]),
        ("@bob\n@alice\n@bob", ["bob", "alice", "bob"]),
        # addresses, paths and what other networks call people
        ("https://medium.com/@bob and https://x.org/@channel", []),
        ("www.medium.com/@bob src/@bob …/@channel", []),
        ("first.last-@example.org x+@example.org", []),
        ("@bob@example.social @bob:example.org", []),
        ("[the @bob](https://x.org/@bob)", []),
        ("<https://x.org/@bob>", []),
        ("https://x.org/，@bob https://x.org을 @bob", ["bob", "bob"]),
        ("@alice/@bob, and: done.@bob", ["alice", "bob", "bob"]),
        ("x=\\@bob DOMAIN\\@bob", []),
        # emphasis
        ("_@bob_ *@bob* **@bob** ~~@bob~~ ***@bob***", ["bob"] * 5),
        ("@bob_ @bob- __@bob__ _@bob", ["bob_", "bob-", "bob__", "bob"]),
        ("a_@bob", []),
        # code
        ("\\`@bob\\`", ["bob"]),
        ("`a\n\n@bob`", ["bob"]),
        ("`a\n- @bob`", ["bob"]),
        ("`a\n> @bob`", ["bob"]),
        ("`a\n@bob`", ["bob"]),
        ("- `a\n- b` @bob", ["bob"]),
        ("it`s @bob`s", ["bob"]),
        ("`C:\\` @bob `x`", ["bob"]),
        ("~~~\n@bob\n~~~", []),
        ("~~~\n@bob", ["bob"]),
        ("~~~~\n~~~\n@bob\n~~~~\n@alice", ["alice"]),
        ("    ```\n    @bob\n    ```", []),
        ("- ```\n  @bob\n  ```\n  @alice", ["alice"]),
        ("1. ```\n@bob\n```", []),
        ("> ```\n> @bob\n@alice", ["alice"]),
        ("> ```\n> > @bob\n> ```\n> @alice", ["alice"]),
        ("````\n```\n@bob\n```\n````\n@alice", ["alice"]),
        ("```py\n@bob```\n@alice", ["alice"]),
        ("```\n@bob\n``` @alice", ["alice"]),
        ("look ```\n@bob\n``` @alice", ["alice"]),
        ("look ```py\n@bob\n\n@bob\n```\n@alice", ["alice"]),
        ("> look ```\n> @bob\n> ``` @alice\n@carol", ["alice", "carol"]),
        ("look ``` @bob\n@alice", ["bob", "alice"]),
        ("(`・ω・´)ゞ @bob (`・ω・´)ゞ", ["bob"]),
        ("\\```\n@bob\n\\```", ["bob"]),
    ],
)
def test_who_may_be_meant(content: str, runs: list[str]) -> None:
    assert mention_runs(content) == runs


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("Bob", ["bob"]),
        ("bobby", ["bobby"]),
        ("민지가", ["민지가", "민지", "민"]),
        ("bob가", ["bob가", "bob"]),
        ("bob가입", ["bob가입", "bob가", "bob"]),
        ("민지bob", ["민지bob", "민"]),
        ("bob_", ["bob_", "bob"]),
        ("bob-_-", ["bob-_-", "bob-_", "bob-", "bob"]),
        ("민지_가", ["민지_가", "민지_", "민지", "민"]),
    ],
)
def test_names_that_a_run_may_mean(run: str, keys: list[str]) -> None:
    assert [each.key for each in mention_keys(run)] == keys


@given(st.text(alphabet=st.sampled_from("`@ab 가\n"), max_size=200))
def test_mentions_stand_in_the_text(content: str) -> None:
    for run in mention_runs(content):
        assert f"@{run}" in content


def test_looking_for_mentions_costs_by_the_length_of_the_text() -> None:
    """A message that is nothing but mentions and code is looked at once, not by the product of both."""
    assert len(mention_runs("`a`@b " * 666)) == 666
    assert len(mention_runs("@" * 4000)) == 0
    assert mention_runs("`" * 4000) == []
    assert len(list(mention_keys("가" * 4000))) <= 33


@pytest.mark.parametrize("sign", ["a", "\ufdfa", "가"])
@pytest.mark.parametrize("end", ["", "-" * 96, "_" * 96])
def test_what_no_name_can_be_is_not_looked_at_as_one(sign: str, end: str) -> None:
    """U+FDFA is eighteen characters once it is normalised: each look at such a run would take as long as a message."""
    run = sign * 3900 + end
    assert all(each.length <= longest_written(limits.USERNAME) for each in mention_keys(run))


def test_a_name_is_found_as_far_as_it_goes() -> None:
    assert [resolve_name(run, {"bob", "민지"}) for run in ("bob_", "민지가", "bobby", "Channel을")] == [
        ("bob", 3),
        ("민지", 2),
        None,
        ("channel", 7),
    ]
