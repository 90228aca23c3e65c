#include "actors/box/homepage_polls.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::box {

void odoo_polls::declare(runtime::limits& limits) {
  limit_ =
      &limits.declare("homepage.polls", "long polls", polls_bound, runtime::limit_policy::refuse);
  limit_->set_fill(0);
}

void odoo_polls::take(caf::actor_system& system, const caf::actor& homepage,
                      const call_ptr& request, dialects::odoo_listener listener, time_point now) {
  end_earlier(listener.session);
  listener = memory_.waiting(std::move(listener));
  if (const auto event = memory_.next_for(listener, now)) return request->answer_result(*event);
  if (waiting_.size() >= polls_bound) {
    limit_->count_hit();
    return request->refuse({"homepage.too_many_polls", "Too many pages wait for events.",
                            "Try again in a few seconds; close pages that nobody looks at.", 503});
  }
  const auto number = next_++;
  auto poll = spawn_session_poll(system, homepage, request, number);
  waiting_.emplace(number, waiter{std::move(listener), std::move(poll)});
  limit_->set_fill(waiting_.size());
}

/// A tab that asks again has given up its earlier request.
void odoo_polls::end_earlier(const session_id& session) {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (each->second.listener.session == session) {
      caf::anon_send(each->second.poll, poll_answer{});
      each = waiting_.erase(each);
    } else {
      ++each;
    }
  }
}

void odoo_polls::remember(const event& content, device_kind kind, time_point now) {
  const auto* entry = memory_.remember(content, kind, now);
  if (entry == nullptr) return;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto copy = dialects::odoo_memory::copy_for(*entry, each->second.listener);
    if (copy) {
      caf::anon_send(each->second.poll,
                     poll_answer{std::make_shared<const transport::json_value>(*copy)});
      each = waiting_.erase(each);
    } else {
      ++each;
    }
  }
  limit_->set_fill(waiting_.size());
}

void odoo_polls::ended(std::uint64_t number) {
  waiting_.erase(number);
  limit_->set_fill(waiting_.size());
}

void odoo_polls::close() {
  for (const auto& [number, each] : waiting_)
    caf::anon_send(each.poll, poll_answer{});
  waiting_.clear();
}

} // namespace troupe::box
