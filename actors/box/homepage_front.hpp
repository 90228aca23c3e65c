#pragma once

#include "actors/box/homepage_call.hpp"
#include "actors/box/rights_request.hpp"
#include "transport/http_server.hpp"
#include "transport/static_files.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::box {

/// What of the homepage stands between the sockets and its actor: says no in place, answers probes,
/// preflights and files in place, hands the rest on as calls. A part of the actor, on its thread.
class homepage_front {
public:
  struct parts {
    std::shared_ptr<web::request_metrics> metrics;
    const session_book* sessions = nullptr;
    const page_session_book* pages = nullptr;
    origin_book* origins = nullptr;
    std::function<time_point()> now;
    std::function<page_session_book::time()> steady_now;
    /// A call that has passed all checks.
    std::function<void(call_ptr)> accept;
    /// The box has no server and lets one of its own network take it in.
    std::function<bool()> may_be_taken_in;
    /// An origin asked for the first time.
    std::function<void(const std::string& origin)> asked;
    bool test_echo = false;
  };
  homepage_front(boost::asio::io_context& loop, transport::static_files files, parts given);

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
  caller sender_of(const transport::http_request& request) const;
  bool allowed(const caller& who, permission needed, const transport::http_request& request) const;
  bool hidden(const route& which) const;
  void answer_preflight(transport::http_exchange exchange, const route_match& match);
  void answer_hello(transport::http_exchange exchange);
  void answer_file(transport::http_exchange exchange);
  void answer_plainly(transport::http_exchange exchange, route_class group,
                      transport::http_response response, bool readable);
  void check(call_ptr request);
  void note_asking(const transport::http_request& request, std::string_view route);
  std::uint64_t body_limit(const transport::http_request& request) const;
  transport::http_server_options server_options();

  parts parts_;
  transport::static_files files_;
  web::host_book hosts_;
  transport::http_server server_; ///< last: its handler uses all of the above
};

/// What a caller without the right is told; the text says what the owner must do.
fault refusal_for(const caller& who, permission needed, bool refused_by_owner);

} // namespace troupe::box
