#include "apps/troupe/fleet.hpp"
#include "apps/troupe/program.hpp"
#include "apps/troupe/show.hpp"
#include "apps/troupe/tail.hpp"
#include "apps/troupe/text.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

namespace troupe::apps {
namespace {

struct event_arguments {
  std::string box, device, type;
  std::optional<std::uint64_t> after;
  std::uint64_t count = 0;
};

std::string box_of(const value& event) {
  if (auto named = event.text_or("box"); !named.empty()) return named;
  constexpr std::string_view prefix = "/boxes/";
  const auto source = event.text_or("source");
  if (!source.starts_with(prefix)) return "";
  const auto end = std::min(source.find('/', prefix.size()), source.size());
  return source.substr(prefix.size(), end - prefix.size());
}

int tail(command_context& context, const event_arguments& given) {
  auto server = context.server();
  if (!server) return context.complain(server.error());
  tail_options options{.after = given.after, .count = given.count};
  if (!given.box.empty()) {
    const auto box = find_box(**server, given.box);
    if (!box) return context.complain(box.error());
    options.filter += "&box=" + transport::percent_encode(box->id);
  }
  if (!given.device.empty()) options.filter += "&device=" + transport::percent_encode(given.device);
  if (!given.type.empty()) options.filter += "&type=" + transport::percent_encode(given.type);
  auto names = box_names::load(**server);
  if (!names) return context.complain(names.error());
  options.show = [&](const value& event) {
    if (context.json) {
      context.out << to_json(event) << "\n";
      return;
    }
    const auto box = box_of(event);
    context.out << event_line(event, box.empty() ? "server" : (*names)[box]) << "\n";
  };
  options.shown = [&] { context.out.flush(); };
  options.note = [&](const std::string& text) {
    context.err << "troupe: " << printable(text) << "\n";
  };
  const auto ended = tail_events(**server, options);
  return ended ? all_well : context.complain(ended.error());
}

} // namespace

void add_event_commands(CLI::App& program, command_context& context) {
  auto* event = program.add_subcommand("event", "What happens in the fleet")->require_subcommand(1);
  auto given = std::make_shared<event_arguments>();
  auto* tailing = event->add_subcommand("tail", "Show events as they happen, until Ctrl-C");
  tailing->add_option("--box", given->box, "Only of this box");
  tailing->add_option("--device", given->device, "Only of the device with this id");
  tailing->add_option("--type", given->type,
                      "Only types that begin so, such as action. or box.online");
  tailing->add_option("--after", given->after, "Begin behind this number; 0: with the oldest kept");
  tailing->add_option("--count", given->count, "End after so many events; 0: never")
      ->capture_default_str();
  tailing->footer("A lost connection is taken up again where it broke; nothing is left out.");
  tailing->callback(
      [&context, given] { context.chosen = [&context, given] { return tail(context, *given); }; });
}

} // namespace troupe::apps
