#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace troupe::security {

/// Slows down who guesses secrets, until hardly a guess is taken any more. Keys are addresses,
/// accounts, or one for all. Times are from any monotonic clock. Pure.
class attempt_gate {
public:
  using time = std::chrono::steady_clock::time_point;
  struct rules {
    unsigned free_tries = 5;                    ///< wrong ones before the first wait
    std::chrono::seconds first_wait{2};         ///< doubles with each further wrong one …
    std::chrono::seconds longest_wait{15 * 60}; ///< … up to this
    std::chrono::hours forgotten_after{24};     ///< without any try
    std::size_t keys = 10'000;                  ///< the longest unseen makes room
  };

  explicit attempt_gate(rules given) : rules_(given) {}

  /// How long `key` must wait before its next try is taken; 0: it may try now.
  std::chrono::seconds wait(std::string_view key, time now) const;
  /// A try begins. It counts as wrong until `right` is said, so that many at a time gain nothing.
  void begin(std::string_view key, time now);
  /// The try was right: the key starts anew.
  void right(std::string_view key);
  /// The try was right, but says nothing about the other tries of this key.
  void take_back(std::string_view key);
  std::size_t size() const { return tries_.size(); }

private:
  struct tried {
    unsigned wrong = 0;
    time last{};
    time next{};
  };
  void make_room(time now);

  rules rules_;
  std::map<std::string, tried, std::less<>> tries_;
};

} // namespace troupe::security
