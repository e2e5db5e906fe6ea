"""The client: what a server, and the people on it, can make it keep."""

from __future__ import annotations

from ..row import Bound, Constant, Longest

TITLE = "The client"

_MODELS, _ANSWERS = "asnity_server.protocol.models", "asnity_server.protocol.responses"
_COMMUNITY = "asnity_tui.state.community"
_TOO_MUCH = "tests/unit/state/test_too_much.py"

ROWS = (
    Bound(
        what="An answer of a server",
        many="{}",
        beyond="It isn't read on; what was asked for failed.",
        set_at=(Constant("asnity_tui.client.transport.http", "ANSWER_LIMIT", "bytes"),),
        tests=("tests/unit/client/test_http.py::test_an_answer_without_end_is_not_read_to_its_end",),
    ),
    Bound(
        what="What a server sends over the socket at once, or answers to a poll",
        many="{}",
        beyond="The connection ends.",
        set_at=(Constant("asnity_tui.client.transport.socketio_client", "LARGEST_FRAME", "bytes"),),
        tests=(
            "tests/unit/client/test_dialling.py::test_a_poll_that_is_answered_without_end_is_not_read_to_its_end",
            "tests/unit/client/test_socket.py::test_a_frame_without_end_ends_the_connection",
        ),
    ),
    Bound(
        what="A message that a server sends: its text, whom it mentions, its emoji, who set each",
        many="{} code points, {}, {} and {}",
        beyond="It isn't understood: an event is left out, what was asked for failed.",
        set_at=(
            Longest("Content", _MODELS),
            Longest("Mentions", _MODELS),
            Longest("Reactions", _MODELS),
            Longest("Reaction.users", _MODELS),
        ),
        tests=(
            f"{_TOO_MUCH}::test_what_is_far_longer_than_any_server_says_is_not_understood",
            f"{_TOO_MUCH}::test_what_a_server_says_at_most_is_understood",
        ),
    ),
    Bound(
        what="Names, lines, ids and times that a server sends, and a page of a list",
        many="{}, {}, {} and {} code points, and {} entries",
        beyond="They aren't understood.",
        set_at=(
            Longest("Name", _MODELS),
            Longest("Line", _MODELS),
            Longest("Id", _MODELS),
            Longest("Moment", _MODELS),
            Longest("MessagePage.messages", _ANSWERS),
        ),
        tests=(f"{_TOO_MUCH}::test_what_is_far_longer_than_any_server_says_is_not_understood",),
    ),
    Bound(
        what="Messages of a channel in memory",
        many="{}, in {} ranges",
        beyond="Those that are farthest from what is looked at go, and are loaded again when somebody looks there.",
        set_at=(
            Constant("asnity_tui.state.ranges", "HELD_MAX"),
            Constant("asnity_tui.state.ranges", "RANGES_MAX"),
        ),
        tests=(
            "tests/unit/state/test_ranges.py::test_what_is_too_much_goes_from_the_end_that_is_farther_from_the_eye",
            "tests/unit/state/test_ranges.py::test_of_too_many_ranges_the_farthest_goes",
        ),
        holds=("asnity_tui.state.ranges:Ranges._all",),
    ),
    Bound(
        what="Changes of a channel that came before the one they follow on",
        many="{}, or {} where it isn't loaded",
        beyond="They are asked for instead.",
        set_at=(
            Constant("asnity_tui.state.channel", "HELD_BACK_MAX"),
            Constant("asnity_tui.state.channel", "HELD_UNSEEN_MAX"),
        ),
        tests=(
            "tests/unit/state/test_channel.py::test_more_than_can_be_held_back_is_asked_for_in_the_end",
            "tests/unit/state/test_too_much.py::test_what_is_held_back_in_a_channel_that_is_not_loaded_is_asked_for",
        ),
        holds=("asnity_tui.state.channel:ChannelState._held",),
    ),
    Bound(
        what="Channels whose messages are in memory",
        many="{}",
        beyond="The one that was left first is loaded from the cache again.",
        set_at=(Constant("asnity_tui.client.sync.persistence", "TIMELINES_MAX"),),
        tests=("tests/unit/client_session/test_history.py::test_more_channels_than_are_kept_in_memory",),
        holds=("asnity_tui.client.sync.persistence:Persistence._visited",),
    ),
    Bound(
        what="People who are known to be typing in a channel",
        many="{}",
        beyond="Those who began first are forgotten.",
        set_at=(Constant("asnity_tui.state.channel", "TYPING_MAX"),),
        tests=(f"{_TOO_MUCH}::test_of_people_who_type_the_last_ones_are_known",),
        holds=("asnity_tui.state.channel:TypingUsers._until",),
    ),
    Bound(
        what="Members of a community or a channel that a list holds",
        many="{}",
        beyond="The others aren't listed.",
        set_at=(Constant(_COMMUNITY, "MEMBERS_MAX"),),
        tests=(f"{_TOO_MUCH}::test_lists_of_people_grow_up_to_a_number",),
        holds=(
            "asnity_tui.state.community:CommunityState.members",
            "asnity_tui.state.channel:ChannelState.people",
        ),
    ),
    Bound(
        what="People of a community whose presence is known",
        many="{}",
        beyond="The others show as offline.",
        set_at=(Constant(_COMMUNITY, "PRESENT_MAX"),),
        tests=(f"{_TOO_MUCH}::test_of_a_crowd_so_many_are_known_to_be_present",),
        holds=("asnity_tui.state.community:CommunityState.presence",),
    ),
    Bound(
        what="New channels that are counted until somebody looks",
        many="{}",
        beyond="The count stops.",
        set_at=(Constant(_COMMUNITY, "APPEARED_MAX"),),
        tests=(f"{_TOO_MUCH}::test_new_channels_are_counted_up_to_a_number",),
        holds=("asnity_tui.state.community:CommunityState.appeared",),
    ),
    Bound(
        what="Events of a community while its `join` is unanswered",
        many="{}",
        beyond="They are missed, and everything is compared afterwards.",
        set_at=(Constant(_COMMUNITY, "HELD_EVENTS_MAX"),),
        tests=(f"{_TOO_MUCH}::test_events_before_a_join_is_answered_are_missed_and_compared",),
        holds=("asnity_tui.state.community:CommunityState.held_back",),
    ),
    Bound(
        what="Channels of a community, and communities, at which no more are added by events",
        many="{} and {}",
        beyond="They don't show until others are gone.",
        set_at=(
            Constant("asnity_tui.state.events", "CHANNELS_MAX"),
            Constant("asnity_tui.state.events", "COMMUNITIES_MAX"),
        ),
        tests=(f"{_TOO_MUCH}::test_channels_and_communities_that_are_told_of_end_somewhere",),
        holds=(
            "asnity_tui.state.community:CommunityState.channels",
            "asnity_tui.state.community:CommunityState._orders",
            "asnity_tui.state.store:Store.communities",
        ),
    ),
    Bound(
        what="People who are known by name",
        many="{}",
        beyond="Those whom nothing that is loaded names are forgotten, and asked for again when they are named.",
        set_at=(Constant("asnity_tui.state.store", "USERS_MAX"),),
        tests=(f"{_TOO_MUCH}::test_people_whom_nothing_names_are_forgotten_and_the_others_stay",),
        holds=(
            "asnity_tui.state.store:Store.users",
            "asnity_tui.state.community:CommunityState.former",
        ),
    ),
    Bound(
        what="People who are to be asked for, and those whom nobody knows",
        many="{}",
        beyond="They stay unnamed.",
        set_at=(Constant("asnity_tui.client.sync.repair", "UNKNOWN_MAX"),),
        tests=(
            "tests/unit/client_session/test_moderation_and_members.py::test_of_too_many_people_whom_nobody_knows_some_are_asked_for",
        ),
        holds=(
            "asnity_tui.client.sync.repair:Repair._people",
            "asnity_tui.client.sync.repair:Repair._asked_people",
        ),
    ),
    Bound(
        what="Communities of which is known how often they were left",
        many="{}",
        beyond="It is counted anew.",
        set_at=(Constant("asnity_tui.client.sync.link", "LEFT_MAX"),),
        tests=(
            "tests/unit/client_session/test_moderation_and_members.py::test_communities_that_are_left_again_and_again_are_counted_anew",
        ),
        holds=("asnity_tui.client.sync.link:Link._left",),
    ),
    Bound(
        what="Toasts at the same time",
        many="{}",
        beyond="What only informs is left out; what went wrong takes its place.",
        set_at=(Constant("asnity_tui.toasts", "TOASTS_MAX"),),
        tests=("tests/tui/test_toasts.py::test_toasts_are_few_and_what_went_wrong_is_among_them",),
    ),
    Bound(
        what="Messages that `asnity-tui tail` has yet to show, and people whose names it keeps",
        many="{} and {}",
        beyond="They are asked for when it is their turn.",
        set_at=(
            Constant("asnity_tui.cli.tail", "WAITING_MAX"),
            Constant("asnity_tui.cli.tail", "PEOPLE_MAX"),
        ),
        tests=(
            "tests/unit/cli/test_tail.py::test_what_comes_faster_than_it_is_shown_is_asked_for_and_none_is_missing",
        ),
        holds=(
            "asnity_tui.cli.tail:Tail._work",
            "asnity_tui.cli.tail:Tail._people",
        ),
    ),
)

