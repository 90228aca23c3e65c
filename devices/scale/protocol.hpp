#pragma once

#include "devices/scale/reading.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// The protocols of scales. Each is one row of a table: no class, no code of its own.
/// docs/scales.md walks through adding one.
namespace troupe::scale {

/// How an answer looks, and what it means then. In `pattern` each character stands for itself but:
///   %_   blanks, also none           %s  a sign: '+', '-', or nothing
///   %n   a number                    %u  a unit: one to three letters
///   %N   'N' for net, or nothing     %b  a status byte; the first is byte 0
///   %rX  the character X, once or more        %*  anything, to the end
struct answer_form {
  std::string_view pattern;
  outcome what = outcome::weight;
  bool net = false;
};

/// What a bit of a status byte says. The first row in this order that fits decides the outcome;
/// `net` and `at_zero` are only noted.
enum class status_flag : std::uint8_t { refused, zero_error, over, under, moving, net, at_zero };
struct status_bit {
  std::uint8_t byte = 0; ///< which status byte of the answer
  std::uint8_t mask = 0;
  std::uint8_t value = 0; ///< what these bits are when the flag holds
  status_flag flag = status_flag::moving;
};

/// The unit of scales that do not say it: it follows from the digits behind the point.
struct unit_by_places {
  std::uint8_t places = 0;
  std::string_view unit;
};

enum class parity : std::uint8_t { none, even, odd };
struct line_settings {
  std::uint32_t baud = 9600;
  std::uint8_t bits = 8;
  scale::parity parity = parity::none;
  std::uint8_t stop = 1;
};

/// How it is found out that a scale speaks this protocol.
struct probe_form {
  std::string_view send;
  std::string_view expect; ///< these bytes somewhere in the answer; empty: any readable answer
  std::string_view then;   ///< sent afterwards, also when nobody answered
};

struct protocol {
  std::string_view name;  ///< `language` of the device: "mettler_toledo_8217"
  std::string_view title; ///< for people: "Mettler-Toledo 8217"
  line_settings line;
  char begin = 0; ///< what an answer begins with; 0: each line is one
  char end = '\r';
  std::string_view ask;  ///< "give me the weight"
  std::string_view zero; ///< "take this as zero"; empty: cannot be told so
  std::string_view tare; ///< "take this off from now on"
  probe_form probe;
  std::span<const answer_form> answers; ///< the first that fits counts
  std::span<const status_bit> status;
  std::span<const unit_by_places> units;
  /// Whether it says by itself that the weight is not settled. Otherwise that is concluded from
  /// several answers in a row.
  bool tells_motion = true;
  std::chrono::milliseconds pace{25};    ///< it is asked no more often than this
  std::chrono::milliseconds answer{500}; ///< it has answered by then, or it does not
};

/// The longest answer of any protocol; what is longer is unreadable.
inline constexpr std::size_t longest_answer = 64;

/// All of them, in the order in which they are tried.
std::span<const protocol> protocols();
/// The protocol of that name; null: there is none.
const protocol* protocol_named(std::string_view name);

} // namespace troupe::scale
