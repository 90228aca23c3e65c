#include "actors/box/homepage_call.hpp"

#include "actors/runtime/log.hpp"
#include "transport/dialects/epos.hpp"

#include <utility>

namespace troupe::box {
namespace {

const runtime::logger log_("box.homepage.access");

constexpr std::string_view xml_type = "text/xml; charset=utf-8";

runtime::open_span span_for(const transport::http_request& request, const route& which) {
  const auto parent = from_traceparent(request.headers.find("traceparent"));
  std::string name(text_of(which.method));
  name += ' ';
  name += which.pattern;
  return {name, "box", parent.value_or(trace_context{})};
}

transport::jsonrpc_error rpc_error(const fault& problem, const trace_context& trace) {
  auto error = transport::jsonrpc_error_from(problem, trace_id_text(trace));
  if (problem.status == 401 || problem.status == 403) {
    error.code = 403;
    error.message = "403: Forbidden";
  }
  if (problem.status == 503) error.code = 503;
  return error;
}

} // namespace

homepage_metrics::homepage_metrics(runtime::metrics& registry) {
  static constexpr std::string_view statuses[] = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t group = 0; group < route_classes; ++group) {
    const auto name = name_of_class(static_cast<route_class>(group));
    for (std::size_t status = 0; status < 6; ++status)
      requests_[group][status] = &registry.count("troupe_http_requests_total", "Requests answered.",
                                                 {{"route", name}, {"status", statuses[status]}});
    seconds_[group] = &registry.spread("troupe_http_request_seconds",
                                       "From the whole request to its answer.", {{"route", name}});
  }
}

transport::cors_options cors_for(const route& which) {
  transport::cors_options options;
  options.methods = which.group == route_class::native ? "GET, POST, PUT, PATCH, DELETE, OPTIONS"
                                                       : "GET, POST, OPTIONS";
  options.headers = which.group == route_class::epos
                        ? "content-type, if-modified-since, soapaction, authorization, traceparent"
                        : "content-type, authorization, idempotency-key, traceparent, "
                          "x-requested-with";
  options.exposed = "traceparent";
  return options;
}

transport::http_response epos_refusal(const fault& problem) {
  dialects::epos_answer answer;
  if (problem.status == 413)
    answer.code = dialects::epos_code::too_large;
  else if (problem.status == 403 || problem.status == 404)
    answer.code = dialects::epos_code::device_not_found;
  else if (problem.status == 503)
    answer.code = dialects::epos_code::too_many;
  else if (problem.code.rfind("epos.", 0) == 0 || problem.status == 422)
    answer.code = dialects::epos_code::schema_error;
  else
    answer.code = dialects::epos_code::print_system_error;
  transport::http_response response(problem.status == 403 ? 403 : 200);
  response.content_type = xml_type;
  response.body = dialects::write_epos(answer);
  return response;
}

call::call(transport::http_exchange exchange, const route& which,
           std::vector<std::string> parameters, caller who,
           std::shared_ptr<homepage_metrics> metrics)
    : exchange_(std::move(exchange)), route_(which), parameters_(std::move(parameters)),
      who_(std::move(who)), metrics_(std::move(metrics)),
      span_(span_for(exchange_.request(), which)), started_(std::chrono::steady_clock::now()) {}

call::~call() {
  if (exchange_) refuse({"request.forgotten", "The box could not answer this.", "Try again.", 500});
}

void call::finish(std::uint16_t status) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started_;
  metrics_->count(route_.group, status);
  // A long poll or a page that stays open says nothing about how quick the box is.
  if (status != 101) metrics_->time(route_.group, took.count());
  span_.attribute("status", std::to_string(status));
  if (status >= 500) span_.fail("status " + std::to_string(status));
  if (log_.enabled(runtime::log_level::debug)) {
    const trace_scope scope(span_.context());
    log_.debug("{} {} {} in {} ms for {}", text_of(route_.method), route_.pattern, status,
               took.count() * 1e3, who_.name());
  }
  span_.end();
}

void call::answer(transport::http_response response) {
  if (!exchange_) return;
  // Probes may be read from anywhere: they tell nothing that matters.
  const bool readable = who_.permitted || route_.group == route_class::probe;
  response.header_lines(transport::cors_headers(exchange_.request(), readable, cors_for(route_)));
  response.header("traceparent", to_traceparent(span_.context()));
  if (response.find_header("Cache-Control").empty()) response.header("Cache-Control", "no-store");
  response.header("X-Content-Type-Options", "nosniff");
  const auto status = response.status;
  auto exchange = std::move(exchange_);
  exchange.respond(std::move(response));
  finish(status);
}

void call::refuse(const fault& problem) {
  switch (route_.style) {
  case answer_style::problem:
    return answer(transport::problem(problem, trace_id_text(span_.context())));
  case answer_style::jsonrpc:
    return answer(transport::jsonrpc_response(rpc_id, rpc_error(problem, span_.context())));
  case answer_style::epos:
    return answer(epos_refusal(problem));
  }
}

void call::answer_result(const transport::json_value& result) {
  answer(transport::jsonrpc_response(rpc_id, result));
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

} // namespace troupe::box
