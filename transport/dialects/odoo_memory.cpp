#include "transport/dialects/odoo_memory.hpp"

#include "transport/dialects/odoo_answers.hpp"

#include <algorithm>
#include <utility>

namespace troupe::dialects {
namespace {

std::int64_t microseconds(time_point at) {
  return at.time_since_epoch().count();
}

constexpr std::string_view value_type = "device.value";

constexpr std::int64_t microseconds(std::chrono::microseconds span) {
  return span.count();
}

} // namespace

const odoo_memory::entry* odoo_memory::remember(const event& content, device_kind kind,
                                                time_point now) {
  const std::int64_t time_us = std::max(microseconds(content.time), newest_us_ + 1);
  auto shape = odoo_event(content, time_us, kind);
  if (!shape) return nullptr;
  if (content.type == value_type && !replace_value(content.device, *shape)) return nullptr;
  newest_us_ = time_us;
  entries_.push_back({.time_us = time_us,
                      .at_us = microseconds(now),
                      .device = content.device,
                      .kind = kind,
                      .action = content.action,
                      .of_action = content.type.rfind("action.", 0) == 0,
                      .session = content.session,
                      .type = content.type,
                      .content = std::move(*shape)});
  forget_old(microseconds(now));
  return &entries_.back();
}

/// Of live values only the newest of each device is kept: they come many times a second and must
/// not push out what a till has to hear. False: it says nothing new.
bool odoo_memory::replace_value(const device_id& device, const json_value& shape) {
  const auto before = std::find_if(entries_.begin(), entries_.end(), [&](const entry& each) {
    return each.type == value_type && each.device == device;
  });
  if (before == entries_.end()) return true;
  if (before->content["result"] == shape["result"] && before->content["status"] == shape["status"])
    return false;
  entries_.erase(before);
  return true;
}

void odoo_memory::forget_old(std::int64_t now_us) {
  while (entries_.size() > kept_events)
    entries_.pop_front();
  while (entries_.size() > 1 && entries_.front().at_us < now_us - microseconds(kept_for))
    entries_.pop_front();
}

std::optional<json_value> odoo_memory::copy_for(const entry& content,
                                                const odoo_listener& listener) {
  if (content.of_action && content.session != listener.session) return std::nullopt;
  const auto named = [&](std::string_view name) {
    return std::find(listener.devices.begin(), listener.devices.end(), name) !=
           listener.devices.end();
  };
  if (named(content.device.text))
    return odoo_event_for(content.content, listener.session, content.device.text);
  if (content.kind != device_kind::unsupported && named(name_of(content.kind)))
    return odoo_event_for(content.content, listener.session, name_of(content.kind));
  return std::nullopt;
}

odoo_listener odoo_memory::waiting(odoo_listener listener) const {
  listener.after_us = std::min(listener.after_us, newest_us_);
  return listener;
}

std::optional<json_value> odoo_memory::next_for(const odoo_listener& listener,
                                                time_point now) const {
  const bool first_time = listener.after_us == 0;
  const std::int64_t oldest = microseconds(now) - microseconds(recent);
  auto from =
      std::upper_bound(entries_.begin(), entries_.end(), listener.after_us,
                       [](std::int64_t after, const entry& each) { return after < each.time_us; });
  for (; from != entries_.end(); ++from) {
    if (first_time && from->at_us < oldest) continue;
    if (auto copy = copy_for(*from, listener)) return copy;
  }
  return std::nullopt;
}

const odoo_memory::entry* odoo_memory::outcome_of(const action_id& action) const {
  for (auto each = entries_.rbegin(); each != entries_.rend(); ++each)
    if (each->of_action && each->action == action) return &*each;
  return nullptr;
}

} // namespace troupe::dialects
