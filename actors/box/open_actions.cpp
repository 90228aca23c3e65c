#include "actors/box/open_actions.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"

#include <utility>

namespace troupe::box {

void open_actions::submitted(const action_id& id, acceptance promise, std::string_view span_name) {
  submitters_.emplace(id, std::move(promise));
  spans_.emplace(id, runtime::open_span(span_name, "device"));
}

bool open_actions::reply(const action_id& submission, const result<action_accepted>& content) {
  const auto at = submitters_.find(submission);
  if (at == submitters_.end()) return false;
  if (content)
    at->second.deliver(*content);
  else
    at->second.deliver(runtime::to_error(content.error()));
  submitters_.erase(at);
  if (!content || content->duplicate) spans_.erase(submission);
  return true;
}

void open_actions::cancel_asked(const action_id& id, end promise) {
  cancelers_.insert_or_assign(id, std::move(promise));
}

void open_actions::refuse_cancel(const action_id& id, const fault& problem) {
  const auto at = cancelers_.find(id);
  if (at == cancelers_.end()) return;
  at->second.deliver(runtime::to_error(problem));
  cancelers_.erase(at);
}

void open_actions::ended(const action_record& record, const runtime::logger& log) {
  if (const auto span = spans_.find(record.id); span != spans_.end()) {
    if (record.state != action_state::confirmed) span->second.fail(record.text);
    span->second.end();
    spans_.erase(span);
  }
  {
    const trace_scope traced(record.trace);
    log.info("{} {} on {}{}{}", record.action, name_of(record.state), record.device.text,
             record.text.empty() ? "" : ": ", record.text);
  }
  if (const auto at = cancelers_.find(record.id); at != cancelers_.end()) {
    at->second.deliver(record);
    cancelers_.erase(at);
  }
}

} // namespace troupe::box
