#pragma once

#include "messages/event.hpp"
#include "transport/dialects/odoo_requests.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

/// The memory behind long polls. A client sends back the time of the last event it got, so each
/// event here has a time of its own, later than all before it; a client that comes back within the
/// memory's span loses nothing and gets nothing twice.
namespace troupe::dialects {

class odoo_memory {
public:
  /// Events kept, and for how long.
  static constexpr std::size_t kept_events = 1000;
  static constexpr std::chrono::minutes kept_for{10};
  /// What a listener that has seen no event yet is told of the past (Odoo's own memory).
  static constexpr std::chrono::seconds recent{5};

  struct entry {
    std::int64_t time_us = 0; ///< unique and rising
    std::int64_t at_us = 0;   ///< when it was remembered, by the wall clock
    device_id device;
    device_kind kind = device_kind::unsupported;
    action_id action;
    bool of_action = false; ///< told only to the session that asked for it
    session_id session;
    std::string type; ///< ours: "action.confirmed"
    json_value content;
  };

  /// Takes an event in and gives its entry; nothing when Odoo has no such event. The pointer is
  /// good until the next call.
  const entry* remember(const event& content, device_kind kind, time_point now);
  /// The next event for a listener, as its copy; nothing when it has to wait.
  std::optional<json_value> next_for(const odoo_listener& listener, time_point now) const;
  /// The listener as it has to wait: a time that no clock here has said yet is brought back to the
  /// newest event's, else a box whose clock was set back would never tell it anything.
  odoo_listener waiting(odoo_listener listener) const;
  /// The copy of an event for a listener, or nothing when it is not for it.
  static std::optional<json_value> copy_for(const entry& content, const odoo_listener& listener);
  /// The event that ended an action (confirmed, failed, unknown, canceled), if it is remembered.
  const entry* outcome_of(const action_id& action) const;
  std::size_t size() const { return entries_.size(); }

private:
  bool replace_value(const device_id& device, const json_value& shape);
  void forget_old(std::int64_t now_us);
  std::deque<entry> entries_;
  std::int64_t newest_us_ = 0;
};

} // namespace troupe::dialects
