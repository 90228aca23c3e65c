#include "apps/troupe/completion.hpp"
#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/text.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

namespace troupe::apps {
namespace {

std::vector<std::string> names_from_server(command_context& context, const std::string& what,
                                           const std::vector<std::string>& before) {
  auto server = context.server();
  if (!server) return {};
  std::vector<std::string> names;
  if (what == "box") {
    const auto boxes = list_boxes(**server, "fields=summary");
    if (!boxes) return {};
    for (const auto& each : *boxes)
      names.push_back(printable(each.text_or("name")));
  } else if (what == "point-of-sale") {
    const auto points = list_points_of_sale(**server);
    if (!points) return {};
    for (const auto& each : *points)
      names.push_back(printable(each.text_or("name")));
  } else if (what == "device" && !before.empty()) {
    const auto box = find_box(**server, before.front());
    const auto whole = box ? get_box(**server, box->id) : result<fleet_box>(box.error());
    if (!whole) return {};
    for (const auto& each : whole->devices)
      names.push_back(printable(each.description.name));
  }
  return names;
}

int complete_words(command_context& context, const std::vector<std::string>& words) {
  command_context fresh{context.out, context.err};
  const auto program = make_program(fresh);
  const auto found = complete(*program, words, [&](const auto& what, const auto& before) {
    return names_from_server(context, what, before);
  });
  for (const auto& each : found)
    context.out << each << "\n";
  return all_well;
}

} // namespace

void add_completion_commands(CLI::App& program, command_context& context) {
  auto shell = std::make_shared<std::string>();
  auto* script = program.add_subcommand("completion", "Write the completion script of a shell");
  script->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  script->footer("bash: source <(troupe completion bash)\n"
                 "zsh:  source <(troupe completion zsh), after compinit\n"
                 "fish: troupe completion fish | source");
  script->callback([&context, shell] {
    context.chosen = [&context, shell] {
      context.out << completion_script(*shell);
      return all_well;
    };
  });
  auto words = std::make_shared<std::vector<std::string>>();
  auto* completing = program.add_subcommand("complete", "")->group("");
  completing->add_option("words", *words);
  completing->callback([&context, words] {
    context.chosen = [&context, words] { return complete_words(context, *words); };
  });
}

} // namespace troupe::apps
