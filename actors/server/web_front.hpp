#pragma once

#include "actors/server/web_call.hpp"
#include "transport/http_server.hpp"
#include "transport/static_files.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::server {

/// What of the web stands between the sockets and its actor: says no in place, answers files in
/// place, hands the rest on as calls. A part of the actor, on its thread.
class web_front {
public:
  struct parts {
    std::shared_ptr<web::request_metrics> metrics;
    std::function<const access_book&()> known;
    std::function<bool()> people_known;
    std::function<time_point()> now;
    /// A call that has passed all checks.
    std::function<void(call_ptr)> accept;
    std::size_t connections = 1024;
    std::size_t connections_per_address = 256;
  };
  web_front(boost::asio::io_context& loop, transport::static_files files, parts given);

  /// Names and addresses that `Host` may hold, without port.
  void set_host_names(std::vector<std::string> names) { hosts_.set(std::move(names)); }
  result<std::uint16_t> listen(std::string_view address, std::uint16_t port) {
    return server_.listen(address, port);
  }
  void stop(std::chrono::milliseconds grace, std::function<void()> done) {
    server_.stop(grace, std::move(done));
  }
  const transport::http_counters& counters() const { return server_.counters(); }
  /// One request, as the server hands it over.
  void handle(transport::http_exchange exchange);

private:
  void answer_plainly(transport::http_exchange exchange, transport::http_response response);
  void check(call_ptr request);
  std::uint64_t body_limit(const transport::http_request& request) const;
  transport::http_server_options server_options();

  parts parts_;
  transport::static_files files_;
  web::host_book hosts_;
  transport::http_server server_; ///< last: its handler uses all of the above
};

/// Why a caller may not use a route; nothing when they may. `request` shows where it comes from.
std::optional<fault> refusal_for(const call& request);

} // namespace troupe::server
