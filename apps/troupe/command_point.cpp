#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

namespace troupe::apps {
namespace {

struct point_arguments {
  std::string point, name;
};

std::string point_path(const named_thing& point) {
  return std::string(points_of_sale_path) + "/" + transport::percent_encode(point.id);
}

int list(command_context& context, const point_arguments&) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto points = list_points_of_sale(**server);
  if (!points) return context.complain(points.error());
  if (context.json) {
    context.out << to_json(value(value::object{{"points_of_sale", value::list(*points)}})) << "\n";
    return all_well;
  }
  if (points->empty()) return context.out << "There are no points of sale.\n", all_well;
  text_table table({"NAME", "BOXES", "ID"});
  for (const auto& each : *points)
    table.add({each.text_or("name"), to_json(each["boxes"]), each.text_or("id")});
  context.out << table.text();
  return all_well;
}

int add(command_context& context, const point_arguments& given) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto body = (*server)->send("POST", points_of_sale_path,
                                    to_json(value(value::object{{"name", given.name}})));
  if (!body) return context.complain(body.error());
  if (context.json)
    context.out << *body << "\n";
  else
    context.out << "The point of sale " << printable(given.name) << " is there.\n";
  return all_well;
}

/// Finds the point of sale, then runs `then(server, point)`.
template <class Then>
int with_point(command_context& context, const point_arguments& given, Then then) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto point = find_point_of_sale(**server, given.point);
  if (!point) return context.complain(point.error());
  return then(**server, *point);
}

int rename(command_context& context, const point_arguments& given) {
  return with_point(context, given, [&](caller& server, const named_thing& point) -> int {
    const auto body = server.send("PATCH", point_path(point),
                                  to_json(value(value::object{{"name", given.name}})));
    if (!body) return context.complain(body.error());
    if (context.json)
      context.out << *body << "\n";
    else
      context.out << printable(point.name) << " is now called " << printable(given.name) << ".\n";
    return all_well;
  });
}

int remove(command_context& context, const point_arguments& given) {
  return with_point(context, given, [&](caller& server, const named_thing& point) -> int {
    const auto body = server.send("DELETE", point_path(point), "");
    if (!body) return context.complain(body.error());
    if (context.json)
      context.out << to_json(value(value::object{{"id", point.id}, {"name", point.name}})) << "\n";
    else
      context.out << printable(point.name) << " is removed; its boxes belong to none now.\n";
    return all_well;
  });
}

} // namespace

void add_point_commands(CLI::App& program, command_context& context) {
  auto given = std::make_shared<point_arguments>();
  auto* points =
      program.add_subcommand("point-of-sale", "Where boxes are: shops, counters, kiosks")
          ->require_subcommand(1);
  const auto command = [&](const char* name, const char* help,
                           int (*run)(command_context&, const point_arguments&)) {
    auto* made = points->add_subcommand(name, help);
    made->callback([&context, given, run] {
      context.chosen = [&context, given, run] { return run(context, *given); };
    });
    return made;
  };
  const auto of_point = [&](CLI::App* made) {
    made->add_option("point-of-sale", given->point, "Its name or id, or the start of either")
        ->required();
    return made;
  };
  command("list", "List them, with how many boxes belong to each", list);
  command("add", "Add one", add)->add_option("name", given->name, "Its name")->required();
  of_point(command("rename", "Give one another name", rename))
      ->add_option("name", given->name, "The new name")
      ->required();
  of_point(command("remove", "Remove one; its boxes belong to none then", remove));
  points->footer("Examples:\n"
                 "  troupe point-of-sale add 'Bakery'\n"
                 "  troupe box set Kitchen --point-of-sale Bakery --tag leased");
}

} // namespace troupe::apps
