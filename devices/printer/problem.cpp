#include "devices/printer/problem.hpp"

#include <array>

namespace troupe::printer {
namespace {

struct facts {
  problem about;
  std::string_view code;
  std::string_view text;
  std::string_view remedy;
  std::string_view odoo;
  std::string_view epos;
};

constexpr std::array<facts, 12> table{{
    {problem::unreachable, "printer.unreachable", "The printer cannot be reached.",
     "Check that it is switched on, plugged in and on the network.", "ERROR_UNREACHABLE",
     "EX_BADPORT"},
    {problem::timeout, "printer.timeout", "The printer does not answer.",
     "Look whether it is busy or waiting for paper; if not, switch it off and on.", "ERROR_TIMEOUT",
     "EX_TIMEOUT"},
    {problem::unrecoverable_error, "printer.unrecoverable_error", "The printer has a severe fault.",
     "Switch it off, wait a minute and switch it on; if the fault returns, have it repaired.",
     "ERROR_OFFLINE", "EPTR_UNRECOVERABLE"},
    {problem::cutter_error, "printer.cutter_error", "The paper cutter is stuck.",
     "Open the cover, remove jammed paper, close the cover, then switch the printer off and on.",
     "ERROR_OFFLINE", "EPTR_CUTTER"},
    {problem::mechanical_error, "printer.mechanical_error", "The printer is jammed.",
     "Open the cover, remove jammed paper, close the cover, then switch the printer off and on.",
     "ERROR_OFFLINE", "EPTR_MECHANICAL"},
    {problem::cover_open, "printer.cover_open", "The cover of the printer is open.",
     "Close the cover.", "ERROR_OFFLINE", "EPTR_COVER_OPEN"},
    {problem::no_paper, "printer.no_paper", "The printer is out of paper.",
     "Put in a new roll and close the cover.", "ERROR_NO_PAPER", "EPTR_REC_EMPTY"},
    {problem::recoverable_error, "printer.recoverable_error",
     "The printer pauses, most likely because its head is hot.",
     "Wait a moment; it goes on by itself.", "ERROR_OFFLINE", "EPTR_AUTOMATICAL"},
    {problem::offline, "printer.offline", "The printer is offline.",
     "Look at its lamps and display, and press its feed button once.", "ERROR_OFFLINE",
     "EX_BADPORT"},
    {problem::failed, "printer.failed", "The printer did not take the job.",
     "Look at the printer and print again.", "ERROR_FAILED", "EPTR_UNRECOVERABLE"},
    {problem::low_paper, "printer.low_paper", "The paper is nearly at its end.",
     "Have a new roll at hand.", "WARNING_LOW_PAPER", ""},
    {problem::unknown, "printer.unknown", "The printer is in an unknown state.",
     "Look at the printer; if it seems well, switch it off and on.", "ERROR_UNKNOWN",
     "EPTR_UNRECOVERABLE"},
}};

const facts& facts_of(problem about) {
  for (const auto& row : table)
    if (row.about == about) return row;
  return table.back();
}

struct port_code {
  std::string_view code;
  problem meaning;
};

constexpr std::array<port_code, 5> port_codes{{
    {"printer.refused", problem::unreachable},
    {"printer.unknown_name", problem::unreachable},
    {"printer.closed", problem::unreachable},
    {"port.disk_full", problem::failed},
    {"port.broken", problem::failed},
}};

} // namespace

std::optional<problem> problem_of(const printer_status& status) {
  if (status.unrecoverable_error) return problem::unrecoverable_error;
  if (status.cutter_error) return problem::cutter_error;
  if (status.mechanical_error) return problem::mechanical_error;
  if (status.cover_open) return problem::cover_open;
  if (status.paper_end) return problem::no_paper;
  if (status.recoverable_error) return problem::recoverable_error;
  if (!status.online) return problem::offline;
  if (status.paper_near_end) return problem::low_paper;
  return std::nullopt;
}

bool stops_printing(problem problem) {
  return problem != problem::low_paper;
}

fault fault_of(problem problem) {
  const auto& row = facts_of(problem);
  return {std::string(row.code), std::string(row.text), std::string(row.remedy), 503};
}

problem problem_of_code(std::string_view fault_code) {
  for (const auto& row : table)
    if (row.code == fault_code) return row.about;
  for (const auto& row : port_codes)
    if (row.code == fault_code) return row.meaning;
  return problem::unknown;
}

std::string_view odoo_message(problem problem) {
  return facts_of(problem).odoo;
}
std::string_view epos_code(problem problem) {
  return facts_of(problem).epos;
}

std::uint32_t epos_status_word(const std::optional<printer_status>& status, bool printed) {
  std::uint32_t word = printed ? epos_status::print_success : 0;
  if (!status) return word | (printed ? 0 : epos_status::no_response);
  const auto add = [&](bool set, std::uint32_t bit) { word |= set ? bit : 0; };
  add(status->drawer_pin_high, epos_status::drawer_pin_3_high);
  add(!status->online, epos_status::offline);
  add(status->cover_open, epos_status::cover_open);
  add(status->paper_feed_pressed, epos_status::paper_feed);
  add(status->mechanical_error, epos_status::mechanical_error);
  add(status->cutter_error, epos_status::cutter_error);
  add(status->unrecoverable_error, epos_status::unrecoverable_error);
  add(status->recoverable_error, epos_status::recoverable_error);
  add(status->paper_near_end, epos_status::paper_near_end);
  add(status->paper_end, epos_status::paper_end);
  return word;
}

} // namespace troupe::printer
