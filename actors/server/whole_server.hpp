#pragma once

#include "actors/server/people.hpp"
#include "actors/server/server.hpp"
#include "actors/server/web.hpp"

#include <vector>

namespace troupe::server {

/// The children that stand on the core of a server: people, the finder of boxes, and the web that
/// serves them and the boxes.
std::vector<server_options::further_child> people_and_web(const services& shared,
                                                          people_options people, web_options web);

} // namespace troupe::server
