"""Parts of a page that refresh themselves: asked for again and again, sent when they changed.

In a template: `<div data-poll="{{ url }}" data-poll-seconds="2">...</div>`. The script asks with
the tag of what it has; without a change the answer is an empty 304. An answer that is `ended` is
the last: the page then loads once more, because its buttons may be others.
"""

import hashlib
import re

from flask import Response, make_response, request

ENDED = "X-Ended"
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')  # another one in every answer


def part_of_page(text: str, *, ended: bool = False) -> Response:
    response = make_response(text)
    response.set_etag(hashlib.sha256(TOKEN.sub("", text).encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    if ended:
        response.headers[ENDED] = "yes"
    response.make_conditional(request)
    return response
