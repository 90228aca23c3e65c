#pragma once

#include "actors/runtime/spans.hpp"
#include "messages/action.hpp"
#include "messages/result.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <string_view>

namespace troupe::runtime {
class logger;
}

/// Who waits for what of a device's actions. A part of each device's actor, on its thread.
namespace troupe::box {

class open_actions {
public:
  using acceptance = caf::typed_response_promise<action_accepted>;
  using end = caf::typed_response_promise<action_record>;

  /// Somebody asks the device to do something; the span runs until the action's end.
  void submitted(const action_id& id, acceptance promise, std::string_view span_name);
  /// Accepted or refused; false when nobody waits for that. A duplicate has no span: its first
  /// attempt has.
  bool reply(const action_id& submission, const result<action_accepted>& content);
  void cancel_asked(const action_id& id, end promise);
  void refuse_cancel(const action_id& id, const fault& problem);
  /// The end is on disk: it is logged, its span ends, and who took it back gets it.
  void ended(const action_record& record, const runtime::logger& log);

private:
  std::map<action_id, acceptance> submitters_;
  std::map<action_id, end> cancelers_;
  std::map<action_id, runtime::open_span> spans_;
};

} // namespace troupe::box
