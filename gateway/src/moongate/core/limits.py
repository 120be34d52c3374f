"""Every default bound of the data plane, each with its reason. Seconds and bytes.

Where two sources disagree the stricter one stands here.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# Heads. nginx takes 4 x 8 KiB, Node 16 KiB in all, h11 16 KiB, Apache 100 fields of 8 KiB: 16 KiB serves every known
# client and keeps 10,000 half-sent heads under 160 MiB.
MAX_HEAD_BYTES: Final = 16 * KIB
MAX_LINE_BYTES: Final = 8 * KIB
MAX_FIELDS: Final = 100

# Bodies. nginx refuses at 1 MiB, Kong does not refuse: 10 MiB passes a photograph and stops a mistake; a route may say
# otherwise.
MAX_BODY_BYTES: Final = 10 * MIB

# Chunked framing. Go CVE-2023-39326: 1 GiB of chunk extensions for a few bytes of payload.
MAX_CHUNK_LINE_BYTES: Final = 272  # 16 hex digits and 256 of extension, discarded
MAX_CHUNK_EXTENSION_BYTES: Final = 16 * KIB  # in one message
MAX_TRAILER_BYTES: Final = 8 * KIB

# Interim (1xx) answers of one request that are passed on; more is a broken or hostile upstream (Envoy CVE-2024-23326
# family).
MAX_INTERIM_RESPONSES: Final = 16

# Pipelining. So many requests of one connection are taken up in one turn of the loop, the rest waits unread.
MAX_REQUESTS_PER_TURN: Final = 16

# Time. Slowloris (CVE-2007-6750) dies at 10 s; browsers and SDKs reuse connections well within 60 s.
CLIENT_HEAD_SECONDS: Final = 10.0
CLIENT_IDLE_SECONDS: Final = 60.0
BODY_IDLE_SECONDS: Final = 60.0
PACE_BYTES_PER_SECOND: Final = 240
PACE_WINDOW_SECONDS: Final = 10.0
QUICK_BYTES_PER_SECOND: Final = KIB  # a body that comes slower is given a service's connection when 64 KiB are there
SLOW_READER_SECONDS: Final = 30.0
TUNNEL_IDLE_SECONDS: Final = 300.0  # uvicorn and websockets ping every 20 s
TUNNEL_GOODBYE_SECONDS: Final = 3.0  # for a peer to answer the close frame of a worker that drains
LINGER_SECONDS: Final = 1.0
LINGER_BYTES: Final = 64 * KIB
CONNECT_SECONDS: Final = 3.0
RESPONSE_HEAD_SECONDS: Final = 30.0

# uvicorn closes an idle connection after 5 s, gunicorn after 2 s (learned when it happens): below uvicorn's, a reuse
# never races the close, and no client sees a 502 that nobody caused.
UPSTREAM_IDLE_SECONDS: Final = 4.0
UPSTREAM_IDLE_FLOOR_SECONDS: Final = 0.25

# Connections of one worker to one target.
POOL_IDLE: Final = 64
POOL_TOTAL: Final = 256
POOL_QUEUE: Final = 1024
POOL_QUEUE_SECONDS: Final = 5.0

# Retries: one, never more than a fifth of what is running (AWS 2015, "metastable failures"), three always.
RETRY_LIMIT: Final = 1
RETRY_BUDGET_SHARE: Final = 0.2
RETRY_BUDGET_MIN: Final = 3
RETRY_BACKOFF_SECONDS: Final = 0.025
REPLAY_BYTES: Final = (
    64 * KIB
)  # of a body kept until the first response byte, so that an idempotent request can be redone

# What a filter is answered by a service that it asks: a page to sign in at, a decision, what a token is good for.
FETCH_BYTES: Final = 64 * KIB

# Flow control, each direction of each connection.
WRITE_HIGH_BYTES: Final = 32 * KIB  # and a piece more: 100 slow readers hold 5 MiB, 8 with 64 KiB at no less work
WRITE_LOW_BYTES: Final = 16 * KIB
UNSENT_BYTES: Final = 128 * KIB  # in the kernel's send buffer of a client's connection
READ_BYTES: Final = 32 * KIB  # at a time, of a large body
QUICK_READ_BYTES: Final = 128 * KIB  # of one whose receiver has kept up: a sixth less work for 1 MiB
QUICK_AFTER_BYTES: Final = 256 * KIB  # what slow receivers take is less: their kernel's buffers

# Connections from clients, in one worker: 65,536 idle ones take 512 MiB; one address (a company behind one NAT, a load
# balancer that nobody declared trusted) gets a 64th of that.
CONNECTIONS: Final = 65536
CONNECTIONS_PER_ADDRESS: Final = 1024

SPARE_FILES: Final = 64  # descriptors that no connection may take: listeners, logs, certificates, a resolver's sockets

# Overload. A loop that is 0.1 s late makes every answer 0.1 s late; at 0.3 s people notice. A worker that does 30,000
# requests a second has 300 running at 10 ms each: ten times that many means that a service has stopped answering.
LAG_SOFT_SECONDS: Final = 0.1
LAG_HARD_SECONDS: Final = 0.3
LAG_TICKS: Final = 3  # a quarter second each, in a row
LAG_IN_FLIGHT: Final = 256  # fewer that wait are no queue worth refusing anybody for
IN_FLIGHT: Final = 4096
IN_FLIGHT_SOFT_SHARE: Final = 0.8
IN_FLIGHT_LAST_SHARE: Final = 1.25

# Listening and leaving.
CERTIFICATE_CHECK_SECONDS: Final = 10.0  # how often the files are looked at
LISTEN_BACKLOG: Final = 4096
DRAIN_SECONDS: Final = 30.0
DRAIN_NOTICE_SECONDS: Final = 5.0  # load balancers ask for readiness every 1 to 5 s

# A reload that is taken back: by default where 5 % more answers are 5xx within 30 s, of at least 100.
GUARD_WINDOW_SECONDS: Final = 30.0
GUARD_MAX_5XX: Final = 0.05
GUARD_MIN_REQUESTS: Final = 100

# The access log is handed to its writer this often, or once this much has gathered; what a stuck reader of the
# log holds back beyond the queue is dropped and counted, never waited for.
LOG_FLUSH_SECONDS: Final = 0.25
LOG_BATCH_LINES: Final = 512  # 160 KiB as a rule: each wakes the writer
LOG_QUEUE_BYTES: Final = 4 * MIB
LOG_VALUE_CHARS: Final = 1024

# Accounts. The replica is served this long without a word from accounts: long enough for a person to be woken, short
# enough that what was revoked meanwhile does not live on for a night.
MAX_STALE_SECONDS: Final = 900.0
KEY_USE_SECONDS: Final = 60.0  # how often accounts is told which keys were used

# A signature is taken for so long after it was made, and before: clocks differ, and a copy of it is worth that long.
SIGNATURE_WINDOW_SECONDS: Final = 60.0
MAX_SIGNATURE_WINDOW_SECONDS: Final = 300.0

# Wrong credentials from one address, in one worker: a person mistypes five times a minute, a program with an old key
# retries a hundred times. NIST SP 800-63B allows 100 guesses of one password; here they take an address five minutes,
# and all addresses together have as many a minute at one name.
FAILED_CREDENTIALS: Final = 20
FAILED_CREDENTIALS_OF_NAME: Final = 100
FAILED_CREDENTIALS_SECONDS: Final = 60.0
MAX_FAILING: Final = 100_000  # addresses or names, 15 MiB
