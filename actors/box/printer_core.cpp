#include "actors/box/printer_core.hpp"

#include "devices/printer/problem.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// The wait before the ledger is asked again after it could not write.
constexpr auto ledger_retry = 1s;
/// The wait before a receipt is encoded again after the workers were all busy.
constexpr auto busy_retry = 50ms;

bool only_pulses(const printing::document& document) {
  return !document.operations.empty() &&
         std::all_of(document.operations.begin(), document.operations.end(), [](const auto& each) {
           return std::holds_alternative<printing::drawer_pulse>(each);
         });
}

/// `DLE DC4 1 m t`: a drawer pulse that does not wait for what is in the printer's buffer
/// (ESC/POS command reference; t in units of 100 ms, 1..8).
shared_bytes real_time_pulses(const printing::document& document) {
  byte_vector bytes;
  for (const auto& each : document.operations) {
    const auto& pulse = std::get<printing::drawer_pulse>(each);
    const auto units = static_cast<std::uint8_t>(std::clamp((pulse.on_ms + 99) / 100, 1, 8));
    for (std::uint8_t pin : {0, 1})
      if (!pulse.connector || *pulse.connector == pin)
        bytes.insert(bytes.end(), {0x10, 0x14, 0x01, pin, units});
  }
  return bytes;
}

fault cannot_cancel() {
  return {"action.already_sent", "The printer already has it, or it has ended.",
          "Look at the list of actions for what became of it.", 409};
}

} // namespace

printer_core::job* printer_core::find(const action_id& submission) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(),
                               [&](const job& each) { return each.request->id == submission; });
  return at == jobs_.end() ? nullptr : &*at;
}

void printer_core::drop(const action_id& submission) {
  std::erase_if(jobs_, [&](const job& each) { return each.request->id == submission; });
}

bool printer_core::in_flight() const {
  return !jobs_.empty() && jobs_.front().at >= phase::marking;
}

std::size_t printer_core::encoded_bytes() const {
  std::size_t sum = 0;
  for (const auto& each : jobs_)
    if (each.pieces)
      for (const auto& piece : *each.pieces)
        sum += piece.size();
  return sum;
}

bool printer_core::blocked() const {
  if (!answers_) return false;
  const auto problem = printer::problem_of(reader_.status());
  return problem && printer::stops_printing(*problem);
}

bool printer_core::ready_to_print() const {
  return port_ == port_state::open && !first_answer_due_ && !blocked();
}

printer_core::effects
printer_core::restore(time now, std::vector<std::pair<action_record, request_ptr>> accepted,
                      std::vector<action_record> sent) {
  effects out;
  unfinished_ = !sent.empty();
  for (const auto& each : sent)
    out.push_back(
        finish{each.id, action_state::unknown, "ERROR_UNKNOWN",
               "The box was cut off while printing. Look at the printer: did it come out?"});
  for (auto& [record, request] : accepted) {
    if (find(request->id) != nullptr) continue;
    job restored;
    restored.request = request;
    restored.record = std::move(record);
    restored.replied = true;
    restored.drawer_only = only_pulses(restored.request->document);
    restored.at = phase::waiting;
    jobs_.push_back(std::move(restored));
  }
  // What was submitted since the actor started stands behind what is older.
  std::stable_partition(jobs_.begin(), jobs_.end(), [](const job& each) { return each.replied; });
  port_ = port_state::opening;
  out.push_back(open_port{});
  report_if_changed(out);
  advance(now, out);
  return out;
}

printer_core::effects printer_core::submit(time now, request_ptr request) {
  effects out;
  if (find(request->id) != nullptr) { // taken up from the ledger in the meantime
    if (const auto* known = find(request->id); known->record)
      out.push_back(reply{request->id, action_accepted{*known->record, true}});
    return out;
  }
  if (jobs_.size() >= waiting_actions_bound) {
    out.push_back(
        reply{request->id, fault{"device.busy", "Too many receipts wait for this printer.",
                                 "Put the printer in order, or remove what waits.", 503}});
    return out;
  }
  job added;
  added.request = std::move(request);
  added.encoding = true;
  added.drawer_only = only_pulses(added.request->document);
  out.push_back(encode{added.request});
  out.push_back(accept{added.request});
  // A drawer is opened before receipts that wait: the customer stands there with the money.
  auto place = jobs_.end();
  if (added.drawer_only)
    place = std::find_if(jobs_.begin() + (in_flight() ? 1 : 0), jobs_.end(),
                         [](const job& each) { return !each.drawer_only; });
  jobs_.insert(place, std::move(added));
  if (port_ == port_state::closed && now < reopen_at_) reopen_at_ = now; // somebody waits: try now
  advance(now, out);
  return out;
}

printer_core::effects printer_core::encoded(time now, const action_id& id,
                                            result<std::vector<shared_bytes>> pieces) {
  effects out;
  auto* which = find(id);
  if (which == nullptr) return out;
  which->encoding = false;
  if (pieces) {
    which->pieces = *std::move(pieces);
    const bool in_front = which == &jobs_.front();
    if (!in_front && encoded_bytes() > encoded_ahead_bytes) which->pieces.reset();
  } else if (pieces.error().code.starts_with("workers."))
    hold_until_ = now + busy_retry;
  else
    which->refused = pieces.error();
  settle_taking(id, out);
  advance(now, out);
  return out;
}

printer_core::effects printer_core::accepted(time now, const action_id& id,
                                             result<action_accepted> answer) {
  effects out;
  auto* which = find(id);
  if (which == nullptr || which->record) return out;
  if (!answer || answer->duplicate) {
    out.push_back(reply{id, std::move(answer)});
    drop(id);
  } else {
    which->record = answer->record;
    out.push_back(publish{answer->record});
    settle_taking(id, out);
  }
  advance(now, out);
  return out;
}

