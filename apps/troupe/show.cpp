#include "apps/troupe/show.hpp"

#include "apps/troupe/fleet.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"

#include <algorithm>
#include <ostream>

namespace troupe::apps {
namespace {

time_point time_of(const value& of, std::string_view member) {
  return from_rfc3339(of.text_or(member)).value_or(time_point{});
}

std::string since(time_point at, time_point now) {
  if (at == time_point{}) return "";
  return rough(std::chrono::duration_cast<std::chrono::seconds>(now - at));
}

std::string link_words(bool online, time_point at, time_point now) {
  const auto span = since(at, now);
  return std::string(online ? "online" : "offline") + (span.empty() ? "" : " " + span);
}

std::string number_text(const value& of) {
  if (const auto* whole = of.as_integer()) return std::to_string(*whole);
  return of.is_null() ? "" : to_json(of);
}

/// What matters most of an event's data, in a few words.
std::string data_words(const value& data) {
  for (const char* member : {"text", "name", "state", "code"})
    if (const auto text = data.text_or(member); !text.empty()) return text;
  if (!data["status"].is_null()) return data_words(data["status"]);
  const auto json = data.is_null() ? "" : to_json(data);
  return json == "{}" ? "" : json;
}

} // namespace

time_point runtime_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string box_table(const std::vector<value>& boxes, time_point now) {
  if (boxes.empty()) return "";
  text_table table({"NAME", "LINK", "STATE", "LAST EVENT", "ID"});
  for (const auto& each : boxes) {
    const auto* online = each["online"].as_bool();
    auto last = each.text_or("last_event");
    if (!last.empty()) last += ", " + since(time_of(each, "last_event_at"), now) + " ago";
    table.add({each.text_or("name"),
               link_words(online != nullptr && *online, time_of(each, "online_since"), now),
               each.text_or("alert").empty() ? each.text_or("state") : "needs a decision", last,
               each.text_or("id")});
  }
  return table.text();
}

std::string box_text(const fleet_box& box, time_point now) {
  std::string out = printable(box.name) + "  (" + printable(box.id.text) + ")\n";
  const auto row = [&out](const char* name, const std::string& text) {
    if (!text.empty()) out += "  " + padded(name, 14) + printable(text) + "\n";
  };
  row("Link", box.disconnected == time_point{} || box.online
                  ? link_words(box.online, box.online_since, now)
                  : "disconnected at its homepage " + since(box.disconnected, now) + " ago");
  row("Decide", box.alert);
  row("State", std::string(name_of(box.state)));
  row("Point of sale", box.point_of_sale_name);
  std::string tags;
  for (const auto& each : box.tags)
    tags += (tags.empty() ? "" : ", ") + each;
  row("Tags", tags);
  row("Note", box.note);
  row("Homepage", box.report.homepage);
  row("Version", box.report.version);
  row("In the fleet",
      local_time(box.connected) + (box.connected_by.empty() ? "" : ", by " + box.connected_by));
  if (!box.last_event.empty())
    row("Last event", box.last_event + ", " + since(box.last_event_at, now) + " ago");
  if (box.report.buffered_events > 0)
    row("Waiting", std::to_string(box.report.buffered_events) + " events to be forwarded");
  return out + (box.devices.empty() ? "  No devices.\n" : "\n" + device_table(box.devices));
}

std::string device_table(const std::vector<device_snapshot>& devices) {
  text_table table({"DEVICE", "KIND", "STATE", "WHAT IT SAYS", "ID"});
  for (const auto& each : devices) {
    auto says = each.status.text;
    if (!each.status.remedy.empty()) says += " " + each.status.remedy;
    table.add({each.description.name, std::string(name_of(each.description.kind)),
               std::string(name_of(each.status.state)), says, each.description.id.text});
  }
  return table.text(60);
}

std::string event_line(const value& event, const std::string& box) {
  const auto at = from_rfc3339(event.text_or("time")).value_or(time_point{});
  const auto& data = event["data"];
  auto line = local_time(at, true) + "  " + padded(number_text(event["sequence"]), 9) + " " +
              padded(shortened(printable(box), 20), 21) +
              padded(printable(event.text_or("type")), 19) + " ";
  if (const auto device = event.text_or("device"); !device.empty())
    line += printable(device) + "  ";
  line += printable(data_words(data));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string command_text(const command_record& record) {
  auto out = "Command " + record.id.text + ": " + std::string(name_of(record.state));
  if (!record.text.empty()) out += ". " + printable(record.text);
  out += "\n";
  if (!record.data.is_null()) out += "  " + printable(to_json(record.data)) + "\n";
  if (record.trace.valid()) out += "  troupe trace show " + trace_id_text(record.trace) + "\n";
  return out;
}

int tell_command(command_context& context, caller& server, const std::string& body,
                 std::chrono::seconds longest) {
  auto record = from_json<command_record>(body);
  if (!record) return context.complain(record.error());
  std::optional<fault> problem;
  if (longest.count() > 0) {
    auto ended = wait_for_command(server, *record, longest);
    if (!ended && ended.error().code != "outcome.waiting") return context.complain(ended.error());
    if (ended)
      record = std::move(ended);
    else
      problem = ended.error();
    if (!problem) problem = problem_of(*record);
  }
  context.out << (context.json ? to_json(*record) + "\n" : command_text(*record));
  if (!problem) return all_well;
  return context.complain(*problem);
}

} // namespace troupe::apps
