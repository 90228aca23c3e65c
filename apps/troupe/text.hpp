#pragma once

#include "messages/time.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text for terminals.
namespace troupe::apps {

/// Names come from strangers: what would move the cursor, colour the screen or turn the direction
/// of writing is replaced by "?"; line ends become blanks.
std::string printable(std::string_view text);
/// Columns that a text takes on a terminal: 2 for wide characters, 0 for combining ones.
std::size_t columns_of(std::string_view text);
/// Cut to so many columns, "…" at the end when something is missing.
std::string shortened(std::string_view text, std::size_t columns);
/// Filled with blanks to so many columns.
std::string padded(std::string text, std::size_t columns);

/// Rows of cells in columns, two blanks between, cells made printable.
class text_table {
public:
  explicit text_table(std::vector<std::string> heads) : rows_{std::move(heads)} {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text(std::size_t longest_cell = 40) const;

private:
  std::vector<std::vector<std::string>> rows_;
};

/// "2026-11-25 19:30:01", in the zone of the person; with milliseconds on wish. "-" for never.
std::string local_time(time_point at, bool milliseconds = false);
/// "12 s", "3 min", "5 h", "2 days": how long, roughly.
std::string rough(std::chrono::seconds span);
/// "0.42 ms", "12.4 ms", "1.20 s".
std::string precise(std::chrono::microseconds span);

} // namespace troupe::apps
