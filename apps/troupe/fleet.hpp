#pragma once

#include "apps/troupe/caller.hpp"
#include "apps/troupe/names.hpp"
#include "messages/fleet.hpp"

#include <optional>
#include <string>
#include <vector>

/// What several commands ask the server for.
namespace troupe::apps {

/// The boxes that fit the query ("q=…&state=…", encoded), all pages of them, each as the server
/// wrote it.
result<std::vector<value>> list_boxes(caller& server, const std::string& query);
result<named_thing> find_box(caller& server, const std::string& wanted);
/// A device of a box; "box.unknown" and "device.unknown" as `find_named` says.
result<named_thing> find_device(caller& server, const named_thing& box, const std::string& wanted);

/// Fault "point_of_sale.unknown" as `find_named` says.
result<named_thing> find_point_of_sale(caller& server, const std::string& wanted);

result<fleet_box> get_box(caller& server, const std::string& id);
std::string box_path(const std::string& id);
inline constexpr const char* points_of_sale_path = "/api/v1/points-of-sale";
/// As the server wrote them.
result<std::vector<value>> list_points_of_sale(caller& server);

/// Waits until a command has ended; gives the record as it then is. Fault "outcome.waiting" when it
/// has not within the time.
result<command_record> wait_for_command(caller& server, const command_record& asked,
                                        std::chrono::seconds longest);
/// The outcome of a command in words and as exit code (fault): nothing when it is confirmed.
std::optional<fault> problem_of(const command_record& record);

/// Names of boxes for what only carries ids; an unknown one is shown as its id.
class box_names {
public:
  static result<box_names> load(caller& server);
  std::string operator[](const std::string& id) const;

private:
  std::vector<named_thing> all_; ///< by id
};

} // namespace troupe::apps
