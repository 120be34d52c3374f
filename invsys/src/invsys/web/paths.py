"""Which segments of a path may stand for a kind or an id: those that are no word of the API itself."""

from werkzeug.routing import BaseConverter

from invsys.domain.kind import RESERVED_PLURALS


class OpenSegment(BaseConverter):
    """The converter of `<name>` in routes.

    Without it `POST /api/events` would ask for a kind of that name, and be answered 404 and not 405.
    """

    regex = f"(?!(?:{'|'.join(sorted(RESERVED_PLURALS))})$)[^/]+"
    part_isolating = True
