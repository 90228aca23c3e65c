#pragma once

#include "messages/result.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::store {

/// The version of the ledger's schema that this program writes (SQLite's user_version).
int schema_version();

/// Brings an empty or older file to `schema_version`, each version in a transaction of its own, and
/// writes `program_version` into it. Fault: store.newer when the file is of a newer version.
[[nodiscard]] std::optional<fault> migrate(database& file, const std::string& name,
                                           std::string_view program_version);

} // namespace troupe::store
