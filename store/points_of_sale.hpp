#pragma once

#include "messages/fleet.hpp"
#include "messages/result.hpp"
#include "store/sql_connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The points of sale of a fleet on disk. Plain functions, for jobs of the store.
namespace troupe::store {

/// By what names are compared: "Shop" and "shop" are one.
std::string point_name_key(std::string_view name);

/// In no order.
result<std::vector<point_of_sale>> load_points_of_sale(sql_connection& connection);
/// Fault "point_of_sale.name_taken" (409).
[[nodiscard]] std::optional<fault> add_point_of_sale(sql_connection& connection,
                                                     const point_of_sale& added);
/// Fault "point_of_sale.name_taken" (409).
[[nodiscard]] std::optional<fault>
rename_point_of_sale(sql_connection& connection, const std::string& id, const std::string& name);
/// Its boxes belong to none then.
[[nodiscard]] std::optional<fault> remove_point_of_sale(sql_connection& connection,
                                                        const std::string& id);

} // namespace troupe::store
