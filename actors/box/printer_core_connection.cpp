// The printer core's dealings with the connection, what the printer says on it, and time.
#include "actors/box/printer_core.hpp"
#include "devices/printer/problem.hpp"

#include <algorithm>

namespace troupe::box {

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

} // namespace troupe::box
