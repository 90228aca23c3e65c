#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/prompt.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <ostream>

namespace troupe::apps {
namespace {

struct box_arguments {
  std::string box;
  std::string text; ///< a name, a note
  std::string search, state, tag;
  std::optional<std::string> point_of_sale;
  std::vector<std::string> tags, without;
  bool online = false, offline = false, yes = false, wait = false;
  std::uint32_t timeout_s = 60;
};
using arguments_ptr = std::shared_ptr<box_arguments>;

int list(command_context& context, const box_arguments& arguments) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  std::string query;
  const auto also = [&query](const std::string& part) {
    query += (query.empty() ? "" : "&") + part;
  };
  if (!arguments.search.empty()) also("q=" + transport::percent_encode(arguments.search));
  if (!arguments.state.empty()) also("state=" + arguments.state);
  if (!arguments.tag.empty()) also("tag=" + transport::percent_encode(arguments.tag));
  if (arguments.point_of_sale) {
    const auto point = find_point_of_sale(**server, *arguments.point_of_sale);
    if (!point) return context.complain(point.error());
    also("point_of_sale=" + point->id);
  }
  if (arguments.online || arguments.offline)
    also(arguments.online ? "online=true" : "online=false");
  const auto boxes = list_boxes(**server, query);
  if (!boxes) return context.complain(boxes.error());
  if (context.json) {
    context.out << to_json(value(value::object{{"boxes", value::list(*boxes)}})) << "\n";
    return all_well;
  }
  context.out << box_table(*boxes, runtime_now());
  if (boxes->empty())
    context.out << (query.empty() ? "The fleet is empty: connect a box with troupe connect CODE.\n"
                                  : "No box is like that.\n");
  return all_well;
}

/// Finds the box, then runs `then(server, box)`.
template <class Then>
int with_box(command_context& context, const std::string& wanted, Then then) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto box = find_box(**server, wanted);
  if (!box) return context.complain(box.error());
  return then(**server, *box);
}

int show(command_context& context, const box_arguments& arguments) {
  return with_box(context, arguments.box, [&](caller& server, const named_thing& box) -> int {
    const auto body = server.get(box_path(box.id));
    if (!body) return context.complain(body.error());
    if (context.json) return context.out << *body << "\n", all_well;
    const auto whole = from_json<fleet_box>(*body);
    if (!whole) return context.complain(whole.error());
    context.out << box_text(*whole, runtime_now());
    return all_well;
  });
}

int change(command_context& context, const box_arguments& arguments, const char* member) {
  return with_box(context, arguments.box, [&](caller& server, const named_thing& box) -> int {
    const auto body = server.send("PATCH", box_path(box.id),
                                  to_json(value(value::object{{member, arguments.text}})));
    if (!body) return context.complain(body.error());
    if (context.json)
      context.out << *body << "\n";
    else if (std::string_view(member) == "name")
      context.out << printable(box.name) << " is now called " << printable(arguments.text) << ".\n";
    else
      context.out << "The note of " << printable(box.name) << " is changed.\n";
    return all_well;
  });
}

/// The tags of a box with some more, and without some.
value::list changed_tags(const fleet_box& box, const box_arguments& arguments) {
  auto tags = box.tags;
  tags.insert(tags.end(), arguments.tags.begin(), arguments.tags.end());
  value::list kept;
  for (const auto& each : tags)
    if (std::find(arguments.without.begin(), arguments.without.end(), each) ==
        arguments.without.end())
      kept.emplace_back(each);
  return kept;
}

int set(command_context& context, const box_arguments& arguments) {
  return with_box(context, arguments.box, [&](caller& server, const named_thing& box) -> int {
    value::object wanted;
    if (arguments.point_of_sale) {
      named_thing point;
      if (!arguments.point_of_sale->empty()) {
        const auto found = find_point_of_sale(server, *arguments.point_of_sale);
        if (!found) return context.complain(found.error());
        point = *found;
      }
      wanted["point_of_sale"] = point.id;
    }
    if (!arguments.tags.empty() || !arguments.without.empty()) {
      const auto whole = get_box(server, box.id);
      if (!whole) return context.complain(whole.error());
      wanted["tags"] = changed_tags(*whole, arguments);
    }
    if (wanted.empty())
      return context.complain({"usage.nothing", "There is nothing to set.",
                               "Give --point-of-sale, --tag or --without-tag.", 422});
    const auto body = server.send("PATCH", box_path(box.id), to_json(value(std::move(wanted))));
    if (!body) return context.complain(body.error());
    if (context.json) return context.out << *body << "\n", all_well;
    const auto now = from_json<fleet_box>(*body);
    if (!now) return context.complain(now.error());
    context.out << box_text(*now, runtime_now());
    return all_well;
  });
}

