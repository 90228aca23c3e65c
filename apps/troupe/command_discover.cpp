#include "apps/troupe/program.hpp"
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
  return found["paired"] == value(true) ? "has a server" : "free: connect it by its code";
}

std::string table_of(const value::list& found) {
  text_table table({"NAME", "PAGE", "WHAT IT IS", "VERSION", "ID"});
  for (const auto& each : found)
    table.add({each.text_or("name", "-"), each.text_or("url"), what_it_is(each),
               each.text_or("version", "-"), each.text_or("id", "-")});
  return table.text();
}

int discover(command_context& context, const discover_arguments& arguments) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const value::list ranges(arguments.ranges.begin(), arguments.ranges.end());
  value::list ports;
  for (const auto each : arguments.ports)
    ports.emplace_back(static_cast<std::int64_t>(each));
  auto body = (*server)->send("POST", "/api/v1/discovery",
                              to_json(value(value::object{{"ranges", ranges}, {"ports", ports}})));
  for (;;) {
    if (!body) return context.complain(body.error());
    const auto now = from_json<value>(*body);
    if (!now) return context.complain(now.error());
    if ((*now)["running"] != value(true)) {
      if (context.json) return context.out << *body << "\n", all_well;
      const auto* found = (*now)["found"].as_list();
      if (found == nullptr || found->empty())
        context.out << "No box answers there. A box that shows a code is connected by it: "
                       "troupe connect CODE.\n";
      else
        context.out << table_of(*found);
      return all_well;
    }
    std::this_thread::sleep_for(look_again);
    body = (*server)->get("/api/v1/discovery");
  }
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
}

} // namespace troupe::apps
