#include "actors/server/web_call.hpp"

#include "transport/static_files.hpp"

#include <utility>

namespace troupe::server {
namespace {

/// What is no page holds nothing that a browser should run or frame.
const std::string& answer_headers() {
  static const std::string lines =
      transport::security_headers("default-src 'none'; frame-ancestors 'none'");
  return lines;
}

} // namespace

caller who_is(const transport::http_request& request, const access_book& known, time_point now) {
  caller out;
  auto secret = web::bearer_token(request);
  if (secret.empty()) {
    secret = web::session_token(request);
    out.by_cookie = !secret.empty();
  }
  if (const auto* given = known.find(secret, now)) out.granted = *given;
  return out;
}

call::call(transport::http_exchange exchange, const route& which,
           std::vector<std::string> parameters, caller who,
           std::shared_ptr<web::request_metrics> metrics)
    : web::call(std::move(exchange),
                {which.method, which.pattern, static_cast<std::size_t>(which.group), "server"},
                std::move(parameters), std::move(metrics)),
      route_(which), who_(std::move(who)), address_(request().remote_address) {}

call::~call() {
  refuse_forgotten();
}

changer call::by() const {
  if (!who_.granted) return {{}, {}, address_};
  return {who_.granted->person, who_.granted->shown_as, address_};
}

void call::answer(transport::http_response response) {
  if (answered()) return;
  response.header_lines(answer_headers());
  web::call::answer(std::move(response));
}

void call::refuse(const fault& problem) {
  if (problem.status == 429) return refuse_for(problem, std::chrono::seconds(30));
  web::call::refuse(problem);
}

void call::refuse_for(const fault& problem, std::chrono::seconds wait) {
  auto response = transport::problem(problem, trace_id_text(trace()));
  response.header("Retry-After", std::to_string(wait.count()));
  answer(std::move(response));
}

std::string call::caller_name() const {
  return who_.granted ? who_.granted->shown_as : "anybody";
}

} // namespace troupe::server
