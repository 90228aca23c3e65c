// How the printer is, in words.
#include "actors/box/printer_core.hpp"
#include "devices/printer/problem.hpp"

#include <string>
#include <utility>

namespace troupe::box {
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
