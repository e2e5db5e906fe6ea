"""The table of permissions, written out by hand: `permissions` and both doors are held against it.

Y is allowed, F is `forbidden`, N is `not-found`. A column is a role, and whether the person is in the channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from asnity_server.api.permissions import Action
from asnity_server.protocol.models import Kind, Role

Verdict = Literal["Y", "F", "N"]

COLUMNS: tuple[tuple[Role | None, bool], ...] = (
    (None, False),
    ("member", False),
    ("member", True),
    ("admin", False),
    ("admin", True),
    ("owner", False),
    ("owner", True),
)

IN_CHANNEL = """
#                              stranger  member    admin     owner
#                                        out in    out in    out in
see-channel          public    N         Y   Y     Y   Y     Y   Y
see-channel          private   N         N   Y     N   Y     N   Y
see-channel          direct    N         N   Y     N   Y     N   Y
read-history         public    N         Y   Y     Y   Y     Y   Y
read-history         private   N         N   Y     N   Y     N   Y
read-history         direct    N         N   Y     N   Y     N   Y
enter-room           public    N         F   Y     F   Y     F   Y
enter-room           private   N         N   Y     N   Y     N   Y
enter-room           direct    N         N   Y     N   Y     N   Y
move-read-marker     public    N         F   Y     F   Y     F   Y
move-read-marker     private   N         N   Y     N   Y     N   Y
move-read-marker     direct    N         N   Y     N   Y     N   Y
mute-channel         public    N         F   Y     F   Y     F   Y
mute-channel         private   N         N   Y     N   Y     N   Y
mute-channel         direct    N         N   Y     N   Y     N   Y
close-direct         public    N         F   F     F   F     F   F
close-direct         private   N         N   F     N   F     N   F
close-direct         direct    N         N   Y     N   Y     N   Y
join-channel         public    N         Y   Y     Y   Y     Y   Y
join-channel         private   N         N   F     N   F     N   F
join-channel         direct    N         N   F     N   F     N   F
leave-channel        public    N         F   Y     F   Y     F   Y
leave-channel        private   N         N   Y     N   Y     N   Y
leave-channel        direct    N         N   Y     N   Y     N   Y
invite-to-channel    public    N         F   Y     F   Y     F   Y
invite-to-channel    private   N         N   Y     N   Y     N   Y
invite-to-channel    direct    N         N   F     N   F     N   F
remove-from-channel  public    N         F   F     F   Y     F   Y
remove-from-channel  private   N         N   F     N   Y     N   Y
remove-from-channel  direct    N         N   F     N   F     N   F
change-channel       public    N         F   F     F   Y     F   Y
change-channel       private   N         N   F     N   Y     N   Y
change-channel       direct    N         N   F     N   F     N   F
archive-channel      public    N         F   F     F   Y     F   Y
archive-channel      private   N         N   F     N   Y     N   Y
archive-channel      direct    N         N   F     N   F     N   F
delete-channel       public    N         F   F     F   Y     F   Y
delete-channel       private   N         N   F     N   Y     N   Y
delete-channel       direct    N         N   F     N   F     N   F
post                 public    N         F   Y     F   Y     F   Y
post                 private   N         N   Y     N   Y     N   Y
post                 direct    N         N   Y     N   Y     N   Y
mention-all          public    N         F   Y     F   Y     F   Y
mention-all          private   N         N   Y     N   Y     N   Y
mention-all          direct    N         N   Y     N   Y     N   Y
edit-message:own     public    N         F   Y     F   Y     F   Y
edit-message:own     private   N         N   Y     N   Y     N   Y
edit-message:own     direct    N         N   Y     N   Y     N   Y
edit-message         public    N         F   F     F   F     F   F
edit-message         private   N         N   F     N   F     N   F
edit-message         direct    N         N   F     N   F     N   F
delete-message:own   public    N         F   Y     F   Y     F   Y
delete-message:own   private   N         N   Y     N   Y     N   Y
delete-message:own   direct    N         N   Y     N   Y     N   Y
delete-message       public    N         F   F     F   Y     F   Y
delete-message       private   N         N   F     N   Y     N   Y
delete-message       direct    N         N   F     N   Y     N   Y
react                public    N         F   Y     F   Y     F   Y
react                private   N         N   Y     N   Y     N   Y
react                direct    N         N   Y     N   Y     N   Y
pin-message          public    N         F   F     F   Y     F   Y
pin-message          private   N         N   F     N   Y     N   Y
pin-message          direct    N         N   F     N   Y     N   Y
"""
"""In a channel that is neither `general` nor archived; where somebody is removed, a plain member is."""

NOT_ARCHIVED = {
    "join-channel",
    "invite-to-channel",
    "post",
    "mention-all",
    "edit-message",
    "delete-message",
    "react",
    "pin-message",
}
"""What nobody may do in an archived channel."""

NOT_GENERAL = {"leave-channel", "remove-from-channel", "archive-channel", "delete-channel"}
"""What nobody may do to `general`."""

IN_COMMUNITY = """
#                      stranger  member  admin  owner
see-community          N         Y       Y      Y
create-channel         N         Y       Y      Y
open-direct            N         Y       Y      Y
leave-community        N         Y       Y      Y
invite-to-community    N         Y       Y      Y
see-invites            N         F       Y      Y
withdraw-invite:own    N         Y       Y      Y
withdraw-invite        N         F       Y      Y
kick-member            N         F       Y      Y
ban-member             N         F       Y      Y
ban-former             N         F       Y      Y
mute-member            N         F       Y      Y
see-bans               N         F       Y      Y
lift-ban               N         F       Y      Y
see-audit              N         F       Y      Y
change-role            N         F       F      Y
change-community       N         F       F      Y
delete-community       N         F       F      Y
"""
"""Where members may invite; where somebody is kicked, banned, muted or given a role, a plain member is."""

NOT_WHILE_MUTED = {
    "create-channel",
    "invite-to-community",
    "invite-to-channel",
    "post",
    "mention-all",
    "edit-message",
    "react",
    "open-direct",
}
"""What a muted member may not do, wherever they are."""

ROLES: tuple[Role | None, ...] = (None, "member", "admin", "owner")


class Row(NamedTuple):
    """One cell of a table."""

    action: Action
    own: bool
    kind: Kind | None
    role: Role | None
    inside: bool
    verdict: Verdict

    def __str__(self) -> str:
        where = f"-{self.kind}-{'in' if self.inside else 'out'}" if self.kind else ""
        return f"{self.action}{'-own' if self.own else ''}{where}-{self.role or 'stranger'}"


def _lines(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        if not line.startswith("#"):
            yield line.split()


def channel_rows() -> Iterator[Row]:
    """Every cell of `IN_CHANNEL`."""
    for name, kind, *verdicts in _lines(IN_CHANNEL):
        action, _, own = name.partition(":")
        for (role, inside), verdict in zip(COLUMNS, verdicts, strict=True):
            yield Row(action, bool(own), kind, role, inside, verdict)  # type: ignore[arg-type]


def community_rows() -> Iterator[Row]:
    """Every cell of `IN_COMMUNITY`."""
    for name, *verdicts in _lines(IN_COMMUNITY):
        action, _, own = name.partition(":")
        for role, verdict in zip(ROLES, verdicts, strict=True):
            yield Row(action, bool(own), None, role, False, verdict)  # type: ignore[arg-type]
