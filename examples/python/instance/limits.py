"""Every bound of this instance, with its unit last. The protocol names those marked with a section."""

LEASE_TTL_MS = 2_000  # §4: an instance may speak this long after it first sent a heartbeat it read back
HEARTBEAT_EVERY_MS = 500  # §4: four chances to be read before the lease lapses
LEASE_MARGIN_MS = 500  # §4: added to the TTL by whoever waits for it to pass
LEASE_LAPSE_MAX_MS = 600_000  # §4: a lease that lapsed longer counts as fenced
SUSPENDED_GRACE_MS = 15_000  # sockets outlast a lapsed lease this long
TAKE_BACK_AFTER_MS = 2_000  # §4: a donor takes back what nobody acquired
REPEAT_APPEND_AFTER_MS = 1_000  # an ownership record that is still unread is appended again
TICK_MS = 50

EVIDENCE_PARTITIONS = 12  # §3: of the sessions and the leases topic
NUMBER_MAX = 1_000_000_000  # §3, §4: no revision or epoch is higher
SAFE_INTEGER_MAX = 2**53 - 1
URL_UNITS_MAX = 2_048

FRAME_BYTES_MAX = 65_536  # §2
SOCKET_FRAME_BYTES_MAX = 1_048_576  # up to here a frame is answered `too-large`; beyond it is cut off
HELLO_WITHIN_MS = 5_000  # §2
ALIVE_EVERY_MS = 4_000  # §2
ARRIVALS_AT_ONCE_MAX = 50  # §2 `delayMs`
DELAY_MS_MAX = 500  # §2 `delayMs`
PARKED_MS = 5_000
PARKED_CLIENTS_MAX = 5_000
CLOSE_HANDSHAKE_MS = 100  # who does not answer the closing handshake of a move is cut off
CLOSE_AFTER_ERROR_MS = 1_000
GREETING_SOCKETS_MAX = 5_000  # §2
HELLOS_BURST_MAX = 500  # §2
HELLOS_PER_SECOND_MAX = 500  # §2
HELLO_LINE_MS_MAX = 4_000  # §2
FRAMES_BURST_MAX = 512  # §2
FRAMES_PER_SECOND_MAX = 200  # §2
SENDS_IN_FLIGHT_MAX = 256
ID_UNITS_MAX = 128  # §2, UTF-16 units
TOKEN_CHARS_MAX = 8_192
SEND_GIVE_UP_MS = 60_000  # §2: a client repeats a send no longer

DUPLICATE_WINDOW_MS = 120_000  # §3: copies of a message further apart are two messages
DUPLICATES_KNOWN_MAX = 8_192  # per partition
BUFFERED_RECORDS_MAX = 256  # per partition
KNOWN_SENDS_MAX = 100_000
FEED_CONSUMERS = 6  # a message costs a fetch of its share of the partitions
FEED_WAIT_MS = 200  # a partition that is wanted anew waits so long for the fetch that is under way
RANGE_READS_AT_ONCE_MAX = 4
FIND_SEND_WITHIN_MS = 5_000
FORGET_AFTER_MS = 5_000  # partitions that went away are dropped from the reader together

REPORT_EVERY_MS = 1_000  # §5
REPORT_AT_MOST_EVERY_MS = 50
GAP_MAX_MS = 60_000  # §2: `moved` is clamped
GAP_REVISIONS_MAX = 4
LEAVE_WITHIN_MS = 25_000  # §9: after SIGTERM
LEAVE_UNANSWERED_MS = 5_000
LEAVE_ALONE_WITHIN_MS = 8_000
KEYS_REREAD_MS = 10_000  # §9
CLOCK_LEEWAY_S = 5
SKIP_SAID_EVERY_MS = 60_000  # §3
KAFKA_REQUEST_MS = 30_000
CAUGHT_UP_WITHIN_S = 30
