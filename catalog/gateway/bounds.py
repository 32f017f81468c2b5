"""How large messages may be, over every transport."""

MIB = 1024 * 1024

# Bytes of one message of a client: arguments of calls, files among them.
REQUEST_BYTES = 8 * MIB

# Bytes of one message of a server: results are larger, and lists of hundreds of tools come in one piece.
MESSAGE_BYTES = 64 * MIB
