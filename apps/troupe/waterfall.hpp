#pragma once

#include "messages/log_record.hpp"
#include "messages/trace.hpp"

#include <cstddef>
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

/// A trace as text: its spans as bars under each other, children under their parents, and the log
/// lines beneath with their time since the start. `columns`: width of the terminal.
std::string waterfall(const std::string& trace, std::vector<waterfall_span> spans,
                      std::vector<waterfall_line> lines, std::size_t columns);

} // namespace troupe::apps
