#include "apps/discovery_settings.hpp"

#include <array>

namespace troupe::apps {
namespace {

using transport::mdns::responder_choice;

struct choice {
  std::string_view word;
  responder_choice meaning;
};
constexpr std::array choices{choice{"auto", responder_choice::automatic},
                             choice{"avahi", responder_choice::daemon},
                             choice{"own", responder_choice::own}};

std::optional<responder_choice> choice_of(std::string_view word) {
  for (const auto& each : choices)
    if (each.word == word) return each.meaning;
  return std::nullopt;
}

} // namespace

std::vector<key> discovery_keys() {
  using type = key_type;
  return {{"discovery.responder", type::text, "auto",
           "Who speaks multicast DNS: avahi (the machine's daemon), own (inside this program), or "
           "auto: avahi where it runs, else own."},
          {"discovery.interfaces", type::text_list, "",
           "Only on these network interfaces, such as eth0; empty: on all."}};
}

std::optional<fault> check_discovery(const configuration& config) {
  const auto word = config.text("discovery.responder");
  if (choice_of(word)) return std::nullopt;
  return fault{"config.invalid",
               "discovery.responder: \"" + word + "\" is none of auto, avahi and own.",
               "Leave it out, and the program finds out by itself."};
}

transport::mdns::responder_options responder_options_from(const configuration& config) {
  return {*choice_of(config.text("discovery.responder")), config.list("discovery.interfaces")};
}

} // namespace troupe::apps
