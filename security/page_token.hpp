#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "security/signing_key.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Page tokens: a server lets a page use some devices of one box for some minutes. The box needs
/// nothing but its server's public key to judge one. Pure: no actors, no clock, no store.
namespace troupe::security {

struct page_token {
  std::string id;                   ///< random; a token that is single-use is known by it
  std::string box;                  ///< the only box that takes it
  std::string origin;               ///< the only page that may show it; empty: it opens a session
  std::vector<std::string> actions; ///< "print", "drawer", …
  std::vector<std::string> devices; ///< identifiers; "*" is each device
  time_point issued{};              ///< by the server's clock
  time_point expires{};             ///< by the server's clock
};

inline constexpr std::string_view page_token_prefix = "troupe-page-1-";
/// Longer texts are no tokens.
inline constexpr std::size_t longest_page_token = 4096;
inline constexpr std::size_t most_page_token_names = 64; ///< of actions, and of devices
inline constexpr std::chrono::minutes longest_page_token_life{60};
/// How far a token may seem to come from the future: what is left of an offset between clocks.
inline constexpr std::chrono::seconds page_token_clock_slack{30};

/// The token as one line, signed by the server. Times are cut to seconds.
std::string page_token_text(const page_token& token, const signing_key& server);

/// Reads a token and judges all of it but its use. `server_now` is the time by the server's clock,
/// as well as the box knows it: its own clock and the offset that it learnt over the link. Faults
/// "page_token.malformed" (401), "page_token.forged" (401: by another server, or changed),
/// "page_token.foreign" (401: for another box), "page_token.early", "page_token.expired" (401).
result<page_token> read_page_token(std::string_view text, byte_span server_key,
                                   std::string_view box, time_point server_now);

/// Whether the token lets its page do this with this device.
bool covers(const page_token& token, std::string_view action, std::string_view device);

/// Single-use tokens that were used, until they expire.
class used_page_tokens {
public:
  static constexpr std::size_t bound = 1024;

  /// Faults "page_token.used" (401), "page_token.too_many" (503: full of tokens that are still
  /// valid; none is forgotten early, as it could be used again).
  result<bool> use(const page_token& token, time_point server_now);
  std::size_t size() const { return expires_.size(); }

private:
  std::map<std::string, time_point, std::less<>> expires_;
};

} // namespace troupe::security
