#include "actors/server/web_state.hpp"
#include "messages/codec.hpp"

#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

json_value point_json(const point_of_sale& point) {
  return {{"id", point.id},
          {"name", point.name},
          {"created", to_rfc3339(point.created)},
          {"created_by", point.created_by}};
}

} // namespace

void get_points(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_points_of_sale{},
          [request](const points_of_sale& known) {
            json_value list = json_value::array();
            for (const auto& each : known.all) {
              list.push_back(point_json(each.content));
              list.back()["boxes"] = each.boxes;
            }
            answer_json(request, {{"points_of_sale", std::move(list)}});
          });
}

void post_point(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  if (!body || !read_text(request, *body, "name", name, true)) return;
  web.ask(request, web.neighbours.fleet, add_point_of_sale{*name, request->person()},
          [&web, request](const point_of_sale& made) {
            web.audit(request, "point_of_sale.added", made.name,
                      "The point of sale " + made.name + " was added.",
                      transport::json_response(web::json_text(point_json(made)), 201));
          });
}

void patch_point(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  if (!body || !read_text(request, *body, "name", name, true)) return;
  web.ask(request, web.neighbours.fleet, rename_point_of_sale{request->parameter(0), *name},
          [&web, request](const point_of_sale& now) {
            web.audit(request, "point_of_sale.renamed", now.name,
                      "The point of sale is now called " + now.name + ".",
                      transport::json_response(web::json_text(point_json(now))));
          });
}

void delete_point(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, remove_point_of_sale{request->parameter(0)},
          [&web, request](const point_of_sale& gone) {
            web.audit(request, "point_of_sale.removed", gone.name,
                      "The point of sale " + gone.name + " was removed.", transport::no_content());
          });
}

} // namespace troupe::server
