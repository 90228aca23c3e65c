#include "actors/box/homepage_state.hpp"
#include "actors/box/session_epos.hpp"
#include "transport/dialects/epos.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::box {
namespace {

constexpr std::chrono::milliseconds shortest_timeout{100};

/// What the address line names, where the header names nothing.
void complete(dialects::epos_parameters& parameters, std::string_view query) {
  if (parameters.device.empty())
    parameters.device = transport::query_value(query, "devid").value_or("");
  if (parameters.timeout) return;
  const auto text = transport::query_value(query, "timeout").value_or("");
  std::uint32_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty())
    parameters.timeout = std::chrono::milliseconds(milliseconds);
}

std::chrono::milliseconds timeout_of(const dialects::epos_parameters& parameters) {
  return std::clamp(parameters.timeout.value_or(dialects::epos_default_timeout), shortest_timeout,
                    dialects::epos_longest_timeout);
}

} // namespace

void epos_service(homepage_state& home, const call_ptr& request) {
  auto asked = dialects::read_epos(request->request().body_text());
  if (!asked) return request->refuse(asked.error());
  complete(asked->parameters, request->request().query);
  const auto& parameters = asked->parameters;
  dialects::epos_answer answer{.success = false,
                               .code = std::string(dialects::epos_code::device_not_found),
                               .status = dialects::epos_bits::no_response,
                               .job = parameters.job,
                               .device = parameters.device};
  const auto* printer = dialects::find_epos_printer(*home.devices, parameters.device);
  if (printer == nullptr) return request->answer(epos_response(answer));
  answer.status = dialects::epos_status_of(printer->status);
  const auto trouble = dialects::epos_trouble_in(answer.status);
  if (asked->document.operations.empty() || !trouble.empty()) {
    answer.success = trouble.empty();
    answer.code = trouble;
    return request->answer(epos_response(answer));
  }
  epos_job job;
  job.request = request;
  job.action.trace = request->trace();
  job.action.device = printer->description.id;
  job.action.action = "print";
  job.action.document = std::move(asked->document);
  job.action.origin = request->who().name();
  job.status = printer->status;
  job.device = parameters.device;
  job.job = parameters.job;
  job.timeout = timeout_of(parameters);
  job.events = home.neighbours.events;
  job.directory = home.neighbours.directory;
  spawn_session_epos(home.self->home_system(), std::move(job));
}

} // namespace troupe::box
