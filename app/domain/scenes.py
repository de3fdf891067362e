"""Where a customer pays."""

from typing import Literal, get_args

# A code to scan, inside the channel's own client, a browser on a phone, a browser on a desk, an
# app, or outside any channel.
Scene = Literal["qr", "client", "h5", "page", "app", "offline"]
SCENES: tuple[Scene, ...] = get_args(Scene)
