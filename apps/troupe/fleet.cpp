#include "apps/troupe/fleet.hpp"

#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <thread>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t boxes_at_once = 5000;

fault odd_answer(const fault& problem) {
  return {"server.answer", "The server's answer cannot be read: " + problem.text,
          "Is it of another version? troupe status shows it.", 502};
}

template <class T>
result<T> read(const result<std::string>& body) {
  if (!body) return body.error();
  auto parsed = from_json<T>(*body);
  if (!parsed) return odd_answer(parsed.error());
  return parsed;
}

result<std::vector<named_thing>> summaries(caller& server, const std::string& query) {
  auto boxes = list_boxes(server, query);
  if (!boxes) return boxes.error();
  std::vector<named_thing> all;
  for (const auto& each : *boxes)
    all.push_back({each.text_or("id"), each.text_or("name")});
  return all;
}

} // namespace

result<std::vector<value>> list_boxes(caller& server, const std::string& query) {
  std::vector<value> all;
  for (;;) {
    auto path = "/api/v1/boxes?limit=" + std::to_string(boxes_at_once);
    if (!query.empty()) path += "&" + query;
    if (!all.empty()) path += "&after=" + transport::percent_encode(all.back().text_or("id"));
    const auto page = read<value>(server.get(path));
    if (!page) return page.error();
    const auto* boxes = (*page)["boxes"].as_list();
    if (boxes == nullptr) return odd_answer({"", "there are no \"boxes\" in it"});
    all.insert(all.end(), boxes->begin(), boxes->end());
    const auto* total = (*page)["total"].as_integer();
    if (boxes->size() < boxes_at_once || (total && all.size() >= std::uint64_t(*total))) return all;
  }
}

std::string box_path(const std::string& id) {
  return "/api/v1/boxes/" + transport::percent_encode(id);
}

result<named_thing> find_box(caller& server, const std::string& wanted) {
  // By id it is one small answer, also in a fleet of thousands.
  if (const auto known = get_box(server, wanted); known)
    return named_thing{known->id.text, known->name};
  else if (known.error().status != 404)
    return known.error();
  const auto all = summaries(server, "fields=summary");
  if (!all) return all.error();
  return find_named(*all, wanted, "box");
}

result<std::vector<value>> list_points_of_sale(caller& server) {
  const auto answer = read<value>(server.get(points_of_sale_path));
  if (!answer) return answer.error();
  const auto* points = (*answer)["points_of_sale"].as_list();
  if (points == nullptr) return odd_answer({"", "there are no \"points_of_sale\" in it"});
  return *points;
}

result<named_thing> find_point_of_sale(caller& server, const std::string& wanted) {
  const auto points = list_points_of_sale(server);
  if (!points) return points.error();
  std::vector<named_thing> all;
  for (const auto& each : *points)
    all.push_back({each.text_or("id"), each.text_or("name")});
  return find_named(all, wanted, "point_of_sale");
}

result<fleet_box> get_box(caller& server, const std::string& id) {
  return read<fleet_box>(server.get(box_path(id)));
}

result<named_thing> find_device(caller& server, const named_thing& box, const std::string& wanted) {
  const auto whole = get_box(server, box.id);
  if (!whole) return whole.error();
  std::vector<named_thing> all;
  for (const auto& each : whole->devices)
    all.push_back({each.description.id.text, each.description.name});
  return find_named(all, wanted, "device");
}

result<command_record> wait_for_command(caller& server, const command_record& asked,
                                        std::chrono::seconds longest) {
  auto record = asked;
  const auto end = std::chrono::steady_clock::now() + longest;
  for (auto pause = 20ms; !is_final(record.state);
       pause = std::min<std::chrono::milliseconds>(pause * 2, 500ms)) {
    if (std::chrono::steady_clock::now() >= end)
      return fault{"outcome.waiting",
                   "The box has not finished it within " + std::to_string(longest.count()) + " s.",
                   "It is kept and goes on; ask again: troupe command show " + record.id.text, 504};
    std::this_thread::sleep_for(pause);
    auto now = read<command_record>(
        server.get("/api/v1/commands/" + transport::percent_encode(record.id.text)));
    if (!now) return now;
    record = std::move(*now);
  }
  return record;
}

std::optional<fault> problem_of(const command_record& record) {
  if (record.state == action_state::failed || record.state == action_state::canceled)
    return fault{record.code.empty() ? "command.failed" : record.code,
                 record.text.empty() ? "It failed." : record.text, "", 500};
  if (record.state == action_state::unknown)
    return fault{"outcome.unknown",
                 record.text.empty() ? "Nobody can know whether it happened." : record.text,
                 "Look at the device, then decide on the box's homepage.", 500};
  return std::nullopt;
}

result<box_names> box_names::load(caller& server) {
  auto all = summaries(server, "fields=summary");
  if (!all) return all.error();
  box_names names;
  names.all_ = std::move(*all);
  std::sort(names.all_.begin(), names.all_.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return names;
}

std::string box_names::operator[](const std::string& id) const {
  const auto at = std::lower_bound(all_.begin(), all_.end(), id,
                                   [](const auto& each, const auto& key) { return each.id < key; });
  return at != all_.end() && at->id == id && !at->name.empty() ? at->name : id;
}

} // namespace troupe::apps
