#pragma once

#include "actors/box/back_off.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/link.hpp"
#include "messages/result.hpp"
#include "security/connection_token.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Decides how a box without a server comes to one: asks for a code, shows it for two hours, takes
/// the server's word when the owner typed it; or shows the server a connection token. Pure: no
/// actor, clock or socket.
namespace troupe::box {

enum class pairing_state : std::uint8_t { off, connecting, waiting, expired, paired, failed };
constexpr auto names_of(pairing_state) {
  using s = pairing_state;
  return std::array{enum_name<s>{s::off, "off"},         enum_name<s>{s::connecting, "connecting"},
                    enum_name<s>{s::waiting, "waiting"}, enum_name<s>{s::expired, "expired"},
                    enum_name<s>{s::paired, "paired"},   enum_name<s>{s::failed, "failed"}};
}

class pairing_core {
public:
  using time = std::chrono::steady_clock::time_point; ///< monotonic; wall clocks may jump

  /// A code counts so long from power-on, or from the moment a person asked for a new one.
  static constexpr std::chrono::hours code_lifetime{2};
  /// Silence of a server that took the connection.
  static constexpr std::chrono::seconds answer_patience{20};
  /// A network that changes often does not begin each attempt anew.
  static constexpr std::chrono::seconds attempt_counts_after{3};

  // What the actor does.
  struct open_link {
    std::string url;
  };
  struct close_link {};
  struct send_hello {
    link::link_wish wish = link::link_wish::pairing;
    link::challenge asked;
    std::string instance;
    shared_bytes nonce;
    std::chrono::seconds valid_for{};
    std::optional<security::connection_token> token{}; ///< to prove; none: a code is asked for
  };
  /// The server takes this token no more: it is forgotten.
  struct drop_token {
    std::string id;
  };
  /// Writes down that this server has the box; then `kept` or `not_kept`.
  struct keep_server {
    link::paired who;
    std::string url;
  };
  /// A code that was not shown before.
  struct show_code {};
  /// The code of before counts no more: slips that still wait are taken back.
  struct code_gone {};
  /// The server that the box left knows it now, or needs not know it any more.
  struct farewell_told {};
  using effect = std::variant<open_link, close_link, send_hello, drop_token, keep_server, show_code,
                              code_gone, farewell_told>;
  using effects = std::vector<effect>;

  struct options {
    box_id box;
    std::string url;                                   ///< empty: none is set
    std::optional<security::connection_token> token{}; ///< that was given and not used yet
    std::string left{}; ///< identifier of the server that a person took the box from, if any
    time power_on{};
    std::string instance;                ///< of this run of the program
    std::function<double()> chance;      ///< 0..1
    std::function<shared_bytes()> nonce; ///< 32 random bytes
    std::function<std::string()> new_instance;
  };
  explicit pairing_core(options given) : given_(std::move(given)) {}

  effects start(time now, bool paired);
  effects set_url(std::string url, time now);
  effects received(const link::server_frame& frame, time now);
  effects ended(const fault& why, time now);
  effects kept(time now);
  effects not_kept(const fault& why, time now);
  effects woke(time now);
  /// Addresses or routes changed: what was waited for may be possible now.
  effects network_changed(time now);
  /// Connections are made in another way from now on (another proxy). A code stays as it is.
  effects way_changed(time now);
  /// A person asks for a new code; the old one is void. Fault "pairing.paired" (409),
  /// "pairing.no_server" (409).
  result<effects> renew(time now);
  /// The server knows the box by the name of the last hello: it is greeted anew, for the same code.
  effects renamed(time now);
  /// The box was given a token; with it the box goes to `url`, and to no other server than the
  /// token's. Fault "pairing.paired" (409).
  result<effects> use_token(security::connection_token token, std::string url, time now);
  /// What somebody gave for a token is none.
  void token_unreadable(fault why) { token_problem_ = std::move(why); }
  /// The token is taken away again; the box asks for a code where it has a server's address.
  effects take_token_away(time now);
  /// The box has no server any more. `left`: its identifier, when it has yet to be told so.
  effects forget(std::string left, time now);

  pairing_state state() const { return state_; }
  const std::string& url() const { return given_.url; }
  const std::string& code() const { return code_; } ///< empty: none counts
  const std::string& connect_url() const { return connect_url_; }
  time expires() const { return expires_; } ///< of the code
  /// What the box goes to its server with; none: it has none.
  const std::optional<security::connection_token>& token() const { return given_.token; }
  /// Why the last token was of no use; empty code: it was, or there was none.
  const fault& token_problem() const { return token_problem_; }
  const std::string& text() const { return text_; }
  const std::string& remedy() const { return remedy_; }
  /// When `woke` is wanted next.
  std::optional<time> next_wake() const;

private:
  enum class phase : std::uint8_t { rest, opening, asked, waiting, keeping };
  void say(pairing_state state, std::string text, std::string remedy = {});
  void begin_period(time now);
  void try_now(effects& out, time now);
  void try_later(time now, std::chrono::milliseconds wait);
  void drop_link(effects& out);
  void drop_code(effects& out);
  void drop_farewell(effects& out);
  void expire(effects& out);
  void take(const link::challenge& frame, effects& out, time now);
  void take(const link::pairing_code& frame, effects& out, time now);
  void take(const link::paired& frame, effects& out, time now);
  void take(const link::refuse& frame, effects& out, time now);
  void take(const link::bye& frame, effects& out, time now);
  void foreign_frame(effects& out, time now);
  void wrong_server(effects& out, time now);
  bool proves(const link::paired& frame) const;
  bool ends_token(const link::refuse& frame) const;

  options given_;
  pairing_state state_ = pairing_state::off;
  phase phase_ = phase::rest;
  std::string text_, remedy_;
  fault token_problem_{};
  std::string instance_;
  time deadline_{}; ///< end of the two hours
  std::string code_, connect_url_;
  time expires_{};
  shared_bytes nonce_;
  std::string server_;                              ///< of the challenge
  link::link_wish wish_ = link::link_wish::pairing; ///< of the last hello
  back_off back_off_;
  std::optional<time> retry_; ///< the next attempt
  bool told_to_wait_ = false; ///< the server named the time of `retry_`
  time opened_at_{};
  std::optional<time> patience_; ///< for the answer awaited
};

/// "BCDFGHJK" as it is shown: "BCDF-GHJK".
std::string shown_code(std::string_view code);

} // namespace troupe::box
