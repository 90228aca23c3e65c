#pragma once

#include "devices/printer/status.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What is wrong with a printer, in words and in the codes of others.
namespace troupe::printer {

/// Worst first. `low_paper` alone lets the printer go on.
enum class problem : std::uint8_t {
  unreachable, ///< no connection
  timeout,     ///< connected, but it does not answer or take data in time
  unrecoverable_error,
  cutter_error,
  mechanical_error,
  cover_open,
  no_paper,
  recoverable_error,
  offline,
  failed, ///< it refused the job, or the job ended badly
  low_paper,
  unknown
};

/// The worst of what the status tells; empty when all is well.
std::optional<problem> problem_of(const printer_status& status);

/// Whether the printer does not print while it lasts.
bool stops_printing(problem problem);

/// Code ("printer.no_paper"), words and remedy for people.
fault fault_of(problem problem);
/// The problem of a fault's code; `unknown` when it is none of ours. Takes the codes of ports too.
problem problem_of_code(std::string_view fault_code);

/// Odoo's message for the event of a print: ERROR_OFFLINE, ERROR_NO_PAPER, WARNING_LOW_PAPER,
/// ERROR_FAILED, ERROR_TIMEOUT, ERROR_UNREACHABLE or ERROR_UNKNOWN. It has none for an open cover
/// or a broken cutter: with those the printer is offline.
std::string_view odoo_message(problem problem);

/// Code of an ePOS-Print answer, such as EPTR_REC_EMPTY; empty when there is none for it, which
/// holds for `low_paper` since that prints.
std::string_view epos_code(problem problem);

/// Bits of the `status` attribute of an ePOS-Print answer. Source: ePOS-Print XML User's Manual,
/// "response", attribute "status". The lower three bytes are those of automatic status (`GS a`).
namespace epos_status {
inline constexpr std::uint32_t no_response = 0x00000001;
inline constexpr std::uint32_t print_success = 0x00000002;
inline constexpr std::uint32_t drawer_pin_3_high = 0x00000004;
inline constexpr std::uint32_t offline = 0x00000008;
inline constexpr std::uint32_t cover_open = 0x00000020;
inline constexpr std::uint32_t paper_feed = 0x00000040;
inline constexpr std::uint32_t mechanical_error = 0x00000400;
inline constexpr std::uint32_t cutter_error = 0x00000800;
inline constexpr std::uint32_t unrecoverable_error = 0x00002000;
inline constexpr std::uint32_t recoverable_error = 0x00004000;
inline constexpr std::uint32_t paper_near_end = 0x00020000;
inline constexpr std::uint32_t paper_end = 0x00080000;
} // namespace epos_status

/// The status word of an ePOS-Print answer: `status` empty when the printer said nothing,
/// `printed` when the job is through.
std::uint32_t epos_status_word(const std::optional<printer_status>& status, bool printed);

} // namespace troupe::printer
