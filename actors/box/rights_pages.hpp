#pragma once

#include "messages/result.hpp"
#include "security/page_token.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// Pages that came with a token of the box's server: each may use some devices for some minutes.
/// Pure: no actor, no clock, no file.
namespace troupe::box {

/// What the token says; `origin`, `actions` and `devices` count.
using page_rights = std::shared_ptr<const security::page_token>;

/// Pages whose token was taken. Each token is taken once (`security::used_page_tokens`); from then
/// on the page shows the secret that it got for it. Forgotten at a restart: the page asks its
/// server for another token. Times are from any monotonic clock.
class page_session_book {
public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t bound = 1024; ///< pages at a time
  static constexpr std::size_t secret_bytes = 32;

  /// The page's secret, 64 hex digits; exists only here. Fault "page_token.too_many" (503): none is
  /// closed early.
  result<std::string> open(security::page_token token, time ends, time now);
  /// Null: no such page, its time is over, or another origin shows its secret.
  page_rights find(std::string_view secret, std::string_view origin, time now) const;
  /// When the page that shows this secret ends.
  time end_of(std::string_view secret) const;
  /// Whether a page of this origin is in: it may read what it is answered.
  bool knows(std::string_view origin, time now) const;
  /// The tokens were another server's.
  void clear() { pages_.clear(); }
  std::size_t count(time now) const;
  /// How many pages are in, by origin.
  std::map<std::string, std::size_t> origins(time now) const;

private:
  struct page {
    page_rights rights;
    time ends{};
  };
  std::map<std::string, page, std::less<>> pages_; ///< by SHA-256 of the secret, hex
};

/// Whether a page may know of this device at all.
bool page_sees(const security::page_token& rights, std::string_view device);

} // namespace troupe::box
