"""One of many writers: `python -m system_harness.contender URL KEY BODY TRIES` posts BODY TRIES times, when told to.

Prints the statuses as a JSON object of counts. It waits for a line on its input so that all contenders start together.
"""

import json
import sys
import uuid
from collections import Counter

import httpx


def main() -> None:
    url, key, body, tries = sys.argv[1:]
    with httpx.Client(headers={"Content-Type": "application/json", "X-API-Key": key}, timeout=60) as client:
        print("ready", flush=True)
        sys.stdin.readline()
        statuses = Counter(
            client.post(url, content=body, headers={"Idempotency-Key": str(uuid.uuid4())}).status_code
            for _ in range(int(tries))
        )
    print(json.dumps(statuses))


if __name__ == "__main__":
    main()
