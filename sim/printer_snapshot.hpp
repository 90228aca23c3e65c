#pragma once

#include "messages/time.hpp"
#include "sim/model/receipt_printer.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// How fast the paper moves: as on a real printer, or at once.
enum class printer_pace : std::uint8_t { real, instant };

/// How a printer stands to its task; the words of the pages.
enum class standing : std::uint8_t { ready, attention, trouble, unknown };
std::string_view to_string(standing value);

/// All that a person at the counter can see of a simulated printer.
struct printer_snapshot {
  static constexpr bool local_message = true;
  std::string id;
  std::string language;
  std::string address; ///< where it listens; empty: in-process only
  std::size_t width = 0;
  standing state = standing::ready;
  std::string problem; ///< empty, or a word such as "no_paper" (docs/paper-room.md)
  time_point since{};  ///< of state and problem
  printer_state model;
  bool power = true;
  bool plug = true;
  bool slow = false;
  printer_pace pace = printer_pace::real;
  std::size_t connections = 0;
  bool printing = false;
  std::size_t buffered_bytes = 0, buffer_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t receipts = 0; ///< finished since the start
  std::uint64_t strip_number = 0;
  std::size_t strip_rows = 0;
  std::map<std::string, std::uint64_t> unknown_commands;
};

/// A receipt on the spike.
struct kept_receipt {
  std::string id; ///< "counter-17"
  std::string printer;
  time_point time{};
  sim::receipt paper;
};
using kept_receipt_ptr = std::shared_ptr<const kept_receipt>;

} // namespace troupe::sim
