#pragma once

#include "actors/box/homepage_routes.hpp"
#include "actors/box/rights_request.hpp"
#include "actors/runtime/metrics.hpp"
#include "actors/runtime/spans.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"
#include "transport/cors.hpp"
#include "transport/http_exchange.hpp"
#include "transport/jsonrpc.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// One request on its way through the homepage.
namespace troupe::box {

/// Counters of requests by class of route and status, and how long the answers took.
class homepage_metrics {
public:
  explicit homepage_metrics(runtime::metrics& registry);
  void count(route_class group, std::uint16_t status) {
    requests_[static_cast<std::size_t>(group)][status / 100 < 6 ? status / 100 : 0]->add();
  }
  void time(route_class group, double seconds) {
    seconds_[static_cast<std::size_t>(group)]->observe(seconds);
  }

private:
  std::array<std::array<runtime::counter*, 6>, route_classes> requests_{};
  std::array<runtime::histogram*, route_classes> seconds_{};
};

/// What every answer tells other origins' pages they may read.
transport::cors_options cors_for(const route& which);

/// A request with its answer's duties: exactly one answer, CORS, traceparent, span, metrics, log.
/// Lives on the loop's thread.
class call {
public:
  call(transport::http_exchange exchange, const route& which, std::vector<std::string> parameters,
       caller who, std::shared_ptr<homepage_metrics> metrics);
  ~call();
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Valid until the answer.
  const transport::http_request& request() const { return exchange_.request(); }
  const route& which() const { return route_; }
  const caller& who() const { return who_; }
  const std::string& parameter(std::size_t index) const { return parameters_.at(index); }
  const trace_context& trace() const { return span_.context(); }
  bool answered() const { return !exchange_; }

  void answer(transport::http_response response);
  /// In the route's own style.
  void refuse(const fault& problem);
  /// The result of a JSON-RPC call; null is left out.
  void answer_result(const transport::json_value& result);
  void on_gone(std::function<void()> gone) { exchange_.on_gone(std::move(gone)); }
  /// Turns it into a WebSocket; the call is over then. False: it was answered.
  bool upgrade(transport::websocket_options options,
               std::function<void(transport::websocket_ptr)> on_open);
  /// Hands the exchange away (the echo); nothing is left to answer.
  transport::http_exchange release();

  transport::json_value rpc_id;     ///< of a JSON-RPC call
  transport::json_value rpc_params; ///< likewise; moved out by the handler that needs it

private:
  void finish(std::uint16_t status);

  transport::http_exchange exchange_;
  const route& route_;
  std::vector<std::string> parameters_;
  caller who_;
  std::shared_ptr<homepage_metrics> metrics_; ///< a call may outlive the homepage
  runtime::open_span span_;
  std::chrono::steady_clock::time_point started_;
};

/// A fault as an ePOS answer without a printer.
transport::http_response epos_refusal(const fault& problem);

} // namespace troupe::box
