#include "apps/troupe/fleet.hpp"
#include "apps/troupe/names.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <ostream>
#include <thread>

namespace troupe::apps {
namespace {

constexpr std::chrono::milliseconds look_again{200};

struct discover_arguments {
  std::vector<std::string> ranges;
  std::vector<std::uint16_t> ports;
};

std::string what_it_is(const value& found) {
  const auto kind = found.text_or("kind");
  if (kind == "odoo") return "Odoo's box";
  if (kind == "forged") return "not what it says: its signature is wrong";
  if (found["paired"] == value(true)) return "has a server";
  return found["answers"] == value(true) ? "free: troupe box adopt takes it in"
                                         : "free, but this server does not reach it";
}

std::string table_of(const value::list& found) {
  text_table table({"NAME", "PAGE", "WHAT IT IS", "VERSION", "ID"});
  for (const auto& each : found)
    table.add({each.text_or("name", "-"), each.text_or("url"), what_it_is(each),
               each.text_or("version", "-"), each.text_or("id", "-")});
  return table.text();
}

/// Begins a search and waits for its end; gives what the server then knows.
result<value> search(caller& server, const discover_arguments& arguments) {
  const value::list ranges(arguments.ranges.begin(), arguments.ranges.end());
  value::list ports;
  for (const auto each : arguments.ports)
    ports.emplace_back(static_cast<std::int64_t>(each));
  auto body = server.send("POST", "/api/v1/discovery",
                          to_json(value(value::object{{"ranges", ranges}, {"ports", ports}})));
  for (;;) {
    if (!body) return body.error();
    auto now = from_json<value>(*body);
    if (!now || (*now)["running"] != value(true)) return now;
    std::this_thread::sleep_for(look_again);
    body = server.get("/api/v1/discovery");
  }
}

int discover(command_context& context, const discover_arguments& arguments) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto now = search(**server, arguments);
  if (!now) return context.complain(now.error());
  if (context.json) return context.out << to_json(*now) << "\n", all_well;
  const auto* found = (*now)["found"].as_list();
  if (found == nullptr || found->empty())
    context.out << "No box answers there. A box that shows a code is connected by it: "
                   "troupe connect CODE.\n";
  else
    context.out << table_of(*found);
  return all_well;
}

/// The found box that a person means: by its page's address, its id or its name.
std::optional<value> pick(const value& known, const std::string& wanted) {
  const auto* found = known["found"].as_list();
  if (found == nullptr) return std::nullopt;
  std::vector<named_thing> boxes;
  for (const auto& each : *found) {
    if (each.text_or("kind") != "box") continue;
    const auto url = each.text_or("url");
    if (url == wanted || url == wanted + "/") return each;
    boxes.push_back({each.text_or("id"), each.text_or("name")});
  }
  const auto named = find_named(boxes, wanted, "box");
  for (const auto& each : *found)
    if (named && each.text_or("kind") == "box" && each.text_or("id") == named->id) return each;
  return std::nullopt;
}

/// As it is known now; when it is not, after a search.
result<value> find_near(caller& server, const std::string& wanted) {
  const auto body = server.get("/api/v1/discovery");
  if (!body) return body.error();
  const auto known = from_json<value>(*body);
  if (!known) return known.error();
  if (auto found = pick(*known, wanted)) return *std::move(found);
  const auto now = search(server, {});
  if (!now) return now.error();
  if (auto found = pick(*now, wanted)) return *std::move(found);
  return fault{"discovery.unknown", "No box called " + printable(wanted) + " was found.",
               "See what there is with: troupe discover.", 404};
}

int ask_found(command_context& context, caller& server, const value& box, const std::string& what,
              const std::string& done) {
  const auto body = server.send("POST", "/api/v1/discovery/" + what,
                                to_json(value(value::object{{"url", box.text_or("url")}})));
  if (!body) return context.complain(body.error());
  if (context.json)
    context.out << *body << "\n";
  else
    context.out << printable(box.text_or("name")) << done << "\n";
  return all_well;
}

int adopt(command_context& context, const std::string& wanted) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto box = find_near(**server, wanted);
  if (!box) return context.complain(box.error());
  return ask_found(context, **server, *box, "adopt", " was let in and comes by itself.");
}

/// A box of the fleet; when it has none of that name, one that was found in the network.
int blink(command_context& context, const std::string& wanted) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  if (const auto known = find_box(**server, wanted)) {
    const auto body = (*server)->send("POST", box_path(known->id) + "/blink", "{}");
    if (!body) return context.complain(body.error());
    return tell_command(context, **server, *body, {});
  } else if (known.error().status != 404) {
    return context.complain(known.error());
  }
  const auto box = find_near(**server, wanted);
  if (!box) return context.complain(box.error());
  return ask_found(context, **server, *box, "blink", " blinks.");
}

} // namespace

void add_discover_commands(CLI::App& program, command_context& context) {
  auto arguments = std::make_shared<discover_arguments>();
  auto* command =
      program.add_subcommand("discover", "Find boxes in the networks that the server is on");
  command->add_option("ranges", arguments->ranges,
                      "Private networks to search instead, like 192.168.1.0/24");
  command->add_option("--port", arguments->ports, "Port of the homepages; repeatable (8069)")
      ->allow_extra_args(false);
  command->callback([&context, arguments] {
    context.chosen = [&context, arguments] { return discover(context, *arguments); };
  });
  auto* box = program.get_subcommand("box");
  const auto add = [&](const char* name, const char* help,
                       int (*run)(command_context&, const std::string&)) {
    auto wanted = std::make_shared<std::string>();
    auto* added = box->add_subcommand(name, help);
    added->add_option("box", *wanted, "The box: address of its page, id or name")->required();
    added->callback([&context, wanted, run] {
      context.chosen = [&context, wanted, run] { return run(context, *wanted); };
    });
  };
  add("adopt", "Take in a box of the network that has no server", adopt);
  add("blink", "Let a box show itself: its pages flash, its printers print its name", blink);
}

} // namespace troupe::apps
