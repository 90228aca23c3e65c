#pragma once

#include "actors/server/people.hpp"
#include "actors/server/server.hpp"
#include "actors/server/web.hpp"

#include <vector>

namespace troupe::server {

/// How boxes are found.
struct discovery_settings {
  mdns_listener_maker listen; ///< empty: multicast is not listened to
  std::vector<std::string> domains;
  std::vector<std::string> ranges; ///< that are searched when nobody says others
};

/// The children that stand on the core of a server: people, the finder of boxes, and the web that
/// serves them and the boxes.
std::vector<server_options::further_child> people_and_web(const services& shared,
                                                          people_options people, web_options web,
                                                          discovery_settings discovery);

} // namespace troupe::server
