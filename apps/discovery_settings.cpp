#include "apps/discovery_settings.hpp"

namespace troupe::apps {

using transport::mdns::responder_options;

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
  if (responder_options read; from_name(word, read.choice)) return std::nullopt;
  return fault{"config.invalid",
               "discovery.responder: \"" + word + "\" is none of auto, avahi and own.",
               "Leave it out, and the program finds out by itself."};
}

responder_options responder_options_from(const configuration& config) {
  responder_options read;
  from_name(config.text("discovery.responder"), read.choice);
  read.interfaces = config.list("discovery.interfaces");
  return read;
}

} // namespace troupe::apps
