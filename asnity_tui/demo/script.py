"""The script of the demo lists its communities, what was said in them before, and what is said meanwhile."""

from __future__ import annotations

import msgspec

PLACES: dict[str, dict[str, str]] = {
    "Mandarin Lab": {
        "general": "Where we say hello",
        "welcome": "Five small steps around Asnity. This is a demo: everything is deleted when you quit",
        "random": "Anything goes",
        "release": "What is about to go out",
        "flaky": "Every third answer is lost for a while, every fifth message is refused: write some here",
    },
    "Open Source": {"general": "Small tools, well kept", "reviews": "Somebody has to look at it"},
    "귤 농장": {"general": "제주에서 인사드립니다", "사진": "오늘 찍은 것"},
}
"""Communities with the topics of their channels."""

NAMES = {"alice": "alice", "bob": "bob", "minji": "민지", "dana": "dana", "guide": "Guide"}
YOUR_NAME = "Sam"


class ScriptLine(msgspec.Struct, frozen=True):
    """Something that somebody says."""

    community: str
    channel: str
    who: str
    text: str
    days: int = 0
    """Days ago, for what was said before."""
    at: str = ""
    """The time of that day; today, minutes ago."""


LAB, SOURCE, FARM = "Mandarin Lab", "Open Source", "귤 농장"

BEFORE: tuple[ScriptLine, ...] = (
    ScriptLine(
        LAB, "general", "alice", "Hello everybody, and welcome to the lab. Topics go into channels.", 8, "09:12"
    ),
    ScriptLine(LAB, "general", "dana", "Thanks! Where do the builds end up?", 8, "09:30"),
    ScriptLine(LAB, "general", "alice", "https://example.org/builds, the newest under `latest`.", 8, "09:31"),
    ScriptLine(SOURCE, "general", "bob", "Welcome! Everything here is MIT.", 8, "11:00"),
    ScriptLine(FARM, "general", "minji", "안녕하세요! 올해 귤이 정말 달아요.", 7, "18:40"),
    ScriptLine(LAB, "random", "bob", "The cat has learned to close the laptop.", 7, "15:02"),
    ScriptLine(LAB, "random", "minji", "우리 집 고양이도 👩‍💻 일을 방해해요", 7, "15:10"),
    ScriptLine(
        LAB, "release", "alice", "Plan for 0.1: what is written is never lost, nor doubled. Then we ship.", 6, "10:20"
    ),
    ScriptLine(LAB, "release", "bob", "I take the outbox, dana takes the tests?", 6, "10:41"),
    ScriptLine(LAB, "release", "dana", "Yes. Two days, I think.", 6, "10:44"),
    ScriptLine(
        SOURCE, "reviews", "dana", "The parser is ready to be looked at: https://example.org/pull/7", 5, "16:30"
    ),
    ScriptLine(SOURCE, "reviews", "bob", "Looking. The error messages are lovely.", 5, "17:05"),
    ScriptLine(FARM, "사진", "minji", "아침 햇살이 좋았어요 🌅", 3, "07:20"),
    ScriptLine(LAB, "general", "bob", "Lunch on Thursday? There is a new noodle place.", 3, "11:15"),
    ScriptLine(LAB, "general", "minji", "좋아요! 🍜", 3, "11:16"),
    ScriptLine(LAB, "release", "dana", "All green here, with the network pulled out in the middle:", 1, "14:02"),
    ScriptLine(LAB, "release", "dana", "```\n$ pytest -q\n412 passed in 58.31s\n```", 1, "14:02"),
    ScriptLine(LAB, "general", "alice", "Good morning! Did anyone try the new build?", 1, "10:02"),
    ScriptLine(LAB, "general", "alice", "It is on the usual host: https://example.org/builds/latest", 1, "10:02"),
    ScriptLine(LAB, "general", "bob", "Works here. The doctor says everything is green.", 1, "10:03"),
    ScriptLine(LAB, "general", "minji", "귤 먹으러 올 사람? 🍊", 1, "15:40"),
    ScriptLine(LAB, "general", "dana", "Me! Give me ten minutes.", 1, "15:41"),
    ScriptLine(
        LAB, "release", "alice", "Notes for 0.1 are ready.\n\n- messages never get lost\n- nor doubled", 0, "42"
    ),
    ScriptLine(
        LAB, "flaky", "alice", "Write five or six messages here and watch: `…` is waiting, `!` was refused.", 0, "30"
    ),
    ScriptLine(LAB, "general", "bob", "Morning. Coffee is ready.", 0, "25"),
)
"""What was said before you came."""

