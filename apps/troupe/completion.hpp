#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace troupe::apps {

/// Asked for names: what ("box", "device", "action"), and the words before it on its command.
using name_lookup = std::function<std::vector<std::string>(const std::string& what,
                                                           const std::vector<std::string>& before)>;

/// What may stand in place of the last word, by the program's own tables; names come from `lookup`.
std::vector<std::string> complete(const CLI::App& program, const std::vector<std::string>& words,
                                  const name_lookup& lookup);

/// The script that a shell sources; empty for a shell we do not know.
std::string completion_script(const std::string& shell);

} // namespace troupe::apps
