#pragma once

#include "messages/result.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::sim {

/// What can happen to a print job by plan.
enum class planned_kind : std::uint8_t {
  paper_out,      ///< the roll is empty; a person puts in a new one
  cover_open,     ///< a person opens the cover, and closes it again
  cut_connection, ///< the connection is reset
  delay,          ///< the printer pauses
  dead,           ///< it hangs until a person switches it off and on
  offline         ///< taken off line by its button, and on again
};
constexpr std::size_t planned_kinds = 6;
std::string_view to_string(planned_kind kind);

/// One fault in one job: after so many of its bytes, mended after that time.
struct planned_fault {
  planned_kind kind = planned_kind::delay;
  std::uint64_t after_bytes = 1;
  std::chrono::milliseconds mended_after{0};
};

/// A reproducible plan of faults: the same seed gives the same faults to the same jobs, whatever
/// the timing. As text:
/// "seed=7,jobs=200,paper_out=0.02,cover_open=0.01,cut_connection=0.01,delay=0.05,
/// dead=0.01,offline=0.01,within=40000,mend_ms=500".
struct fault_plan {
  std::uint64_t seed = 1;
  std::uint64_t jobs = 0;                     ///< jobs under the plan; later ones go well
  std::array<double, planned_kinds> chance{}; ///< by kind, per job, 0..1, together at most 1
  std::uint64_t within = 40000;               ///< a fault comes in the first so many bytes
  std::chrono::milliseconds mended_after{500};

  /// The fault of the job with that number (from 0), if it has one.
  std::optional<planned_fault> fault_of(std::uint64_t job) const;
  bool empty() const { return jobs == 0; }
};

/// Reads a plan. Fault: "fault_plan.bad", naming what is wrong.
result<fault_plan> parse_fault_plan(std::string_view text);
std::string to_string(const fault_plan& plan);

} // namespace troupe::sim
