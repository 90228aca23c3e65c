#pragma once

#include "messages/result.hpp"

#include <string>

namespace troupe::apps {

/// Asks on the terminal; without one, the next line of standard input is the answer. Fault
/// "usage.no_input" at its end.
result<std::string> ask_line(const std::string& question);
/// The same without showing what is typed.
result<std::string> ask_secret(const std::string& question);
/// Whether a person can be asked.
bool has_terminal();

} // namespace troupe::apps
