#pragma once

#include "messages/result.hpp"
#include "security/attempt_gate.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The decisions of the pairing desk: which codes are valid for whom, and who guesses. No CAF, no
/// clock, no randomness of its own. Times are from any monotonic clock, so that wall clocks may
/// jump as they like.
namespace troupe::server {

/// Letters without vowels, so that no code is a word.
inline constexpr std::string_view code_letters = "BCDFGHJKLMNPQRSTVWXZ";
inline constexpr std::size_t code_length = 8;
inline constexpr std::chrono::seconds longest_code_life{2 * 60 * 60};
/// Boxes that wait at a time; more are told to come back.
inline constexpr std::size_t waiting_codes_bound = 10'000;

/// A code as typed (any case, dashes and blanks anywhere) without them; empty when it is none.
std::optional<std::string> read_code(std::string_view typed);
/// A code from random bytes (each below 240 is used, for an even spread); empty when they run out.
std::string code_from(const std::vector<std::uint8_t>& random);

class pairing_desk_core {
public:
  using time = std::chrono::steady_clock::time_point;
  using new_code = std::function<std::string()>;

  explicit pairing_desk_core(new_code make) : make_(std::move(make)) {}

  struct given_code {
    std::string code;
    std::chrono::seconds expires_in{};
    std::uint64_t replaced = 0; ///< the visit that waited with this key before; 0: none
  };
  /// A box begins to wait, or again after a cut. The same `instance` keeps its code and its end;
  /// another one (the box was restarted) gets a new code and the old one is void. `visit` names the
  /// connection. Faults: "pairing.expired", "link.busy".
  result<given_code> wait(const std::string& key, const std::string& instance,
                          std::chrono::seconds valid_for, std::uint64_t visit, time now);
  /// The connection is gone; the code stays until its end.
  void leave(const std::string& key, std::uint64_t visit);

  struct claim {
    std::string key;
    std::uint64_t visit = 0;
  };
  /// An owner typed a code. The code is then taken: nobody else gets it, until `settle`. Faults as
  /// in `claim_code`.
  result<claim> take(std::string_view typed, std::string_view person, std::string_view address,
                     time now);
  /// The claim ended: `used` voids the code, else it may be typed again.
  void settle(const std::string& key, bool used);

  struct expired_wait {
    std::string key;
    std::uint64_t visit = 0; ///< 0: not connected
  };
  /// Voids what has reached its end.
  std::vector<expired_wait> expire(time now);
  /// When `expire` has something to do next.
  std::optional<time> next_end() const;
  std::size_t size() const { return waits_.size(); }

private:
  struct wait_entry {
    std::string code;
    std::string instance;
    time end{};
    std::uint64_t visit = 0;
    bool taken = false;
  };
  void forget(const std::string& key);
  std::optional<std::string> unused_code();

  new_code make_;
  std::map<std::string, wait_entry, std::less<>> waits_; ///< by the box's key
  std::map<std::string, std::string, std::less<>> keys_; ///< by code
  std::multimap<time, std::string> ends_;
  security::attempt_gate by_address_{{}};
  security::attempt_gate by_person_{{}};
};

} // namespace troupe::server
