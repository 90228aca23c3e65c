#pragma once

#include <cstddef>
#include <cstdint>

/// What Linux knows of a TCP connection beyond what Asio offers.
namespace troupe::port {

/// No delay for small writes, keepalive (30 s idle, 3 probes 10 s apart), and a send buffer small
/// enough that waiting bytes show (64 KiB).
void set_printer_options(int socket);

/// Bytes handed to the system that the other side has not acknowledged (SIOCOUTQ); 0 when unknown.
std::size_t unacknowledged_bytes(int socket);

/// Bytes that the other side has acknowledged since the connection began; 0 when unknown.
std::uint64_t acknowledged_bytes(int socket);

/// Whether 4 probes of a closed window, or 6 repeats of a segment, went unanswered in a row: some 5
/// to 15 seconds of silence where a living device would have acknowledged.
bool peer_is_gone(int socket);

} // namespace troupe::port
