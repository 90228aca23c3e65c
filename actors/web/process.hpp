#pragma once

#include "transport/http_server.hpp"

#include <cstdint>
#include <string>

/// What the kernel and the server say of this program, in Prometheus' text format.
namespace troupe::web {

struct process_facts {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_files = 0; ///< 0: not limited, or not known
  double started = 0;           ///< seconds since 1970; 0: not known
  double processor_seconds = 0;
};
process_facts read_process_facts();
std::string process_exposition(const process_facts& facts);
std::string server_exposition(const transport::http_counters& counters);

} // namespace troupe::web
