#include "devices/port/socket_facts.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace troupe::port {
namespace {

constexpr int keepalive_idle_seconds = 30;
constexpr int keepalive_interval_seconds = 10;
constexpr int keepalive_probes = 3;
constexpr int send_buffer_bytes = 64 * 1024;
constexpr unsigned probes_unanswered = 4;
constexpr unsigned repeats_unanswered = 6;

void set(int socket, int level, int option, int value) {
  // A printer without one of these options still prints.
  (void)::setsockopt(socket, level, option, &value, sizeof value);
}

std::optional<tcp_info> information(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

} // namespace

void set_printer_options(int socket) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_seconds);
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_seconds);
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
  set(socket, SOL_SOCKET, SO_SNDBUF, send_buffer_bytes);
}

std::size_t unacknowledged_bytes(int socket) {
  int count = 0;
  return ::ioctl(socket, SIOCOUTQ, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::uint64_t acknowledged_bytes(int socket) {
  const auto info = information(socket);
  return info ? info->tcpi_bytes_acked : 0;
}

bool peer_is_gone(int socket) {
  const auto info = information(socket);
  return info &&
         (info->tcpi_probes >= probes_unanswered || info->tcpi_retransmits >= repeats_unanswered);
}

} // namespace troupe::port
