#include "sim/room_json.hpp"

#include "messages/base64.hpp"

#include <cstdio>
#include <ctime>

namespace troupe::sim {

using transport::json_value;

std::string dump(const json_value& value) {
  return value.dump(-1, ' ', false, json_value::error_handler_t::replace);
}

std::string to_milliseconds(time_point at) {
  auto whole = std::chrono::floor<std::chrono::milliseconds>(at);
  auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
  auto since = static_cast<std::time_t>(seconds.time_since_epoch().count());
  std::tm parts{};
  gmtime_r(&since, &parts);
  char date[32], text[48];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>((whole - seconds).count()));
  return text;
}

static std::string_view to_string(paper_state paper) {
  constexpr std::string_view names[] = {"present", "low", "out"};
  return names[static_cast<std::size_t>(paper)];
}

static json_value faults_of(const printer_snapshot& seen) {
  auto faults = json_value::array();
  if (seen.model.offline) faults.push_back("offline");
  if (seen.model.cutter_fault) faults.push_back("cutter");
  if (seen.model.dead) faults.push_back("dead");
  if (seen.model.garbage) faults.push_back("garbage");
  if (seen.model.silent) faults.push_back("silent");
  if (seen.slow) faults.push_back("slow");
  return faults;
}

json_value to_json(const printer_snapshot& seen) {
  auto unknown = json_value::array();
  for (const auto& [bytes, count] : seen.unknown_commands)
    unknown.push_back({{"bytes", bytes}, {"count", count}});
  const auto& model = seen.model;
  json_value json;
  json["id"] = seen.id;
  json["name"] = seen.id;
  json["language"] = seen.language;
  json["address"] = seen.address;
  json["width"] = seen.width;
  json["state"] = sim::to_string(seen.state);
  json["problem"] = seen.problem;
  json["since"] = to_milliseconds(seen.since);
  json["paper"] = to_string(model.paper);
  json["roll_dots"] = model.roll_dots;
  json["roll_left_dots"] = model.roll_left;
  json["cover"] = model.cover_open ? "open" : "closed";
  json["power"] = seen.power ? "on" : "off";
  json["plug"] = seen.plug ? "in" : "out";
  json["drawer"] = model.drawer_open ? "open" : "closed";
  json["pace"] = seen.pace == printer_pace::real ? "real" : "instant";
  json["faults"] = faults_of(seen);
  json["dead_after_bytes"] = model.dies_after ? json_value(*model.dies_after) : json_value();
  json["connections"] = seen.connections;
  json["printing"] = seen.printing;
  json["buffered_bytes"] = seen.buffered_bytes;
  json["buffer_bytes"] = seen.buffer_bytes;
  json["received_bytes"] = seen.received_bytes;
  json["receipts"] = seen.receipts;
  json["strip"] = {{"receipt", seen.id + "-" + std::to_string(seen.strip_number)},
                   {"height", seen.strip_rows}};
  json["unknown_commands"] = std::move(unknown);
  return json;
}

json_value to_json(const kept_receipt& kept) {
  char hash[24];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(kept.paper.hash()));
  json_value json;
  json["id"] = kept.id;
  json["printer"] = kept.printer;
  json["time"] = to_milliseconds(kept.time);
  json["width"] = kept.paper.width;
  json["height"] = kept.paper.height;
  json["text"] = kept.paper.text;
  json["hash"] = hash;
  json["cut"] = sim::to_string(kept.paper.cut);
  json["url"] = "/api/v1/receipts/" + kept.id + ".png";
  return json;
}

static fault bad_play(const std::string& why) {
  return {"printer.play", why, "The page about the paper room lists what can be sent.", 422};
}

result<play> read_play(std::string_view what, std::string_view body) {
  auto read = transport::parse_json(as_bytes(body.empty() ? "{}" : body),
                                    {.depth = 4, .members = 16, .values = 64});
  if (!read) return read.error();
  const auto& json = *read;
  if (!json.is_object()) return bad_play("The body is not a JSON object.");
  play action{std::string(what), {}};
  if (auto found = json.find("state"); found != json.end()) {
    if (!found->is_string()) return bad_play("\"state\" is not a text.");
    action.state = found->get<std::string>();
  }
  if (auto found = json.find("on"); found != json.end()) {
    if (!found->is_boolean()) return bad_play("\"on\" is not true or false.");
    action.on = found->get<bool>();
  }
  for (auto [name, target] :
       {std::pair{"roll_dots", &action.roll_dots}, std::pair{"after_bytes", &action.after_bytes}}) {
    auto found = json.find(name);
    if (found == json.end() || found->is_null()) continue;
    if (!found->is_number_integer() || found->get<std::int64_t>() < 0)
      return bad_play("\"" + std::string(name) + "\" is not a whole number of at least 0.");
    *target = found->get<std::uint64_t>();
  }
  return action;
}

static json_value paper_message(std::string_view type, std::string_view printer,
                                std::uint64_t receipt, std::size_t first, std::size_t count) {
  json_value json;
  json["type"] = type;
  json["printer"] = printer;
  json["receipt"] = std::string(printer) + "-" + std::to_string(receipt);
  json["first"] = first;
  json["count"] = count;
  return json;
}

std::string rows_message(std::string_view printer, std::uint64_t receipt, std::size_t first,
                         std::size_t count, std::size_t width, byte_span bits) {
  auto json = paper_message("rows", printer, receipt, first, count);
  json["width"] = width;
  json["bits"] = to_base64(bits);
  return dump(json);
}

std::string gap_message(std::string_view printer, std::uint64_t receipt, std::size_t first,
                        std::size_t count) {
  return dump(paper_message("gap", printer, receipt, first, count));
}

} // namespace troupe::sim
