#pragma once

#include <cstdint>
#include <filesystem>

namespace troupe::apps {

/// `troupe-box test-connection`: has the box that runs on this machine test its way to the server,
/// and prints the steps. Signs in with the setup code in the state folder. The exit code: 0 when
/// all is well, 1 when a step fails or the box does not answer.
int test_connection(const std::filesystem::path& state, std::uint16_t port);

} // namespace troupe::apps
