#include "actors/server/box_list.hpp"

#include "messages/codec.hpp"

#include <algorithm>

namespace troupe::server {
namespace {

constexpr std::array<std::string_view, 5> standings{"ready", "attention", "trouble", "unknown",
                                                    "offline"};

int gravity(const fleet_box& box) {
  const auto at = standing_of(box);
  if (at == "trouble") return 4;
  if (at == "offline") return 3;
  if (at == "attention") return 2;
  return at == "unknown" ? 1 : 0;
}

void append_lower(std::string& out, std::string_view text) {
  for (const char c : text)
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  out += '\n';
}

/// All that a box can be found by.
std::string haystack(const fleet_box& box) {
  std::string out;
  append_lower(out, box.id.text);
  append_lower(out, box.name);
  append_lower(out, box.note);
  append_lower(out, box.point_of_sale_name);
  for (const auto& each : box.tags)
    append_lower(out, each);
  for (const auto& each : box.report.addresses)
    append_lower(out, each);
  for (const auto& each : box.devices) {
    append_lower(out, each.description.id.text);
    append_lower(out, each.description.name);
    append_lower(out, each.description.address);
  }
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    if (end > 0) {
      append_lower(words.emplace_back(), text.substr(0, end));
      words.back().pop_back();
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool has_all(const fleet_box& box, const std::vector<std::string>& words) {
  if (words.empty()) return true;
  const auto hay = haystack(box);
  return std::all_of(words.begin(), words.end(),
                     [&](const auto& word) { return hay.find(word) != std::string::npos; });
}

bool is_labelled(const fleet_box& box, const box_query& query) {
  if (!query.point_of_sale.empty() && box.point_of_sale != query.point_of_sale) return false;
  return query.tag.empty() ||
         std::find(box.tags.begin(), box.tags.end(), query.tag) != box.tags.end();
}

void put_in_order(std::vector<fleet_box_ptr>& boxes, box_order order) {
  const auto by = [&](auto less) { std::stable_sort(boxes.begin(), boxes.end(), less); };
  switch (order) {
  case box_order::name:
    return; // they come so
  case box_order::worst:
    return by([](const auto& a, const auto& b) { return gravity(*a) > gravity(*b); });
  case box_order::last_event:
    return by([](const auto& a, const auto& b) { return a->last_event_at > b->last_event_at; });
  case box_order::newest:
    return by([](const auto& a, const auto& b) { return a->connected > b->connected; });
  }
}

/// Writes the members of one object.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) { out_ += '{'; }
  void close() { out_ += '}'; }
  std::string& member(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_.append("\"").append(name).append("\":");
    return out_;
  }
  void text(std::string_view name, std::string_view content) {
    append_json_string(member(name), content);
  }
  void time(std::string_view name, time_point at) { text(name, to_rfc3339(at)); }

private:
  std::string& out_;
};

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (const auto& each : texts)
    append_json_string(&each == texts.data() ? out : out += ',', each);
  out += ']';
}

void append_device(std::string& out, const device_snapshot& device) {
  object_writer both(out);
  object_writer description(both.member("description"));
  description.text("id", device.description.id.text);
  description.text("name", device.description.name);
  description.text("kind", name_of(device.description.kind));
  description.text("subtype", device.description.subtype);
  description.close();
  object_writer status(both.member("status"));
  status.text("state", name_of(device.status.state));
  status.text("code", device.status.code);
  status.text("text", device.status.text);
  status.time("since", device.status.since);
  status.member("waiting") += std::to_string(device.status.waiting);
  status.close();
  both.close();
}

} // namespace

std::string_view standing_of(const fleet_box& box) {
  if (!box.alert.empty())
    return box.online && box.state == device_state::trouble ? "trouble" : "attention";
  return box.online ? name_of(box.state) : "offline";
}

std::vector<std::string_view> all_standings() {
  return {standings.begin(), standings.end()};
}

chosen_boxes choose_boxes(const box_list& boxes, const box_query& query) {
  chosen_boxes out;
  for (const auto each : standings)
    out.counts[each] = 0;
  const auto words = words_of(query.text);
  std::vector<fleet_box_ptr> fitting;
  for (const auto& each : boxes) {
    if (!has_all(*each, words) || !is_labelled(*each, query)) continue;
    const auto standing = standing_of(*each);
    ++out.counts[standing];
    if (!query.standing.empty() && standing != query.standing) continue;
    if (query.online && each->online != *query.online) continue;
    fitting.push_back(each);
  }
  put_in_order(fitting, query.order);
  out.total = fitting.size();
  auto from = fitting.begin();
  if (!query.after.empty()) {
    from = std::find_if(fitting.begin(), fitting.end(),
                        [&](const auto& each) { return each->id == query.after; });
    if (from != fitting.end()) ++from;
  }
  const auto left = static_cast<std::size_t>(fitting.end() - from);
  out.more = left > query.limit;
  out.boxes.assign(from, from + static_cast<std::ptrdiff_t>(std::min(left, query.limit)));
  return out;
}

std::string summary_json(const fleet_box& box) {
  std::string out;
  object_writer writer(out);
  writer.text("id", box.id.text);
  writer.text("name", box.name);
  writer.text("note", box.note);
  writer.member("online") += box.online ? "true" : "false";
  writer.time("online_since", box.online_since);
  writer.text("state", name_of(box.state));
  writer.text("alert", box.alert);
  writer.time("connected", box.connected);
  writer.text("connected_by", box.connected_by);
  writer.time("disconnected", box.disconnected);
  writer.text("point_of_sale", box.point_of_sale);
  writer.text("point_of_sale_name", box.point_of_sale_name);
  writer.member("point_question") += box.point_question ? "true" : "false";
  append_texts(writer.member("tags"), box.tags);
  writer.text("stage", name_of(box.stage));
  writer.member("stage_problem") += to_json(box.stage_problem);
  writer.text("last_event", box.last_event);
  writer.time("last_event_at", box.last_event_at);
  object_writer report(writer.member("report"));
  report.text("version", box.report.version);
  append_texts(report.member("addresses"), box.report.addresses);
  report.close();
  auto& devices = writer.member("devices") += '[';
  for (const auto& each : box.devices)
    append_device(devices += &each == box.devices.data() ? "" : ",", each);
  devices += ']';
  writer.close();
  return out;
}

std::string boxes_json(const box_list& boxes, const box_query& query, std::uint64_t sequence) {
  const auto chosen = choose_boxes(boxes, query);
  std::string out;
  object_writer writer(out);
  auto& list = writer.member("boxes") += '[';
  for (const auto& each : chosen.boxes) {
    if (list.back() != '[') list += ',';
    list += query.summary ? summary_json(*each) : to_json(*each);
  }
  list += ']';
  writer.member("total") += std::to_string(chosen.total);
  object_writer counts(writer.member("counts"));
  for (const auto each : standings)
    counts.member(each) += std::to_string(chosen.counts.at(each));
  counts.close();
  writer.member("sequence") += std::to_string(sequence);
  auto& next = writer.member("next");
  if (chosen.more)
    append_json_string(next, chosen.boxes.back()->id.text);
  else
    next += "null";
  writer.close();
  return out;
}

} // namespace troupe::server
