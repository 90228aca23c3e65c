#pragma once

#include "actors/runtime/metrics.hpp"
#include "actors/runtime/spans.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"
#include "transport/http_exchange.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// One request on its way through a program.
namespace troupe::web {

/// Counters of requests by class of route and status, and how long the answers took. A class is an
/// enumeration that counts from 0.
class request_metrics {
public:
  request_metrics(runtime::metrics& registry, std::span<const std::string_view> classes);
  template <class Class>
  void count(Class group, std::uint16_t status) {
    classes_[static_cast<std::size_t>(group)].requests[status / 100 < 6 ? status / 100 : 0]->add();
  }
  template <class Class>
  void time(Class group, double seconds) {
    classes_[static_cast<std::size_t>(group)].seconds->observe(seconds);
  }

private:
  struct of_class {
    std::array<runtime::counter*, 6> requests{};
    runtime::histogram* seconds = nullptr;
  };
  std::vector<of_class> classes_;
};

/// What the call must know of its route.
struct call_route {
  transport::http_method method;
  std::string_view pattern;
  std::size_t group = 0;  ///< for metrics
  std::string_view place; ///< of its span: "box", "server"
};

/// A request with its answer's duties: exactly one answer, traceparent, span, metrics, log. Lives
/// on the loop's thread. What derives from it ends with `refuse_forgotten` in its destructor.
class call {
public:
  call(transport::http_exchange exchange, const call_route& route,
       std::vector<std::string> parameters, std::shared_ptr<request_metrics> metrics);
  virtual ~call() = default;
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Valid until the answer.
  const transport::http_request& request() const { return exchange_.request(); }
  const std::string& parameter(std::size_t index) const { return parameters_.at(index); }
  const trace_context& trace() const { return span_.context(); }
  bool answered() const { return !exchange_; }

  virtual void answer(transport::http_response response);
  /// As RFC 9457 says, unless the route has a style of its own.
  virtual void refuse(const fault& problem);
  void on_gone(std::function<void()> gone) { exchange_.on_gone(std::move(gone)); }
  /// Turns it into a WebSocket; the call is over then. False: it was answered.
  bool upgrade(transport::websocket_options options,
               std::function<void(transport::websocket_ptr)> on_open);
  /// Hands the exchange away; nothing is left to answer.
  transport::http_exchange release();

protected:
  /// For the log.
  virtual std::string caller_name() const = 0;
  void refuse_forgotten();

private:
  void finish(std::uint16_t status);

  transport::http_exchange exchange_;
  call_route route_;
  std::vector<std::string> parameters_;
  std::shared_ptr<request_metrics> metrics_; ///< a call may outlive who serves it
  runtime::open_span span_;
  std::chrono::steady_clock::time_point started_;
};

} // namespace troupe::web
