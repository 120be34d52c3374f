"""The lines to paste once the system runs: curl and a POSIX shell are all they need."""

CURL = r"curl -sS -i -w '\n'"  # the status line first, and a line of its own for the prompt after the body
JSON = "-H 'Content-Type: application/json'"
SLOT = '{"from_datetime": "2027-03-01T08:00:00Z", "to_datetime": "2027-03-01T18:00:00Z", "allocation_type": "booking"}'


def guide(url: str, name: str, key: str) -> str:
    """Return comments and commands; run in order against an empty or a used inventory they answer 401, 201, 200, 201,
    409, 403.

    `name` must be new to the inventory, `key` be of a client that may do everything to cars and nothing to lorries.
    The first POST keeps the new car's id in the shell variable CAR for the later ones, without jq: an id has no quote
    in it, so sed can cut it out of the answer.
    """
    cars = f"{url}/api/cars"
    curl = f"""{CURL} -H "X-API-Key: $KEY\""""
    book = f"{curl} -X POST {cars}/$CAR/allocations {JSON} -d '{SLOT}'"
    once = """-H "Idempotency-Key: $CAR-{}\""""  # a retry with the same key would get the first answer again
    create = f"""{curl} -X POST {cars} {JSON} -d '{{"name": "{name}"}}'"""
    cut_id = """sed -n 's/.*"id": *"\\([^"]*\\)".*/\\1/p'"""
    return "\n".join(
        [
            f"KEY={key}",
            "# 401: nobody is let in without a key",
            f"{CURL} {cars}",
            "# 201: a car",
            f'ANSWER=$({create}); echo "$ANSWER"; CAR=$(echo "$ANSWER" | {cut_id})',
            "# 200: the cars there are",
            f"{curl} {cars}",
            "# 201: the car is booked for a day",
            f"{book} {once.format(1)}",
            "# 409: the same day again, answered with the booking in the way",
            f"{book} {once.format(2)}",
            "# 403: this client was granted cars, and no lorries",
            f"{curl} {url}/api/lorries",
        ]
    )
