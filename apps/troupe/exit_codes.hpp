#pragma once

#include "messages/result.hpp"

/// What `troupe` returns; scripts tell by it what to do next (docs/command-line.md).
namespace troupe::apps {

enum exit_code : int {
  all_well = 0,
  failed = 1,      ///< the server refused, or what was asked went wrong
  bad_usage = 2,   ///< options or arguments are wrong
  not_found = 3,   ///< no such box, device, command or trace; or a name that fits several
  not_allowed = 4, ///< not logged in, or not allowed to
  unreachable = 5, ///< no answer from the server
  undecided = 6,   ///< it may or may not have happened, or has not ended within the time given
};

inline exit_code exit_code_of(const fault& problem) {
  if (problem.code.starts_with("transport.")) return unreachable;
  if (problem.code.starts_with("usage.")) return bad_usage;
  if (problem.code.starts_with("outcome.")) return undecided;
  if (problem.code == "name.ambiguous" || problem.status == 404) return not_found;
  if (problem.status == 401 || problem.status == 403) return not_allowed;
  return failed;
}

} // namespace troupe::apps