OURS = {
    "asnity_tui.client.storage.cache_database:CacheDatabase": "what waits to be written, under a key for each thing",
    "asnity_tui.client.storage.writer:CacheWriter": "one thread; what waits has a key for each thing that is kept",
    "asnity_tui.client.sync.preferences:Preferences._held": "what the person has chosen",
    "asnity_tui.client.sync.connection:Connection._wait": "one wait for the next attempt",
    "asnity_tui.client.sync.publisher:Publisher._unsent": "what changed within one turn of the event loop",
    "asnity_tui.client.sync.publisher:Publisher._watchers": "parts of the program, by type of change",
    "asnity_tui.client.sync.publisher:Publisher._subscribers": "screens of the program",
    "asnity_tui.client.sync.tasks:Tasks": "one task for each thing that is asked; each thing is asked for once",
    "asnity_tui.client.sync.drafts:Drafts": "texts that the person has begun, by channel",
    "asnity_tui.client.sync.history:HistoryLoader": "channels that the person has opened; one load of a kind each",
    "asnity_tui.client.sync.persistence:Persistence._changed": "channels that the person opened, until written",
    "asnity_tui.client.sync.persistence:Persistence._reading": "channels that the person read without a connection",
    "asnity_tui.client.resources.reactions:ReactionsApi._wishes": "reactions of the person that are under way",
    "asnity_tui.client.sync.namespaces:Namespaces._joining": "communities of the person that are being entered",
    "asnity_tui.client.resources.members:MembersApi": "lists that the person opened",
    "asnity_tui.client.resources.members:OwnMembership": "channels that the person made or joined",
    "asnity_tui.client.sync.presence:TypingSignal": "channels that the person writes in",
    "asnity_tui.client.sync.read_markers:ReadMarkers": "channels that the person reads or writes in",
    "asnity_tui.client.sync.outbox_sender:OutboxSender": "messages that the person has sent",
    "asnity_tui.client.sync.session:Session.close": "waits at the end",
    "asnity_tui.client.transport.socket:SocketTransport": "requests of the client that are unanswered; one connection",
    "asnity_tui.client.sync.repair:Repair._busy": "questions that are under way, one of a kind for each channel",
    "asnity_tui.cli.commands:_until_unread": "one wait for the whole run",
    "asnity_tui.cli.tail:Tail._late": "channels of the person",
    "asnity_tui.cli.tail:Tail._shown": "channels of the person",
    "asnity_tui.cli.tail:Tail._shown_at": "channels of the person",
    "asnity_tui.cli.tail:Tail.run": "two tasks for the whole run",
    "asnity_tui.state.completion.emoji_names:EmojiNames": "a table of the program's own",
    "asnity_tui.state.outbox:Outbox": "messages that the person has sent",
    "asnity_tui.state.pending_overlay:PendingOverlay": "messages that the person has sent, changed or reacted to",
    "asnity_tui.state.timeline:Timeline._log": "so many of the last steps, as its length says",
}
