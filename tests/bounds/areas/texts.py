"""Bounds of one request's texts."""

from __future__ import annotations

from ..row import Bound, Constant, Longest, Setting

TITLE = "What one request may say"

_LIMITS = "asnity_server.protocol.limits"
_FIELDS = "tests/http/test_lengths.py::test_every_field_has_an_end"
_PAGES = "tests/http/test_lengths.py::test_no_page_is_longer_than_told"

ROWS = (
    Bound(
        what="A socket frame, or an HTTP body",
        many="{}",
        beyond="The socket is closed (status 1009); the request is refused as `too-large`, and its connection ends.",
        set_at=(Setting("limit_frame", "KB"),),
        tests=(
            "tests/gateway/test_hostile.py::test_a_frame_over_the_limit_closes_the_connection",
            "tests/lessons/test_hostile_input.py::test_a_message_in_pieces_is_measured_whole",
            "tests/http/test_hostile.py::test_a_body_over_the_limit",
        ),
        holds=("asnity_server.gateway.delivery.frames:Parser._fragments",),
    ),
    Bound(
        what="The head of an HTTP request",
        many="a line of {}, headers of {} bytes, {} headers",
        beyond="The request is refused with status 400, and its connection ends.",
        set_at=(
            Constant("asnity_server.http.runner", "LINE", "bytes"),
            Constant("asnity_server.http.runner", "HEADER"),
            Constant("asnity_server.http.runner", "HEADER_COUNT"),
        ),
        tests=("tests/http/test_hostile.py::test_what_is_no_http",),
    ),
    Bound(
        what="The time for a whole request, or until the next one",
        many="{}",
        beyond="The connection is closed.",
        set_at=(Constant("asnity_server.http.runner", "IDLE", "seconds"),),
        tests=(
            "tests/http/test_hostile.py::test_a_connection_that_asks_nothing_is_closed",
            "tests/lessons/test_hostile_input.py::test_a_request_that_never_ends_is_ended",
        ),
    ),
    Bound(
        what="The time for the body of a request",
        many="{}",
        beyond="The request is refused as `invalid`.",
        set_at=(Constant("asnity_server.request_body", "BODY_TIME", "seconds"),),
        tests=("tests/http/test_hostile.py::test_a_body_that_does_not_come_is_not_waited_for",),
    ),
    Bound(
        what="The text of a message",
        many="{} code points",
        beyond="`too-large`",
        set_at=(Constant(_LIMITS, "CONTENT"),),
        tests=("tests/http/test_hostile.py::test_content_over_the_limit",),
    ),
    Bound(
        what="Names of people, channels and communities, and names shown",
        many="{}, {}, {} and {} code points",
        beyond="`invalid`",
        set_at=tuple(
            Constant(_LIMITS, name) for name in ("USERNAME", "CHANNEL_NAME", "COMMUNITY_NAME", "DISPLAY_NAME")
        ),
        tests=(_FIELDS,),
    ),
    Bound(
        what="Descriptions, topics, statuses, names of devices, reasons",
        many="{}, {}, {}, {} and {} code points",
        beyond="`invalid`",
        set_at=tuple(Constant(_LIMITS, name) for name in ("DESCRIPTION", "TOPIC", "STATUS_TEXT", "DEVICE", "REASON")),
        tests=(_FIELDS,),
    ),
    Bound(
        what="Any line before it is looked at",
        many="{} code points",
        beyond="`invalid`",
        set_at=(Longest("Line"),),
        tests=(_FIELDS,),
    ),
    Bound(
        what="Passwords, nonces, emoji, words to search for",
        many="{}, {}, {} and {} code points",
        beyond="`invalid`",
        set_at=tuple(Constant(_LIMITS, name) for name in ("PASSWORD", "NONCE", "EMOJI", "QUERY")),
        tests=(_FIELDS, "tests/http/test_lengths.py::test_an_emoji_has_an_end"),
    ),
    Bound(
        what="Ids in one request, people in a direct channel, channels of one `join`",
        many="{}, {} and {}",
        beyond="`invalid`",
        set_at=(Constant(_LIMITS, "IDS"), Constant(_LIMITS, "DIRECT_MAX"), Longest("Join.channels")),
        tests=(
            _FIELDS,
            "tests/http/test_lengths.py::test_people_that_one_brings_along_have_an_end",
            "tests/api/test_direct_channels.py::test_two_to_nine_people",
            "tests/gateway/test_limits.py::test_a_join_names_so_many_channels_at_most",
        ),
    ),
    Bound(
        what="A page of a list",
        many="{} entries",
        beyond="`invalid`; the rest comes with the next page.",
        set_at=(Constant(_LIMITS, "PAGE_MAX"),),
        tests=(_FIELDS, _PAGES),
    ),
    Bound(
        what="A mute, and an invite that ends",
        many="{} and {}",
        beyond="`invalid`",
        set_at=(Constant(_LIMITS, "MUTED_FOR", "seconds"), Constant(_LIMITS, "INVITE_FOR", "seconds")),
        tests=(_FIELDS,),
    ),
)

OURS = {
    "asnity_server.protocol.inline:_Emphasis": "lives while one text is parsed; no longer than that text",
    "asnity_server.protocol.inline:_Scanner": "lives while one text is parsed; no longer than that text",
    "asnity_server.protocol.markup:_Reader": "lives while one text is parsed; no longer than that text",
    "asnity_server.api.search.search_terms:Mapped": "lives while one text is folded; no longer than that text",
    "asnity_server.api.search.search_terms:_Folding": "Unicode code points that fold in an odd way; found once",
    "asnity_server.api.search.search:_Look": "lives while one search runs; no more than the rows that it may look at",
    "asnity_server.protocol.codec:_reader": "by type of the program's own",
    "asnity_server.http.binding:_numbers": "by type of the program's own",
    "asnity_server.api.lookalikes:_prototypes": "one value: Unicode's table",
    "asnity_server.shell:CommandGroup.hints": "words of the program's own, never changed",
}
