#include "actors/box/homepage_call.hpp"

#include "transport/dialects/epos.hpp"

#include <utility>

namespace troupe::box {
namespace {

constexpr std::string_view xml_type = "text/xml; charset=utf-8";

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
           std::shared_ptr<web::request_metrics> metrics)
    : web::call(std::move(exchange),
                {which.method, which.pattern, static_cast<std::size_t>(which.group), "box"},
                std::move(parameters), std::move(metrics)),
      route_(which), who_(std::move(who)) {}

call::~call() {
  refuse_forgotten();
}

void call::answer(transport::http_response response) {
  if (answered()) return;
  // Probes may be read from anywhere: they tell nothing that matters.
  const bool readable = who_.permitted || route_.group == route_class::probe || brings_token;
  response.header_lines(transport::cors_headers(request(), readable, cors_for(route_)));
  web::call::answer(std::move(response));
}

void call::refuse(const fault& problem) {
  switch (route_.style) {
  case answer_style::problem:
    return web::call::refuse(problem);
  case answer_style::jsonrpc:
    return answer(transport::jsonrpc_response(rpc_id, rpc_error(problem, trace())));
  case answer_style::epos:
    return answer(epos_refusal(problem));
  }
}

void call::answer_result(const transport::json_value& result) {
  answer(transport::jsonrpc_response(rpc_id, result));
}

} // namespace troupe::box