DIRECT: tuple[ScriptLine, ...] = (
    ScriptLine(
        LAB, "", "bob", "Hi Sam! Nice that you're here. This is a direct message: only the two of us see it.", 0, "12"
    ),
    ScriptLine(LAB, "", "bob", "Write back whenever you like.", 0, "11"),
)
"""What bob wrote to you before you came."""

SAID: tuple[ScriptLine, ...] = (
    ScriptLine(
        LAB, "general", "dana", "Hello @you! ctrl+k leads anywhere, F1 shows all keys, #welcome has five small steps."
    ),
    ScriptLine(SOURCE, "reviews", "bob", "@you could you look at the tests of the parser?"),
    ScriptLine(LAB, "random", "minji", "점심 뭐 먹을까요?"),
    ScriptLine(LAB, "general", "bob", "The build server is a bit slow today."),
    ScriptLine(FARM, "general", "minji", "@you 귤 한 상자 보내드릴까요?"),
    ScriptLine(LAB, "release", "alice", "Going out this afternoon unless somebody objects."),
    ScriptLine(LAB, "general", "alice", "Found it: the cache was cold. `./build --warm` takes 4 s now."),
    ScriptLine(SOURCE, "general", "dana", "Who wants to write the changelog?"),
    ScriptLine(LAB, "random", "bob", "The cat has opened the laptop again. It typed `;;;;;;p`."),
    ScriptLine(LAB, "general", "minji", "좋아요 👍🏽 고마워요!"),
    ScriptLine(FARM, "사진", "minji", "바다가 보여요 🌊"),
    ScriptLine(LAB, "release", "dana", "No objections from the tests."),
    ScriptLine(SOURCE, "general", "bob", "I'll do the changelog if somebody reviews it."),
    ScriptLine(LAB, "general", "dana", "I'll be away until three."),
    ScriptLine(LAB, "random", "alice", "Is that the cat that sits on the router?"),
    ScriptLine(LAB, "random", "bob", "The very same. It is warm there."),
    ScriptLine(SOURCE, "reviews", "dana", "The changelog reads well. One nit: say what users see, not what we did."),
    ScriptLine(LAB, "release", "alice", "It is out! 🎉 Thanks, everybody."),
    ScriptLine(FARM, "general", "minji", "오늘 수확은 여기까지예요. 내일 봬요!"),
    ScriptLine(LAB, "general", "alice", "That was a good day. See you tomorrow."),
)
"""What is said while you are here, once; then it is quiet."""

STEPS: tuple[str, ...] = (
    "Hello @you! This is a **demo**: a server on your own machine, with people who were made up. Everything is deleted"
    " when you quit. Five small steps show how Asnity works; do them in any order.",
    "**1 of 5: the message list.** Press `Esc` to leave the composer: a bar marks a message. `↑` and `↓` move"
    " it, `Esc` again brings you back to writing.",
    "**2 of 5: reply.** In the message list, select this message, press `r`, write something and press `Enter`.",
    "**3 of 5: react.** Select this message, press `+`, choose an emoji.",
    "**4 of 5: when the network is bad.** Press `ctrl+k`, type `flaky`, press `Enter`, and write five or six messages"
    " there: you always see which ones were sent.",
    "**5 of 5: quit.** `ctrl+q`, or `/quit`. It asks nothing: there is nothing to lose here.",
)
"""What the guide wrote in #welcome."""

REPLY_STEP, REACT_STEP = 3, 4
"""Ids of the messages in #welcome that are to be replied and reacted to."""

PRAISE = {
    "reply": "That was a reply: it quotes what it answers, and I was notified. (Step 2 done.)",
    "react": "Thanks for the reaction! Selecting the same emoji again takes it back. (Step 3 done.)",
    "flaky": "You were in #flaky: whatever the network did, nothing was lost or doubled. (Step 4 done.)",
}
"""What the guide says to a step that was done, once."""

ANSWERS: tuple[str, ...] = (
    "Good to hear from you!",
    "I'm only a demo, so I run out of answers quickly. Invite real people: `asnity-server` on any small machine.",
)
"""What bob answers to what you write to him; then he only reacts."""
