#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <ostream>

namespace troupe::apps {
namespace {

struct device_arguments {
  std::string box, device, action;
  std::string arguments, text, document, key;
  std::uint32_t valid_for_s = 3600, timeout_s = 60;
  bool wait = false;
};
using arguments_ptr = std::shared_ptr<device_arguments>;

int list(command_context& context, const device_arguments& given) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto box = find_box(**server, given.box);
  if (!box) return context.complain(box.error());
  const auto whole = get_box(**server, box->id);
  if (!whole) return context.complain(whole.error());
  if (context.json)
    context.out << "{\"devices\":" << to_json(whole->devices) << "}\n";
  else if (whole->devices.empty())
    context.out << printable(whole->name) << " has no devices.\n";
  else
    context.out << device_table(whole->devices);
  return all_well;
}

fault bad_json(const std::string& where, const fault& problem) {
  return {"usage.json", where + " is no JSON: " + problem.text, "Check commas and quotes."};
}

result<value> document_of(const device_arguments& given) {
  if (!given.text.empty())
    return value(value::object{
        {"operations", value::list{value::object{{"kind", "text"}, {"content", given.text + "\n"}},
                                   value::object{{"kind", "cut"}}}}});
  std::ifstream in(given.document, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof())
    return fault{"usage.document", given.document + " cannot be read.", ""};
  auto parsed = from_json<value>(content);
  if (!parsed) return bad_json(given.document, parsed.error());
  return parsed;
}

/// The body of the request for an action.
result<value::object> action_of(const device_arguments& given) {
  value::object body{{"action", given.action}, {"valid_for_s", std::int64_t{given.valid_for_s}}};
  if (!given.arguments.empty()) {
    auto parsed = from_json<value>(given.arguments);
    if (!parsed) return bad_json("--arguments", parsed.error());
    body["arguments"] = std::move(*parsed);
  }
  if (!given.text.empty() || !given.document.empty()) {
    auto document = document_of(given);
    if (!document) return document.error();
    body["document"] = std::move(*document);
  }
  return body;
}

int act(command_context& context, const device_arguments& given) {
  const auto body = action_of(given);
  if (!body) return context.complain(body.error());
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto box = find_box(**server, given.box);
  if (!box) return context.complain(box.error());
  const auto device = find_device(**server, *box, given.device);
  if (!device) return context.complain(device.error());
  // A key of its own: should the answer be lost, the same line typed again is another action, but a
  // connection cut and taken up again is not.
  const auto key = given.key.empty() ? "troupe-" + random_hex(12) : given.key;
  const auto answer = (*server)->send(
      "POST", box_path(box->id) + "/devices/" + transport::percent_encode(device->id) + "/actions",
      to_json(value(*body)), {{"Idempotency-Key", key}});
  if (!answer) return context.complain(answer.error());
  return tell_command(context, **server, *answer,
                      std::chrono::seconds(given.wait ? given.timeout_s : 0));
}

int show_command(command_context& context, const device_arguments& given) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  const auto body = (*server)->get("/api/v1/commands/" + transport::percent_encode(given.action));
  if (!body) return context.complain(body.error());
  return tell_command(context, **server, *body,
                      std::chrono::seconds(given.wait ? given.timeout_s : 0));
}

void choose(CLI::App& command, command_context& context, const arguments_ptr& given,
            int (*run)(command_context&, const device_arguments&)) {
  command.callback([&context, given, run] {
    context.chosen = [&context, given, run] { return run(context, *given); };
  });
}

void add_wait(CLI::App& command, const arguments_ptr& given) {
  command.add_flag("--wait", given->wait, "Wait until it has ended; the exit code tells how");
  command.add_option("--timeout", given->timeout_s, "Seconds to wait at most")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
}

void add_do(CLI::App& device, command_context& context, const arguments_ptr& given) {
  auto* act_on = device.add_subcommand("do", "Ask a device to do something");
  act_on->add_option("box", given->box, "The box: id, name, or the start of either")->required();
  act_on->add_option("device", given->device, "The device: id, name, or the start of either")
      ->required();
  act_on
      ->add_option("action", given->action, "What to do: status (a test ticket), print, cashbox, read_once …")
      ->required();
  auto* text = act_on->add_option("--text", given->text, "Print this text and cut");
  act_on->add_option("--document", given->document, "Print the document in this file (JSON)")
      ->check(CLI::ExistingFile)
      ->excludes(text);
  act_on->add_option("--arguments", given->arguments, "Arguments of the action, as a JSON object");
  act_on->add_option("--key", given->key,
                     "Idempotency key: asked again with the same key, nothing happens twice");
  act_on
      ->add_option("--valid-for", given->valid_for_s,
                   "Seconds after which it is not begun any more")
      ->check(CLI::Range(1, 604'800))
      ->capture_default_str();
  add_wait(*act_on, given);
  act_on->footer("Examples:\n"
                 "  troupe device do Kitchen counter status --wait\n"
                 "  troupe device do Kitchen counter print --text 'Table 7: two soups' --wait\n"
                 "  troupe device do Kitchen scale read_once --wait --json");
  choose(*act_on, context, given, act);
}

} // namespace

void add_device_commands(CLI::App& program, command_context& context) {
  auto given = std::make_shared<device_arguments>();
  auto* device = program.add_subcommand("device", "The devices of a box")->require_subcommand(1);
  auto* listing = device->add_subcommand("list", "List the devices of a box");
  listing->add_option("box", given->box, "The box: id, name, or the start of either")->required();
  choose(*listing, context, given, list);
  add_do(*device, context, given);
  auto* command =
      program.add_subcommand("command", "What boxes were asked to do")->require_subcommand(1);
  auto* show = command->add_subcommand("show", "Show how a command stands");
  show->add_option("id", given->action, "The command's id")->required();
  add_wait(*show, given);
  choose(*show, context, given, show_command);
}

} // namespace troupe::apps
