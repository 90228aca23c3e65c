#pragma once

#include "messages/bytes.hpp"
#include "messages/device.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// ePOS-Print XML as Epson's printers take it at `/cgi-bin/epos/service.cgi`. Source: Epson
/// ePOS-Print XML User's Manual. Pure: no socket, no actor.
namespace troupe::dialects {

/// Bounds of one request.
inline constexpr std::size_t epos_request_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t epos_elements = 20'000;    ///< tags
inline constexpr std::size_t epos_attributes = 200'000; ///< equals signs, texts included
inline constexpr std::uint32_t epos_image_width = 4096; ///< dots
inline constexpr std::uint32_t epos_image_height = 20'000;
/// `timeout` when the request names none, and the longest that is taken.
inline constexpr std::chrono::milliseconds epos_default_timeout{10'000};
inline constexpr std::chrono::milliseconds epos_longest_timeout{100'000};

/// Codes of the answer's `code` attribute. Those of a printer's state come from its status.
namespace epos_code {
inline constexpr std::string_view schema_error = "SchemaError";
inline constexpr std::string_view device_not_found = "DeviceNotFound";
inline constexpr std::string_view print_system_error = "PrintSystemError";
inline constexpr std::string_view bad_port = "EX_BADPORT";
inline constexpr std::string_view timeout = "EX_TIMEOUT";
inline constexpr std::string_view too_many = "TooManyRequests";
inline constexpr std::string_view too_large = "RequestEntityTooLarge";
inline constexpr std::string_view cover_open = "EPTR_COVER_OPEN";
inline constexpr std::string_view no_paper = "EPTR_REC_EMPTY";
inline constexpr std::string_view mechanical = "EPTR_MECHANICAL";
inline constexpr std::string_view cutter = "EPTR_CUTTER";
inline constexpr std::string_view unrecoverable = "EPTR_UNRECOVERABLE";
inline constexpr std::string_view automatic = "EPTR_AUTOMATICAL";
} // namespace epos_code

/// Bits of the answer's `status` attribute.
namespace epos_bits {
inline constexpr std::uint32_t no_response = 0x00000001;
inline constexpr std::uint32_t print_success = 0x00000002;
inline constexpr std::uint32_t offline = 0x00000008;
inline constexpr std::uint32_t cover_open = 0x00000020;
inline constexpr std::uint32_t mechanical = 0x00000400;
inline constexpr std::uint32_t cutter = 0x00000800;
inline constexpr std::uint32_t unrecoverable = 0x00002000;
inline constexpr std::uint32_t automatic = 0x00004000;
inline constexpr std::uint32_t paper_near_end = 0x00020000;
inline constexpr std::uint32_t paper_end = 0x00080000;
} // namespace epos_bits

/// What the header of a request may name. Values of the address line stand in for missing ones.
struct epos_parameters {
  std::string device; ///< `devid`: local_printer, a device's id or its name; empty: none named
  std::optional<std::chrono::milliseconds> timeout;
  std::string job; ///< `printjobid`; comes back in the answer
};

struct epos_request {
  epos_parameters parameters;
  printing::document document; ///< empty: only the status is asked
};

/// Reads a SOAP envelope or a bare `epos-print`. Faults: "epos.syntax" (no XML), "epos.too_large"
/// (413), "epos.schema" (an element, attribute or value that is not served; the text names it).
result<epos_request> read_epos(std::string_view xml);

/// What the answer says.
struct epos_answer {
  bool success = false;
  std::string code;
  std::uint32_t status = 0;
  std::string job; ///< `printjobid`, empty: none
  std::string device;
};
/// The `response` element in a SOAP envelope.
std::string write_epos(const epos_answer& answer);

/// The printer a `devid` means: its id, its name, or for "local_printer" and nothing the first
/// receipt printer; none when there is no such printer.
const device_snapshot* find_epos_printer(std::span<const device_snapshot> devices,
                                         std::string_view device);
/// The status word of a printer: what its actor reports, else what its state says.
std::uint32_t epos_status_of(const device_status& status);
/// The code of the worst that a status word tells; empty when the printer prints.
std::string_view epos_trouble_in(std::uint32_t status);
/// The code for an action that ended in Odoo's `message` on a printer in that state.
std::string_view epos_code_for(std::string_view message, std::uint32_t status);

} // namespace troupe::dialects
