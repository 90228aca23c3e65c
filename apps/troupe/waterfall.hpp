#pragma once

#include "messages/log_record.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::apps {

struct waterfall_span {
  std::string place; ///< name of the box, "server"
  span content;
};
struct waterfall_line {
  std::string place;
  log_record content;
};

/// A span and a line as the server's interface writes them; nothing when they are broken.
std::optional<span> read_span(const value& written);
std::optional<log_record> read_line(const value& written);

/// A trace as text: its spans as bars under each other, children under their parents, and the log
/// lines beneath with their time since the start. `columns`: width of the terminal.
std::string waterfall(const std::string& trace, std::vector<waterfall_span> spans,
                      std::vector<waterfall_line> lines, std::size_t columns);

} // namespace troupe::apps
