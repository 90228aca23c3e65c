#include "actors/web/call.hpp"

#include "actors/runtime/log.hpp"
#include "actors/web/routes.hpp"

#include <utility>

namespace troupe::web {
namespace {

const runtime::logger log_("web.access");

runtime::open_span span_for(const transport::http_request& request, const call_route& which) {
  const auto parent = from_traceparent(request.headers.find("traceparent"));
  std::string name(text_of(which.method));
  name += ' ';
  name += which.pattern;
  return {name, which.place, parent.value_or(trace_context{})};
}

} // namespace

request_metrics::request_metrics(runtime::metrics& registry,
                                 std::span<const std::string_view> classes) {
  static constexpr std::string_view statuses[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (const auto name : classes) {
    auto& mine = classes_.emplace_back();
    for (std::size_t status = 0; status < 6; ++status)
      mine.requests[status] = &registry.count("troupe_http_requests_total", "Requests answered.",
                                              {{"route", name}, {"status", statuses[status]}});
    mine.seconds = &registry.spread("troupe_http_request_seconds",
                                    "From the whole request to its answer.", {{"route", name}});
  }
}

call::call(transport::http_exchange exchange, const call_route& route,
           std::vector<std::string> parameters, std::shared_ptr<request_metrics> metrics)
    : exchange_(std::move(exchange)), route_(route), parameters_(std::move(parameters)),
      metrics_(std::move(metrics)), span_(span_for(exchange_.request(), route_)),
      started_(std::chrono::steady_clock::now()) {}

void call::refuse_forgotten() {
  if (exchange_) refuse({"request.forgotten", "This could not be answered.", "Try again.", 500});
}

void call::finish(std::uint16_t status) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started_;
  metrics_->count(route_.group, status);
  // A long poll or a page that stays open says nothing about how quick the program is.
  if (status != 101) metrics_->time(route_.group, took.count());
  span_.attribute("status", std::to_string(status));
  if (status >= 500) span_.fail("status " + std::to_string(status));
  if (log_.enabled(runtime::log_level::debug)) {
    const trace_scope scope(span_.context());
    log_.debug("{} {} {} in {} ms for {}", text_of(route_.method), route_.pattern, status,
               took.count() * 1e3, caller_name());
  }
  span_.end();
}

void call::answer(transport::http_response response) {
  if (!exchange_) return;
  response.header("traceparent", to_traceparent(span_.context()));
  if (response.find_header("Cache-Control").empty()) response.header("Cache-Control", "no-store");
  if (response.find_header("X-Content-Type-Options").empty())
    response.header("X-Content-Type-Options", "nosniff");
  const auto status = response.status;
  auto exchange = std::move(exchange_);
  exchange.respond(std::move(response));
  finish(status);
}

void call::refuse(const fault& problem) {
  answer(transport::problem(problem, trace_id_text(span_.context())));
}

bool call::upgrade(transport::websocket_options options,
                   std::function<void(transport::websocket_ptr)> on_open) {
  options.header_lines += "traceparent: " + to_traceparent(span_.context()) + "\r\n";
  auto exchange = std::move(exchange_);
  const bool open = exchange.upgrade_websocket(std::move(options), std::move(on_open));
  finish(open ? 101 : 400);
  return open;
}

transport::http_exchange call::release() {
  auto exchange = std::move(exchange_);
  finish(101);
  return exchange;
}

} // namespace troupe::web