int restart(command_context& context, const box_arguments& arguments) {
  return with_box(context, arguments.box, [&](caller& server, const named_thing& box) -> int {
    const auto body = server.send("POST", box_path(box.id) + "/restart", "{}");
    if (!body) return context.complain(body.error());
    const std::chrono::seconds longest(arguments.wait ? arguments.timeout_s : 0);
    return tell_command(context, server, *body, longest);
  });
}

int remove(command_context& context, const box_arguments& arguments) {
  return with_box(context, arguments.box, [&](caller& server, const named_thing& box) -> int {
    if (!arguments.yes) {
      if (!has_terminal())
        return context.complain(
            {"usage.not_confirmed",
             "Nobody is here to be asked whether " + box.name + " shall leave the fleet.",
             "Add --yes."});
      const auto answer = ask_line("Take " + printable(box.name) + " (" + box.id +
                                   ") out of the fleet? Type its name: ");
      if (!answer || *answer != box.name)
        return context.complain({"usage.not_confirmed", "Nothing was changed.", ""});
    }
    const auto body = server.send("DELETE", box_path(box.id), {});
    if (!body) return context.complain(body.error());
    if (!context.json)
      context.out << printable(box.name) << " is out of the fleet; it shows a code again when it "
                  << "next comes.\n";
    return all_well;
  });
}

int connect(command_context& context, const std::string& code) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto body =
      (*server)->send("POST", "/api/v1/pairing", to_json(value(value::object{{"code", code}})));
  if (!body) return context.complain(body.error());
  if (context.json) return context.out << *body << "\n", all_well;
  const auto content = from_json<value>(*body);
  if (!content) return context.complain(content.error());
  context.out << printable(content->text_or("name", "The box")) << " is connected ("
              << printable(content->text_or("box")) << ").\n";
  return all_well;
}

CLI::App* add(CLI::App& under, command_context& context, const char* name, const char* help,
              const arguments_ptr& arguments, int (*run)(command_context&, const box_arguments&)) {
  auto* command = under.add_subcommand(name, help);
  command->callback([&context, arguments, run] {
    context.chosen = [&context, arguments, run] { return run(context, *arguments); };
  });
  return command;
}

void add_wait(CLI::App& command, const arguments_ptr& arguments) {
  command.add_flag("--wait", arguments->wait, "Wait until the box has done it");
  command.add_option("--timeout", arguments->timeout_s, "Seconds to wait at most")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

} // namespace

void add_box_commands(CLI::App& program, command_context& context) {
  auto* box = program.add_subcommand("box", "The boxes of the fleet")->require_subcommand(1);
  auto arguments = std::make_shared<box_arguments>();
  auto* listing = add(*box, context, "list", "List boxes", arguments, list);
  listing->add_option("--search", arguments->search, "Only those with this in name, note or id");
  listing->add_option("--state", arguments->state, "Only those in this state")
      ->check(CLI::IsMember({"ready", "attention", "trouble", "unknown", "offline"}));
  listing->add_option("--tag", arguments->tag, "Only those with this tag");
  listing->add_option("--point-of-sale", arguments->point_of_sale, "Only those that belong to it");
  listing->add_flag("--online", arguments->online, "Only those that are linked");
  listing->add_flag("--offline", arguments->offline, "Only those that are not")
      ->excludes("--online");
  const auto of_box = [&](CLI::App* command) {
    command->add_option("box", arguments->box, "The box: id, name, or the start of either")
        ->required();
    return command;
  };
  of_box(add(*box, context, "show", "Show a box and its devices", arguments, show));
  of_box(add(*box, context, "rename", "Give a box another name", arguments,
             [](command_context& at, const box_arguments& given) {
               return change(at, given, "name");
             }))
      ->add_option("name", arguments->text, "The new name")
      ->required();
  of_box(add(*box, context, "note", "Write a note on a box; \"\" removes it", arguments,
             [](command_context& at, const box_arguments& given) {
               return change(at, given, "note");
             }))
      ->add_option("text", arguments->text, "The note")
      ->required();
  auto* setting =
      of_box(add(*box, context, "set", "Say where a box belongs, and tag it", arguments, set));
  setting->add_option("--point-of-sale", arguments->point_of_sale,
                      "Its point of sale, by name or id; \"\": none");
  setting->add_option("--tag", arguments->tags, "Adds a tag; may be given several times")
      ->allow_extra_args(false);
  setting->add_option("--without-tag", arguments->without, "Takes a tag away; likewise")
      ->allow_extra_args(false);
  add_wait(
      *of_box(add(*box, context, "restart", "Start the box's program anew", arguments, restart)),
      arguments);
  of_box(add(*box, context, "delete", "Take a box out of the fleet", arguments, remove))
      ->add_flag("--yes", arguments->yes, "Do not ask");
  auto code = std::make_shared<std::string>();
  auto* connecting = program.add_subcommand("connect", "Connect a box by the code that it shows");
  connecting->add_option("code", *code, "The code, in any case, with or without the dash")
      ->required();
  connecting->callback(
      [&context, code] { context.chosen = [&context, code] { return connect(context, *code); }; });
}

} // namespace troupe::apps
