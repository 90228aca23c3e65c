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
    front.pieces->insert(front.pieces->begin(), shared_bytes(printer::unfinished_command_fill()));
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

printer_core::effects printer_core::opened(time now) {
  effects out;
  port_ = port_state::open;
  port_fault_.reset();
  failed_opens_ = 0;
  answers_ = stalled_ = false;
  reader_.reset();
  if (traits_.answers) {
    first_answer_due_ = true;
    answer_deadline_ = now + times_.first_answer;
    out.push_back(write{printer::automatic_status_request(true)});
    ask_status(now, out);
  }
  advance(now, out);
  return out;
}

void printer_core::ask_status(time now, effects& out) {
  reader_.expect_realtime();
  out.push_back(write{printer::realtime_request()});
  poll_at_ = now + (blocked() ? times_.blocked_poll : times_.idle_poll);
}

printer_core::effects printer_core::closed(time now, const fault& reason) {
  effects out;
  port_ = port_state::closed;
  port_fault_ = reason;
  answers_ = first_answer_due_ = false;
  const auto wait = std::min(times_.reconnect_last,
                             times_.reconnect_first * (1 << std::min(failed_opens_++, 10u)));
  reopen_at_ = now + wait;
  if (in_flight()) lose_front(reason, out);
  advance(now, out);
  return out;
}

/// The connection ended while a job was on its way. Only when no byte of it was handed over is it
/// known that nothing came out.
void printer_core::lose_front(const fault& reason, effects& out) {
  if (!jobs_.front().handed_over) return;
  unfinished_ = true;
  end_front(action_state::unknown,
            std::string(printer::odoo_message(printer::problem_of_code(reason.code))),
            "The connection to the printer was lost while printing. Look at the printer: did it "
            "come out?",
            out);
}

printer_core::effects printer_core::received(time now, byte_span bytes) {
  effects out;
  const auto heard = reader_.read(bytes);
  if (heard.status || heard.job_answers > 0) {
    answers_ = true;
    if (heard.status && reader_.realtime_due() == 0) first_answer_due_ = false;
    progress_at_ = now;
    stalled_ = false;
    if (blocked()) poll_at_ = std::min(poll_at_, now + times_.blocked_poll);
  }
  if (heard.job_answers > 0 && in_flight()) {
    if (jobs_.front().at == phase::confirming)
      end_front(action_state::confirmed, "", "", out);
    else
      answered_early_ = true; // it overtook the port's word that all is written
  }
  advance(now, out);
  return out;
}

printer_core::effects printer_core::tick(time now) {
  effects out;
  if (now >= hold_until_) hold_until_ = {};
  if (first_answer_due_ && now >= answer_deadline_) first_answer_due_ = false;
  const bool asking_is_safe = !in_flight() || jobs_.front().at == phase::confirming;
  if (port_ == port_state::open && answers_ && now >= poll_at_ && asking_is_safe)
    ask_status(now, out);
  if (in_flight() && jobs_.front().at >= phase::writing && port_ == port_state::open) {
    if (blocked())
      progress_at_ = now;
    else if (now - progress_at_ >= times_.stall && jobs_.front().at == phase::confirming) {
      end_front(
          action_state::unknown, std::string(printer::odoo_message(printer::problem::timeout)),
          "The printer took it, but does not say that it came out. Look at the printer.", out);
    }
  }
  advance(now, out);
  return out;
}

std::optional<printer_core::time> printer_core::next_tick() const {
  std::optional<time> next;
  const auto want = [&](time at) { next = next ? std::min(*next, at) : at; };
  if (port_ == port_state::closed) want(reopen_at_);
  if (first_answer_due_) want(answer_deadline_);
  const bool asking_is_safe = !in_flight() || jobs_.front().at == phase::confirming;
  if (port_ == port_state::open && answers_ && asking_is_safe) want(poll_at_);
  if (in_flight() && jobs_.front().at == phase::confirming && port_ == port_state::open)
    want(blocked() ? progress_at_ + times_.stall + times_.blocked_poll
                   : progress_at_ + times_.stall);
  if (!jobs_.empty() && jobs_.front().at == phase::waiting && hold_until_ != time{})
    want(hold_until_);
  return next;
}

namespace {

std::string waiting_words(std::size_t waiting) {
  if (waiting == 0) return "";
  if (waiting == 1) return " What waits is printed by itself then.";
  return " The " + std::to_string(waiting) + " that wait are printed by themselves then.";
}

void describe_problem(device_status& status, printer::problem problem, std::size_t waiting) {
  const auto words = printer::fault_of(problem);
  status.state = printer::stops_printing(problem) ? device_state::trouble : device_state::attention;
  status.code = printer::odoo_message(problem);
  status.text = words.text;
  status.remedy = words.remedy;
  if (printer::stops_printing(problem)) status.remedy += waiting_words(waiting);
}

} // namespace

device_status printer_core::present_status() const {
  device_status status;
  status.waiting = static_cast<std::uint32_t>(jobs_.size());
  const auto& heard = reader_.status();
  if (port_ != port_state::open && port_fault_) {
    describe_problem(status, printer::problem_of_code(port_fault_->code), jobs_.size());
    status.text = port_fault_->text;
  } else if (port_ != port_state::open || first_answer_due_) {
    status.text = "Connecting.";
  } else if (stalled_) {
    describe_problem(status, printer::problem::timeout, 0);
  } else if (const auto problem = printer::problem_of(heard); answers_ && problem) {
    describe_problem(status, *problem, jobs_.size());
  } else {
    status.state = device_state::ready;
    status.text = in_flight() ? "Printing." : "Ready.";
  }
  const bool known = answers_ && port_ == port_state::open;
  const auto word = printer::epos_status_word(known ? std::optional(heard) : std::nullopt, false);
  status.details = value::object{{"answers", known},
                                 {"connected", port_ == port_state::open},
                                 {"cover_open", known && heard.cover_open},
                                 {"drawer_open", known && heard.drawer_open},
                                 {"epos_status", std::int64_t{word}},
                                 {"paper", !known                 ? "unknown"
                                           : heard.paper_end      ? "out"
                                           : heard.paper_near_end ? "low"
                                                                  : "ok"}};
  return status;
}

void printer_core::report_if_changed(effects& out) {
  auto status = present_status();
  if (reported_ && *reported_ == status) return;
  reported_ = status;
  out.push_back(report{std::move(status)});
}

} // namespace troupe::box
