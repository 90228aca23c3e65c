#include "devices/scale/protocol.hpp"

#include <array>

namespace troupe::scale {
namespace {

using namespace std::chrono_literals;
using o = outcome;
using f = status_flag;

// ---- Mettler-Toledo 8217 ----
// "8217 Mettler-Toledo (weight only) protocol", as in PSC's Magellan 8500 service manual, section
// 6.1.3 (commands, page 39) and 6.1.4.3 (status byte, page 45), and Mettler's Ariva-S manual
// (interface option 3). A weight comes only when it is settled, in range and not negative; else
// the status byte comes in its place. Two digits behind the point are pounds, three kilograms.

constexpr std::array mettler_8217_answers{
    answer_form{"%_%n%_%N", o::weight},
    answer_form{"%_?%b", o::status},
};
// Bit 6 is always 1 in some manuals (it makes the byte printable) and "bad command" in others. So
// it counts only when nothing else is said.
constexpr std::array mettler_8217_status{
    status_bit{0, 0x7F, 0x40, f::refused},    status_bit{0, 0x02, 0x02, f::over},
    status_bit{0, 0x04, 0x04, f::under},      status_bit{0, 0x01, 0x01, f::moving},
    status_bit{0, 0x08, 0x08, f::zero_error}, status_bit{0, 0x20, 0x20, f::net},
    status_bit{0, 0x10, 0x10, f::at_zero},
};
constexpr std::array mettler_8217_units{unit_by_places{2, "lb"}, unit_by_places{3, "kg"}};

// ---- Adam Equipment: CPWplus and others that answer with a line ----
// CPWplus user manual, section 11.0 "RS-232 interface" (pages 13 and 14): G and N send the gross
// and the net weight; "+ 2.00 kg", with "G/W" or "N/W" before it in the printed form. It does not
// say whether it has settled.

constexpr std::array adam_answers{
    answer_form{"%_%s%_%n%_%u%_", o::weight},
    answer_form{"%_G/W%_%s%_%n%_%u%_", o::weight},
    answer_form{"%_G/W:%_%s%_%n%_%u%_", o::weight},
    answer_form{"%_N/W%_%s%_%n%_%u%_", o::weight, true},
    answer_form{"%_N/W:%_%s%_%n%_%u%_", o::weight, true},
    answer_form{"%_G%_%s%_%n%_%u%_", o::weight},
    answer_form{"%_N%_%s%_%n%_%u%_", o::weight, true},
};

// ---- Adam Equipment: MDW, GBK and others that answer with a status ----
// MDW series user manual, section 8.5 "RS-232, S.F. = 3" (pages 12 to 14): W<CR> is answered by
// <LF> sign, digits, unit <CR><LF> H1 H2 H3 <CR><ETX>; the field is filled with '^' over capacity,
// with '_' under capacity and with '-' for a zero error.

constexpr std::array adam_mdw_answers{
    answer_form{"%r^%_%u\r\n%b%b%b\r", o::over},
    answer_form{"%r_%_%u\r\n%b%b%b\r", o::under},
    answer_form{"---%r-%_%u\r\n%b%b%b\r", o::zero_error},
    answer_form{"%_%s%_%n%_%u\r\n%b%b%b\r", o::weight},
    answer_form{"%b%b%b\r", o::status},
    answer_form{"?\r", o::refused},
};
constexpr std::array adam_mdw_status{
    status_bit{0, 0x08, 0x08, f::zero_error}, status_bit{1, 0x02, 0x02, f::over},
    status_bit{1, 0x01, 0x01, f::under},      status_bit{0, 0x01, 0x01, f::moving},
    status_bit{2, 0x04, 0x04, f::net},        status_bit{0, 0x02, 0x02, f::at_zero},
};

constexpr std::array table{
    protocol{
        .name = "mettler_toledo_8217",
        .title = "Mettler-Toledo 8217",
        .line = {9600, 7, parity::even, 1},
        .begin = '\x02',
        .end = '\r',
        .ask = "W",
        .zero = "Z",
        .tare = "T\r",
        .probe = {"Ehello",
                  "\x02"
                  "E\rhello",
                  "F"},
        .answers = mettler_8217_answers,
        .status = mettler_8217_status,
        .units = mettler_8217_units,
        .tells_motion = true,
    },
    protocol{
        .name = "adam_mdw",
        .title = "Adam Equipment MDW",
        .line = {9600, 8, parity::none, 1},
        .begin = '\n',
        .end = '\x03',
        .ask = "W\r",
        .zero = "Z\r",
        .tare = "T\r",
        .probe = {"\rW\r", "", ""},
        .answers = adam_mdw_answers,
        .status = adam_mdw_status,
        .units = {},
        .tells_motion = true,
        .pace = 50ms,
        .answer = 1000ms, // "one second should be adequate for use as a time-out"
    },
    protocol{
        .name = "adam",
        .title = "Adam Equipment CPWplus",
        .line = {9600, 8, parity::none, 1},
        .begin = 0,
        .end = '\r',
        .ask = "G\r\n",
        .zero = {}, // it has a command, but says nothing of what became of it
        .tare = {},
        .probe = {"\r\nG\r\n", "", ""},
        .answers = adam_answers,
        .status = {},
        .units = {},
        .tells_motion = false,
        .pace = 50ms,
        .answer = 500ms,
    },
};

} // namespace

std::span<const protocol> protocols() {
  return table;
}

const protocol* protocol_named(std::string_view name) {
  for (const auto& each : table)
    if (each.name == name) return &each;
  return nullptr;
}

} // namespace troupe::scale
