#pragma once

#include "transport/http_server.hpp"
#include "transport/managed_connection.hpp"
#include "transport/response_writer.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::transport {

/// What all connections of one server share. No Asio in it, so sessions run on any stream.
class server_context {
public:
  server_context(http_server_options server_options, http_server::handler server_handler);

  http_server_options options;
  http_server::handler handler;
  http_counters counters;
  response_writer writer;
  /// The time of the last sweep: exact enough for time-outs, free to read.
  steady_time now = std::chrono::steady_clock::now();
  bool stopping = false;
  /// Runs a function on the loop, later. Set by the owner.
  std::function<void(std::function<void()>)> post;
  /// Called when the last connection is gone. Set by the owner.
  std::function<void()> on_empty;
  /// Called when sweeps must come more often than before. Set by the owner.
  std::function<void()> on_precision;
  /// Where bytes go that nobody wants (after a refusal).
  std::array<char, 4096> trash;

  /// Whether one more connection from this address would be above a limit.
  bool full(const std::string& address) const;
  void add(std::shared_ptr<managed_connection> connection, const std::string& address);
  /// The WebSocket takes the place of the connection it came from.
  void replace(managed_connection* old, std::shared_ptr<managed_connection> successor);
  void remove(managed_connection* connection);
  bool empty() const { return connections_.empty(); }

  /// Lets every connection check its time-outs.
  void sweep(steady_time time);
  void finish_all();
  void cut_all();
  /// How often to sweep: a quarter of the shortest time-out, 5 ms to 1 s.
  std::chrono::milliseconds sweep_interval() const { return sweep_interval_; }
  /// Makes sweeps fine enough for a time-out (0: none).
  void want_precision(std::chrono::milliseconds timeout);

private:
  struct entry {
    std::shared_ptr<managed_connection> connection;
    std::string address;
    bool websocket = false;
  };
  std::vector<std::shared_ptr<managed_connection>> all() const;

  std::unordered_map<managed_connection*, entry> connections_;
  std::unordered_map<std::string, std::size_t> per_address_;
  std::chrono::milliseconds sweep_interval_{1000};
};

} // namespace troupe::transport
