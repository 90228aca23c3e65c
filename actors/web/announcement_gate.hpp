#pragma once

#include "messages/result.hpp"
#include "transport/http.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

/// The door of the question who somebody is, which anybody may ask: with a nonce, and only so
/// often, since each answer costs a signature (some 0.05 ms).
namespace troupe::web {

class announcement_gate {
public:
  /// `whom`: "box" or "server".
  announcement_gate(std::string whom, std::uint64_t a_second)
      : whom_(std::move(whom)), bound_(a_second) {}

  /// The nonce of a question that may be answered. Faults "announcement.nonce" (400),
  /// "announcement.busy" (429).
  result<std::string> nonce_of(const transport::http_request& request,
                               std::chrono::steady_clock::time_point now);

private:
  std::string whom_;
  std::uint64_t bound_;
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::seconds> second_{};
  std::uint64_t asked_ = 0; ///< in that second
};

} // namespace troupe::web
