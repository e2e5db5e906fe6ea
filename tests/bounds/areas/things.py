"""How much there is of a thing."""

from __future__ import annotations

from ..row import Bound, Constant

TITLE = "How much there is of a thing"

_LIMITS = "asnity_server.protocol.limits"

ROWS = (
    Bound(
        what="Communities that one person is in",
        many="{}",
        beyond="`conflict`: one has to be left first.",
        set_at=(Constant("asnity_server.protocol.limits", "COMMUNITIES"),),
        tests=("tests/contract/test_communities.py::test_one_is_in_so_many_communities_and_no_more",),
        holds=("table:memberships",),
    ),
    Bound(
        what="Channels of a community, direct ones aside, that one person is in",
        many="{}",
        beyond="`conflict`, also for who would put them into another: they have to leave one first.",
        set_at=(Constant("asnity_server.protocol.limits", "CHANNELS"),),
        tests=("tests/contract/test_channels.py::test_one_is_in_so_many_channels_of_a_community_and_no_more",),
        holds=("table:channel_members",),
    ),
    Bound(
        what="Public and private channels of a community in all",
        many="{}",
        beyond="`conflict`: one has to be deleted first.",
        set_at=(Constant(_LIMITS, "COMMUNITY_CHANNELS"),),
        tests=("tests/contract/test_channels.py::test_a_community_has_so_many_channels_and_direct_ones_beside",),
        holds=("table:channels",),
    ),
    Bound(
        what="Invite links into a community that one person has",
        many="{}",
        beyond="Those that are worth nothing any more are gone; then `conflict`: one has to be withdrawn first.",
        set_at=(Constant(_LIMITS, "INVITES"),),
        tests=(
            "tests/contract/test_communities.py::test_a_person_has_so_many_links_and_those_that_are_used_up_give_way",
        ),
        holds=("table:invites",),
    ),
    Bound(
        what="Direct channels of a community in one person's list",
        many="{}",
        beyond="Another one is closed, at first those that the person never wrote in; a message lists it again.",
        set_at=(Constant("asnity_server.protocol.limits", "DIRECTS"),),
        tests=(
            "tests/api/test_direct_lists.py::"
            "test_a_list_has_room_for_so_many_and_closes_those_that_were_never_answered_first",
        ),
    ),
    Bound(
        what="Direct channels that a person opened and nobody wrote in",
        many="{} in a community",
        beyond="The oldest of them is gone.",
        set_at=(Constant("asnity_server.protocol.limits", "DIRECTS"),),
        tests=(
            "tests/api/test_direct_lists.py::test_who_opens_many_without_writing_keeps_a_listful_and_no_more_is_stored",
        ),
        holds=(
            "table:directs",
            "table:direct_people",
        ),
    ),
    Bound(
        what="Direct channels that one piece of work goes through, where somebody came back or was banned",
        many="{}",
        beyond="The next piece follows behind what others ask.",
        set_at=(Constant("asnity_server.api.direct_lists", "SLICE"),),
        tests=("tests/api/test_direct_lists.py::test_no_slice_of_an_errand_holds_the_writer_for_long",),
    ),
    Bound(
        what="Pins of a channel",
        many="{}",
        beyond="`conflict`: one has to be unpinned first.",
        set_at=(Constant(_LIMITS, "PINS"),),
        tests=("tests/api/test_reactions.py::test_a_channel_has_fifty_pins_at_most",),
    ),
    Bound(
        what="Different emoji under a message",
        many="{}",
        beyond="`conflict`",
        set_at=(Constant(_LIMITS, "REACTIONS"),),
        tests=("tests/api/test_reactions.py::test_a_message_has_so_many_different_ones_at_most",),
        holds=("table:reactions",),
    ),
    Bound(
        what="People that a message names for one emoji",
        many="{}",
        beyond="They are counted; a list of its own has them all, page by page.",
        set_at=(Constant(_LIMITS, "REACTION_USERS"),),
        tests=("tests/api/test_reactions.py::test_twenty_are_named_and_all_counted",),
    ),
    Bound(
        what="Unread messages and mentions that are counted",
        many="{}",
        beyond="The count stops; clients show 99+.",
        set_at=(Constant(_LIMITS, "COUNT_CAP"),),
        tests=(
            "tests/api/test_overview.py::test_counts_stop_at_a_hundred",
            "tests/unit/server/test_read_markers.py::test_whatever_the_length_and_the_mark",
        ),
    ),
)

OURS = {
    "table:users": "no faster than `limit_sign_up`, and as `registration` lets in; kept for ever",
    "table:looks": "what the names of each account look like",
    "table:communities": "no faster than `limit_changes`, each with a member who is in no more than a hundred",
    "table:messages": "no faster than `limit_messages`; kept until they are deleted with their channel",
    "table:receipts": "one for each message, and for 30 days one for each edit and deletion",
    "table:mentions": "people in the channel whom a message names, which has an end",
    "table:former_members": "one for each person who was ever in a community",
    "table:bans": "one for each person that admins have banned",
    "table:audit": "what admins and owners did, no faster than `limit_changes`; kept as long as the community",
    "table:erasures": "what was deleted, until its rows have followed",
    "table:direct_errands": "people who came back or were banned, until their direct channels have followed",
    "table:search": "the index of the messages, with the tables that it consists of",
    "table:search_pending": "messages that the index hasn't caught up with",
    "table:search_state": "one row of the program's own",
    "table:looks_state": "one row of the program's own",
    "table:session_rules": "one row of the program's own",
    "table:generation": "one row of the program's own",
    "table:pulse": "one row of the program's own",
    "table:shards": "one row of the program's own",
    "table:_sqlite_migrations": "one row for each step of the schema",
}
