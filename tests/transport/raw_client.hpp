#pragma once

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <chrono>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe::test {

/// How long a test waits for what must come.
inline constexpr std::chrono::seconds patience{10};

/// Runs the loop until `done` says so. False: it never did.
inline bool run_until(boost::asio::io_context& loop, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// A client that says exactly what it is told, byte by byte, while the server's loop runs in the
/// same thread.
class raw_client {
public:
  raw_client(boost::asio::io_context& loop, std::uint16_t port) : loop_(loop) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  ~raw_client() { close(); }

  void send(std::string_view text) {
    EXPECT_TRUE(run_until(loop_, [&] {
      const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
      return text.empty() || (sent < 0 && errno != EAGAIN);
    }));
  }
  /// Sends what is taken at once; gives its size.
  std::size_t try_send(std::string_view text) {
    const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  void end_sending() { ::shutdown(descriptor_, SHUT_WR); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  /// Closes with a reset instead of an orderly end.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  /// Takes what has arrived. False: the other side closed.
  bool take() {
    char buffer[65536];
    while (true) {
      const auto got = ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (got > 0)
        received.append(buffer, static_cast<std::size_t>(got));
      else if (got == 0 || (errno != EAGAIN && errno != ENOTCONN))
        return !(ended = true);
      else
        return true;
    }
  }
  /// Reads until `text` was received; gives all received so far.
  std::string read_until(std::string_view text) {
    EXPECT_TRUE(run_until(loop_,
                          [&] {
                            const bool open = take();
                            return received.find(text) != std::string::npos || !open;
                          }))
        << "waiting for: " << text << "\nreceived: " << received.substr(0, 2000);
    return received;
  }
  std::string read_bytes(std::size_t count) {
    EXPECT_TRUE(run_until(loop_, [&] { return !take() || received.size() >= count; }))
        << "got " << received.size() << " of " << count;
    return received.substr(0, count);
  }
  /// Takes the first bytes off what was received.
  std::string consume(std::size_t count) {
    auto part = read_bytes(count);
    received.erase(0, count);
    return part;
  }
  std::string read_to_end() {
    EXPECT_TRUE(run_until(loop_, [&] { return !take(); })) << "still open after: " << received;
    return received;
  }

  std::string received;
  bool ended = false;

private:
  boost::asio::io_context& loop_;
  int descriptor_ = -1;
};

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

} // namespace troupe::test
