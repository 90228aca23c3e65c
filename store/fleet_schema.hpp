#pragma once

#include "messages/result.hpp"
#include "store/sql_connection.hpp"

#include <optional>
#include <string_view>

/// The tables of a server, on SQLite and PostgreSQL alike.
namespace troupe::store {

/// The version of the schema that this program writes: how many steps there are.
int fleet_schema_version();

/// Brings an empty or older database to `fleet_schema_version`, each step in a transaction of its
/// own, and notes `program_version` in it. Fault: "store.newer" when it is of a newer version;
/// nothing is changed then.
[[nodiscard]] std::optional<fault> migrate_fleet(sql_connection& connection,
                                                 std::string_view program_version);

/// A small fact about this database ("server_id"); empty when it is not there.
result<std::string> read_fact(sql_connection& connection, std::string_view name);
[[nodiscard]] std::optional<fault> write_fact(sql_connection& connection, std::string_view name,
                                              std::string_view text);

} // namespace troupe::store
