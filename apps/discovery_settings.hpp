#pragma once

#include "apps/configuration.hpp"
#include "transport/mdns/service.hpp"

#include <optional>
#include <vector>

/// What box and server say alike about multicast DNS.
namespace troupe::apps {

std::vector<key> discovery_keys();
std::optional<fault> check_discovery(const configuration& config);
transport::mdns::responder_options responder_options_from(const configuration& config);

} // namespace troupe::apps
