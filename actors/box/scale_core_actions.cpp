// The actions of a scale: taken, answered, brought to their end.
#include "actors/box/scale_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using scale::outcome;

fault cannot_cancel() {
  return {"action.already_ended", "It does not wait any more.",
          "Look at the list of actions for what became of it.", 409};
}

std::string reader_name(const action_request& request) {
  return request.session.empty() ? request.origin : request.session.text;
}

} // namespace

std::optional<scale_core::kind> scale_core::kind_of(std::string_view action) {
  static constexpr std::pair<std::string_view, kind> names[] = {
      {"read_once", kind::read},    {"start_reading", kind::start}, {"stop_reading", kind::stop},
      {"get_status", kind::status}, {"status", kind::status},       {"zero", kind::zero},
      {"tare", kind::tare}};
  for (const auto& [name, what] : names)
    if (name == action) return what;
  return std::nullopt;
}

scale_core::effects scale_core::submit(time now, request_ptr request) {
  effects out;
  const auto what = kind_of(request->action);
  if (!what) {
    out.push_back(
        reply{request->id,
              fault{"action.unknown_action",
                    "A scale cannot do \"" + request->action.substr(0, 100) + "\".",
                    "Use read_once, start_reading, stop_reading, get_status, zero or tare.", 422}});
    return out;
  }
  if (find(request->id) != nullptr) return out;
  if (jobs_.size() >= waiting_readings_bound) {
    out.push_back(reply{request->id, fault{"device.busy", "Too much waits for this scale.",
                                           "Look at the scale, then try again.", 503}});
    return out;
  }
  job added;
  added.request = std::move(request);
  added.what = *what;
  added.since = now;
  added.deadline = now + times_.read_wait;
  out.push_back(accept{added.request});
  jobs_.push_back(std::move(added));
  if (port_ == port_state::closed && now < reopen_at_) reopen_at_ = now; // somebody waits: try now
  return out;
}

scale_core::effects scale_core::accepted(time now, const action_id& id,
                                         result<action_accepted> answer) {
  effects out;
  auto* which = find(id);
  if (which == nullptr || which->taken) return out;
  const bool start = answer && !answer->duplicate;
  if (start) out.push_back(publish{answer->record});
  out.push_back(reply{id, std::move(answer)});
  if (start) {
    which->taken = true;
    ask_at_ = std::min(ask_at_, now); // what it wants is asked now
  } else {
    std::erase_if(jobs_, [&](const job& each) { return each.request->id == id; });
  }
  serve_jobs(now, out);
  ask(now, out);
  report_if_changed(now, out);
  return out;
}

scale_core::effects scale_core::cancel(time now, const action_id& id) {
  effects out;
  auto* which = find(id);
  if (which == nullptr || !which->taken || which->at_scale) {
    out.push_back(refuse_cancel{id, cannot_cancel()});
    return out;
  }
  end(*which, action_state::canceled, "", "Taken back.", {}, out);
  std::erase_if(jobs_, [&](const job& each) { return each.request->id == id; });
  report_if_changed(now, out);
  return out;
}

void scale_core::end(const job& which, action_state state, std::string code, std::string text,
                     value found, effects& out) const {
  out.push_back(
      finish{which.request->id, state, std::move(code), std::move(text), std::move(found)});
}

/// Brings what can be answered now to its end. True: it has ended.
bool scale_core::serve(time now, job& which, effects& out) {
  const auto done = [&](value found, std::string text = {}) {
    end(which, action_state::confirmed, "", std::move(text), std::move(found), out);
    return true;
  };
  const auto failed = [&](std::string code, std::string text) {
    end(which, action_state::failed, std::move(code), std::move(text), {}, out);
    return true;
  };
  switch (which.what) {
  case kind::start:
    if (readers_.size() >= readers_bound)
      readers_.erase(
          std::ranges::min_element(readers_, {}, [](const auto& each) { return each.second; }));
    readers_[reader_name(*which.request)] = now + times_.reading_for;
    return done(details());
  case kind::stop:
    readers_.erase(reader_name(*which.request));
    return done(details());
  case kind::status: {
    const auto status = present_status();
    return done(value::object{{"state", name_of(status.state)},
                              {"text", status.text},
                              {"details", status.details}},
                status.text);
  }
  case kind::zero:
  case kind::tare:
    if (port_ == port_state::open &&
        (which.what == kind::zero ? speaks_->zero : speaks_->tare).empty())
      return failed("ERROR_NOT_SUPPORTED", "This scale cannot be told to; press its own button.");
    break;
  case kind::read:
    // Only an answer to a question asked after the action counts.
    if (fresh() && asked_at_ >= which.since && heard_at_ >= asked_at_) {
      if (last_->what == outcome::weight)
        return done(weight_value(*last_), last_->value->text() + " " + last_->unit);
      if (last_->what != outcome::moving) {
        const auto status = present_status();
        return failed(status.code, status.text + " " + status.remedy);
      }
    }
    break;
  }
  if (now < which.deadline) return false;
  give_up(which, out);
  return true;
}

/// What it waited for did not come in time.
void scale_core::give_up(const job& which, effects& out) const {
  if (which.at_scale)
    return end(which, action_state::unknown, "ERROR_TIMEOUT",
               "The scale did not say whether it did it.", {}, out);
  if (fresh() && last_->what == outcome::moving)
    return end(which, action_state::failed, "ERROR_MOVING",
               "The weight did not settle. Let go of the scale, and try again.", {}, out);
  const auto status = present_status();
  end(which, action_state::failed, status.code.empty() ? "ERROR_TIMEOUT" : status.code,
      status.text + (status.remedy.empty() ? "" : " " + status.remedy), {}, out);
}

void scale_core::serve_jobs(time now, effects& out) {
  for (auto each = jobs_.begin(); each != jobs_.end();) {
    if (each->taken && serve(now, *each, out))
      each = jobs_.erase(each);
    else
      ++each;
  }
}

/// The scale's answer to a command (zero, tare).
void scale_core::answer_command(const scale::reading& heard, effects& out) {
  const auto at =
      std::find_if(jobs_.begin(), jobs_.end(), [](const job& each) { return each.at_scale; });
  if (at == jobs_.end()) return;
  const auto failed = [&](std::string code, std::string text) {
    end(*at, action_state::failed, std::move(code), std::move(text), {}, out);
  };
  if (heard.what == outcome::moving)
    failed("ERROR_MOVING", "The scale was moving. Let it settle, and try again.");
  else if (heard.what == outcome::weight || heard.what == outcome::status)
    end(*at, action_state::confirmed, "", at->what == kind::zero ? "Zero." : "Tare taken.", {},
        out);
  else
    failed("ERROR_REFUSED", "The scale did not do it: take everything off, and try again.");
  jobs_.erase(at);
}

} // namespace troupe::box