/// An action is taken when it is on disk and its document can be printed.
void printer_core::settle_taking(const action_id& submission, effects& out) {
  auto* which = find(submission);
  if (which == nullptr || !which->record || which->encoding) return;
  if (which->refused) {
    out.push_back(finish{which->record->id, action_state::failed, which->refused->code,
                         which->refused->text});
    if (!which->replied) out.push_back(reply{submission, *which->refused});
    return drop(submission);
  }
  if (which->at != phase::taking) return;
  which->at = phase::waiting;
  which->replied = true;
  out.push_back(reply{submission, action_accepted{*which->record, false}});
}

/// Moves the job in front as far as it goes, and says how the printer is.
void printer_core::advance(time now, effects& out) {
  if (port_ == port_state::closed && now >= reopen_at_) {
    port_ = port_state::opening;
    out.push_back(open_port{});
  }
  if (!jobs_.empty() && jobs_.front().at == phase::waiting) {
    auto& front = jobs_.front();
    const bool connected = port_ == port_state::open && !first_answer_due_;
    front.real_time = front.drawer_only && connected && blocked();
    if (!front.pieces && !front.encoding && now >= hold_until_) {
      front.encoding = true;
      out.push_back(encode{front.request});
    }
    if (front.pieces && now >= hold_until_ && !stopping_ && (ready_to_print() || front.real_time)) {
      front.at = phase::marking;
      out.push_back(mark_sent{front.record->id});
    }
  } else if (!jobs_.empty() && jobs_.front().at == phase::writing && !jobs_.front().handed_over &&
             port_ == port_state::open && !first_answer_due_) {
    send_piece(out); // marked while the connection was away; no byte of it was out
  }
  report_if_changed(out);
}

printer_core::effects printer_core::marked(time now, const action_id& id,
                                           result<action_record> answer) {
  effects out;
  if (jobs_.empty() || !jobs_.front().record || jobs_.front().record->id != id ||
      jobs_.front().at != phase::marking)
    return out;
  auto& front = jobs_.front();
  if (!answer) {
    front.at = phase::waiting;
    hold_until_ = now + ledger_retry;
    return out;
  }
  front.record = *answer;
  front.at = phase::writing;
  front.next_piece = 0;
  if (front.real_time)
    front.pieces = {real_time_pulses(front.request->document)};
  else if (traits_.answers && std::exchange(unfinished_, false))
    front.pieces->insert(front.pieces->begin(), shared_bytes(printer::broken_job_end()));
  progress_at_ = now;
  out.push_back(publish{*front.record});
  advance(now, out);
  return out;
}

void printer_core::send_piece(effects& out) {
  auto& front = jobs_.front();
  front.handed_over = true;
  const bool last = front.next_piece + 1 == front.pieces->size();
  if (last && traits_.answers && !front.real_time) reader_.expect_job_answer();
  out.push_back(write{(*front.pieces)[front.next_piece], true});
}

printer_core::effects printer_core::written(time now, std::optional<fault> problem) {
  effects out;
  if (!in_flight() || jobs_.front().at != phase::writing) return out;
  progress_at_ = now;
  stalled_ = false;
  auto& front = jobs_.front();
  if (problem) {
    // A lost connection is told by `closed`; until then the piece is not handed over again.
    if (problem->code.starts_with("port.") && problem->code != "port.not_open")
      fail_front(*problem, out);
  } else if (++front.next_piece < front.pieces->size())
    send_piece(out);
  else {
    front.at = phase::confirming;
    out.push_back(end_of_job{});
    if (answered_early_) end_front(action_state::confirmed, "", "", out);
  }
  advance(now, out);
  return out;
}

printer_core::effects printer_core::job_ended(time now, std::optional<fault> problem) {
  effects out;
  if (!in_flight() || jobs_.front().at != phase::confirming) return out;
  progress_at_ = now;
  if (problem && problem->code.starts_with("port."))
    fail_front(*problem, out);
  else if (!problem && (!answers_ || jobs_.front().real_time))
    end_front(action_state::confirmed, "", "", out); // more than this such a printer never says
  advance(now, out);
  return out;
}

printer_core::effects printer_core::stalled(time now, bool yes) {
  effects out;
  progress_at_ = now;
  stalled_ = yes && !blocked() && in_flight() && jobs_.front().at == phase::writing;
  report_if_changed(out);
  return out;
}

void printer_core::end_front(action_state state, std::string code, std::string text, effects& out) {
  out.push_back(finish{jobs_.front().record->id, state, std::move(code), std::move(text)});
  jobs_.pop_front();
  stalled_ = answered_early_ = false;
}

/// The port refused the job and says so: nothing of it came out. (A file gets its name when the job
/// is whole.)
void printer_core::fail_front(const fault& reason, effects& out) {
  end_front(action_state::failed, std::string(printer::odoo_message(printer::problem::failed)),
            reason.text, out);
}

printer_core::effects printer_core::cancel(time now, const action_id& id) {
  effects out;
  const auto at = std::find_if(jobs_.begin(), jobs_.end(), [&](const job& each) {
    return each.record && each.record->id == id;
  });
  if (at == jobs_.end() || at->at != phase::waiting) {
    out.push_back(refuse_cancel{id, cannot_cancel()});
    return out;
  }
  out.push_back(finish{id, action_state::canceled, "", "Taken back before it was printed."});
  jobs_.erase(at);
  advance(now, out);
  return out;
}

} // namespace troupe::box
