#include "actors/server/fleet_state.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"
#include "transport/names.hpp"
#include "transport/utf8.hpp"

#include <algorithm>

/// Points of sale, and tags.
namespace troupe::server {
namespace {

constexpr std::string_view bad_point_name = "point_of_sale.bad_name";

fault point_name_taken(const std::string& name) {
  return {"point_of_sale.name_taken", "There is a point of sale called " + name + " already.",
          "Choose another name.", 409};
}

/// Another point of sale than `id` has this name.
bool has_point_name(const fleet_state& state, const std::string& name, const std::string& id) {
  const auto key = store::point_name_key(name);
  return std::any_of(state.points.begin(), state.points.end(), [&](const auto& each) {
    return each.first != id && store::point_name_key(each.second.name) == key;
  });
}

value about_point(const point_of_sale& point) {
  return value::object{{"id", point.id}, {"name", point.name}};
}

/// Boxes of it look different now.
void point_moved(fleet_state& state, const std::string& id, bool gone) {
  for (auto& [box, entry] : state.boxes) {
    if (entry.box.point_of_sale != id) continue;
    if (gone) entry.box.point_of_sale.clear();
    state.changed(entry);
  }
}

} // namespace

fault point_unknown() {
  return {"point_of_sale.unknown", "There is no such point of sale.",
          "GET /api/v1/points-of-sale lists them.", 404};
}

points_of_sale points_of(const fleet_state& state) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [id, entry] : state.boxes)
    if (!entry.deleted && !entry.box.point_of_sale.empty()) ++counts[entry.box.point_of_sale];
  points_of_sale out;
  for (const auto& [id, point] : state.points)
    out.all.push_back({point, counts[id]});
  std::sort(out.all.begin(), out.all.end(), [](const auto& a, const auto& b) {
    return store::point_name_key(a.content.name) < store::point_name_key(b.content.name);
  });
  return out;
}

void add_point(fleet_pointer self, const add_point_of_sale& message,
               caf::typed_response_promise<point_of_sale> promise) {
  auto& state = self->state;
  const auto refuse = [&](const fault& problem) { promise.deliver(runtime::to_error(problem)); };
  const auto name = transport::checked_name(message.name, bad_point_name);
  if (!name) return refuse(name.error());
  if (has_point_name(state, *name, {})) return refuse(point_name_taken(*name));
  if (state.points.size() >= point_of_sale_bound) {
    state.point_limit->count_hit();
    return refuse({"point_of_sale.too_many", "There are as many points of sale as there may be.",
                   "Remove some that are gone.", 409});
  }
  const point_of_sale made{random_hex(8), *name, runtime::wall_now(self), message.person};
  write_then<point_of_sale>(
      self,
      [made](store::sql_connection& connection) {
        return store::add_point_of_sale(connection, made);
      },
      promise,
      [self, made]() -> point_of_sale {
        self->state.points[made.id] = made;
        self->state.point_limit->set_fill(self->state.points.size());
        self->state.publish({}, "point_of_sale.added", about_point(made));
        return made;
      });
}

void rename_point(fleet_pointer self, const rename_point_of_sale& message,
                  caf::typed_response_promise<point_of_sale> promise) {
  auto& state = self->state;
  const auto refuse = [&](const fault& problem) { promise.deliver(runtime::to_error(problem)); };
  if (state.points.count(message.id) == 0) return refuse(point_unknown());
  const auto name = transport::checked_name(message.name, bad_point_name);
  if (!name) return refuse(name.error());
  if (has_point_name(state, *name, message.id)) return refuse(point_name_taken(*name));
  write_then<point_of_sale>(
      self,
      [id = message.id, text = *name](store::sql_connection& connection) {
        return store::rename_point_of_sale(connection, id, text);
      },
      promise,
      [self, id = message.id, text = *name]() -> point_of_sale {
        const auto found = self->state.points.find(id);
        if (found == self->state.points.end()) return {id, text, {}, {}}; // removed meanwhile
        found->second.name = text;
        point_moved(self->state, id, false);
        self->state.publish({}, "point_of_sale.changed", about_point(found->second));
        return found->second;
      });
}

void remove_point(fleet_pointer self, const remove_point_of_sale& message,
                  caf::typed_response_promise<point_of_sale> promise) {
  if (self->state.points.count(message.id) == 0)
    return promise.deliver(runtime::to_error(point_unknown())), void();
  write_then<point_of_sale>(
      self,
      [id = message.id](store::sql_connection& connection) {
        return store::remove_point_of_sale(connection, id);
      },
      promise,
      [self, id = message.id]() -> point_of_sale {
        auto& state = self->state;
        const auto found = state.points.find(id);
        if (found == state.points.end()) return {id, {}, {}, {}};
        const auto gone = found->second;
        state.points.erase(found);
        state.point_limit->set_fill(state.points.size());
        point_moved(state, id, true);
        state.publish({}, "point_of_sale.removed", about_point(gone));
        return gone;
      });
}

result<std::vector<std::string>> checked_tags(const std::vector<std::string>& given) {
  std::vector<std::string> tags;
  for (const auto& each : given) {
    const auto tag = transport::read_name(each, longest_tag);
    if (!tag)
      return fault{"box.bad_tags",
                   "A tag has 1 to 32 characters on one line, and something to be seen.",
                   "Choose another tag.", 422};
    const auto key = store::point_name_key(*tag);
    const bool twice = std::any_of(tags.begin(), tags.end(), [&](const auto& other) {
      return store::point_name_key(other) == key;
    });
    if (!twice) tags.emplace_back(*tag);
  }
  if (tags.size() > tags_bound)
    return fault{"box.bad_tags", "A box has at most 16 tags.", "Leave some out.", 422};
  return tags;
}

} // namespace troupe::server
