#include "store/points_of_sale.hpp"

namespace troupe::store {
namespace {

/// Says a taken name in words.
std::optional<fault> taken_name(std::optional<fault> problem, const std::string& name) {
  if (problem && problem->code == "store.conflict")
    return fault{"point_of_sale.name_taken",
                 "There is a point of sale called " + name + " already.", "Choose another name.",
                 409};
  return problem;
}

} // namespace

std::string point_name_key(std::string_view name) {
  std::string key(name);
  for (auto& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return key;
}

result<std::vector<point_of_sale>> load_points_of_sale(sql_connection& connection) {
  const auto rows = connection.ask("SELECT id, name, created, created_by FROM points_of_sale");
  if (!rows) return rows.error();
  std::vector<point_of_sale> read;
  for (const auto row : *rows)
    read.push_back({row.text(0), row.text(1), row.time(2), row.text(3)});
  return read;
}

std::optional<fault> add_point_of_sale(sql_connection& connection, const point_of_sale& added) {
  return taken_name(
      connection.run("INSERT INTO points_of_sale (id, name, name_key, created, created_by) "
                     "VALUES (?, ?, ?, ?, ?)",
                     added.id, added.name, point_name_key(added.name), added.created,
                     added.created_by),
      added.name);
}

std::optional<fault> rename_point_of_sale(sql_connection& connection, const std::string& id,
                                          const std::string& name) {
  return taken_name(connection.run("UPDATE points_of_sale SET name = ?, name_key = ? WHERE id = ?",
                                   name, point_name_key(name), id),
                    name);
}

std::optional<fault> remove_point_of_sale(sql_connection& connection, const std::string& id) {
  if (auto problem =
          connection.run("UPDATE boxes SET point_of_sale = '' WHERE point_of_sale = ?", id))
    return problem;
  return connection.run("DELETE FROM points_of_sale WHERE id = ?", id);
}

} // namespace troupe::store
