#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

/// `troupe-sim fleet`: many whole boxes in one program.
namespace troupe::apps {

struct fleet_settings {
  std::uint64_t boxes = 10;
  std::string server = "http://localhost:8080";
  std::string token; ///< empty: TROUPE_TOKEN; without any, codes are only shown
  double rate = 0;   ///< happenings a second in the whole fleet; 0: none
  std::uint64_t seed = 1;
  std::uint64_t start_rate = 500; ///< boxes started a second
  std::string name = "Shop";
  std::string log = "off";
  bool json = false;
  std::uint32_t report_ms = 1000;
};

void add_fleet_options(CLI::App& fleet, fleet_settings& settings);
/// Runs until a signal; gives the exit code: 2 for what cannot be run like this.
int run_fleet(fleet_settings settings);

} // namespace troupe::apps
