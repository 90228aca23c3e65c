#pragma once

#include "messages/result.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"
#include "security/attempt_gate.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may do what on a box: origins the owner allowed, people who know the setup code. Pure: no
/// actor, no clock, no file. docs/rights.md says it in words.
namespace troupe::box {

/// Who decided about an origin.
struct known_origin {
  std::string origin; ///< "https://shop.example"
  time_point since{};
  std::string by; ///< "config", "owner", or "server": it is the box's server itself
};
struct refused_origin {
  std::string origin;
  time_point since{};
};
/// An origin whose page asked for something it may not have.
struct asking_origin {
  std::string origin;
  time_point first{};
  time_point last{};
  std::uint64_t count = 0;
  std::string route;   ///< what it asked for last: "POST /hw_proxy/handshake"
  std::string address; ///< from where
};

enum class origin_decision : std::uint8_t { allow, refuse };

/// Which origins may call, which may not, and which asked.
class origin_book {
public:
  /// Origins that ask and are remembered; the one that asked longest ago makes room.
  static constexpr std::size_t asking_bound = 64;
  /// Decisions of the owner that are kept.
  static constexpr std::size_t decided_bound = 256;

  /// Origins of the configuration; what is no origin is left out and given back.
  std::vector<std::string> configure(const std::vector<std::string>& origins, time_point now);

  /// The box's own server; its pages may what tills may, unless the owner refused them. Empty:
  /// none.
  void server_is(const std::string& url, time_point since);

  bool allowed(std::string_view origin) const;
  bool refused(std::string_view origin) const;
  /// An origin that is neither allowed nor refused asked. True when it is new in the list.
  bool note_asking(std::string_view origin, std::string_view route, std::string_view address,
                   time_point now);
  /// Faults "origin.invalid" (422), "origin.configured" (409: only the configuration can take it
  /// back), "origin.too_many" (409).
  result<std::string> decide(std::string_view origin, origin_decision decision, time_point now);
  /// Forgets what the owner decided. False: nothing was. Faults "origin.invalid",
  /// "origin.configured".
  result<bool> forget(std::string_view origin);

  std::vector<known_origin> allowed_origins() const;
  std::vector<refused_origin> refused_origins() const;
  const std::vector<asking_origin>& asking_origins() const { return asking_; }

  /// What the owner decided, for the settings.
  value kept() const;
  void restore(const value& kept);

private:
  struct decided {
    origin_decision what = origin_decision::allow;
    time_point since{};
  };
  std::map<std::string, time_point, std::less<>> configured_;
  std::optional<known_origin> server_;
  std::map<std::string, decided, std::less<>> decided_;
  std::vector<asking_origin> asking_;
};

/// People who are signed in. Tokens are random and kept only as SHA-256.
class session_book {
public:
  static constexpr std::size_t sessions_bound = 64; ///< the oldest makes room
  static constexpr std::chrono::hours lifetime{30 * 24};
  static constexpr std::size_t token_bytes = 32;

  struct opened {
    std::string token; ///< 64 hex digits; exists only here
    time_point expires{};
  };
  opened open(time_point now);
  bool valid(std::string_view token, time_point now) const;
  /// False: there was no such session.
  bool close(std::string_view token);
  /// Closes all but this one; answers how many.
  std::size_t close_others(std::string_view token);
  std::size_t size() const { return sessions_.size(); }

  value kept() const;
  void restore(const value& kept, time_point now);

private:
  struct session {
    std::string digest; ///< SHA-256 of the token, hex
    time_point expires{};
  };
  std::vector<session> sessions_; ///< oldest first
};

/// Takes setup codes, more and more slowly after wrong ones. Times are from any monotonic clock.
class setup_code_gate {
public:
  using time = security::attempt_gate::time;
  static constexpr unsigned free_tries = 5;
  static constexpr std::chrono::seconds first_wait{30};
  static constexpr std::chrono::seconds longest_wait{15 * 60};

  explicit setup_code_gate(std::string code = {}) : code_(std::move(code)) {}

  enum class outcome : std::uint8_t { right, wrong, wait };
  struct answer {
    outcome what = outcome::wrong;
    std::chrono::seconds wait{0}; ///< until the next try is taken
  };
  answer try_code(std::string_view code, time now);
  const std::string& code() const { return code_; }

private:
  std::string code_;
  security::attempt_gate gate_{{free_tries, first_wait, longest_wait}};
};

} // namespace troupe::box
