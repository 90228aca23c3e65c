#pragma once

#include "messages/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::apps {

/// A box or a device as a person may call it.
struct named_thing {
  std::string id;
  std::string name;
};

/// The one that a person means: by id, by name, by name without regard to case, or by the start of
/// an id or a name, in this order. Fault `kind`.unknown (404), or "name.ambiguous" that says which
/// fit.
result<named_thing> find_named(const std::vector<named_thing>& all, std::string_view wanted,
                               std::string_view kind);

} // namespace troupe::apps
