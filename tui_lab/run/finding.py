"""What the doctor says of one thing."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `remedy` says what to do if it is not `ok`."""

    subject: str
    ok: bool
    found: str
    remedy: str = ""
