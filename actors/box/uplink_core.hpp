#pragma once

#include "actors/box/back_off.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/link.hpp"
#include "messages/result.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Decides how a box keeps its one link to its server: who speaks when, whom it believes, when it
/// tries again. Pure: no actor, clock or socket.
namespace troupe::box {

enum class link_state : std::uint8_t { unpaired, connecting, linked, waiting, refused };
constexpr auto names_of(link_state) {
  using s = link_state;
  return std::array{enum_name<s>{s::unpaired, "unpaired"},
                    enum_name<s>{s::connecting, "connecting"}, enum_name<s>{s::linked, "linked"},
                    enum_name<s>{s::waiting, "waiting"}, enum_name<s>{s::refused, "refused"}};
}

/// What is sent and not yet confirmed. Events go in batches; each goes out once a connection.
class event_window {
public:
  static constexpr std::size_t batches_in_flight = 4;
  /// Silence of a server that has events to confirm; then the link is made anew.
  static constexpr std::chrono::seconds ack_patience{60};

  /// A new connection, or none: nothing is under way; goes on behind `after`.
  void start(std::uint64_t after) {
    position_ = acked_ = after;
    in_flight_.clear();
  }
  bool has_room() const { return in_flight_.size() < batches_in_flight; }
  bool empty() const { return in_flight_.empty(); }
  std::size_t size() const { return in_flight_.size(); }
  std::uint64_t position() const { return position_; } ///< newest that went out
  std::uint64_t acked() const { return acked_; }
  void sent(std::uint64_t last) {
    position_ = last;
    in_flight_.push_back(last);
  }
  /// False: the server confirms what it cannot have.
  bool confirm(std::uint64_t sequence) {
    if (sequence > position_) return false;
    while (!in_flight_.empty() && in_flight_.front() <= sequence)
      in_flight_.pop_front();
    acked_ = std::max(acked_, sequence);
    return true;
  }

private:
  std::uint64_t position_ = 0;
  std::uint64_t acked_ = 0;
  std::deque<std::uint64_t> in_flight_; ///< newest event of each batch
};

/// Events an hour, of late: what happened half an hour ago counts half.
class rate_meter {
public:
  using time = std::chrono::steady_clock::time_point;
  void count(time now, double events = 1);
  double per_hour(time now) const;

private:
  double weight_ = 0;
  time at_{};
};

class uplink_core {
public:
  using time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds answer_patience{20};
  /// After this long on the link the back-off begins at its shortest again.
  static constexpr std::chrono::seconds steady_after{60};
  static constexpr std::chrono::seconds refused_pause{60};
  /// A network that changes often does not begin each attempt anew.
  static constexpr std::chrono::seconds attempt_counts_after{3};
  /// A copy of this box asks again after each `refused_pause`; after three it is gone.
  static constexpr std::chrono::seconds copy_remembered{3 * refused_pause};

  // What the actor does.
  struct open_link {
    std::string url;
  };
  struct close_link {};
  /// Then `hello_sent`.
  struct send_hello {
    link::challenge asked;
    shared_bytes nonce;
  };
  struct send_alive {
    std::uint64_t number = 0;
  };
  /// Snapshot, events behind `last_event` and everything else may go out.
  struct link_up {
    std::uint64_t last_event = 0;
    time_point server_time{};
  };
  struct link_down {};
  /// The server knows events that this box never had (an old copy of its disk): number anew.
  struct new_epoch {};
  /// The server gave this box up.
  struct forget_server {};
  using effect = std::variant<open_link, close_link, send_hello, send_alive, link_up, link_down,
                              new_epoch, forget_server>;
  using effects = std::vector<effect>;

  struct known_server {
    std::string id;
    std::string name;
    shared_bytes key;
    std::string url;
  };
  struct options {
    box_id box;
    std::function<double()> chance;
    std::function<shared_bytes()> nonce;
  };
  explicit uplink_core(options given) : given_(std::move(given)) {}

  effects set_server(std::optional<known_server> server, time now);
  /// The hello went out and told of events up to this one.
  void hello_sent(std::uint64_t last_event) { told_last_ = last_event; }
  /// Whether the hello asked for with this nonce still has somebody to go to.
  bool hello_wanted(const shared_bytes& nonce) const {
    return phase_ == phase::asked && nonce_ == nonce;
  }
  /// All frames; those that are the actor's own business (commands, acknowledgements) change
  /// nothing here once linked.
  effects received(const link::server_frame& frame, time now);
  effects ended(const fault& why, time now);
  effects woke(time now);
  /// Addresses or routes changed: what was waited for may be possible now.
  effects network_changed(time now);
  /// Connections are made in another way from now on (another proxy): the link is made anew.
  effects way_changed(time now);
  /// How this box's clock stands against the server's, while linked; none: they agree.
  void clock_is(std::optional<fault> off);
  /// The actor gives this connection up ("events are not confirmed").
  effects give_up(std::string text, time now);
  std::optional<time> next_wake() const;

  bool linked() const { return phase_ == phase::linked; }
  link_state state() const { return state_; }
  const std::string& code() const { return code_; }
  const std::string& text() const { return text_; }
  const std::string& remedy() const { return remedy_; }
  std::optional<time> next_try() const { return retry_; }
  /// How far the present attempt came, or the last one.
  connect_stage stage() const { return stage_; }

private:
  enum class phase : std::uint8_t { rest, opening, asked, linked };
  void say(link_state state, std::string code, std::string text, std::string remedy = {});
  void try_now(effects& out, time now);
  void try_later(time now, std::chrono::milliseconds asked = {});
  void drop_link(effects& out, time now);
  void say_linked();
  void wrong_server(effects& out, time now, std::string text);
  bool proven(std::string_view kind, const shared_bytes& proof) const;
  void take(const link::challenge& frame, effects& out, time now);
  void take(const link::welcome& frame, effects& out, time now);
  void take(const link::refuse& frame, effects& out, time now);
  void take(const link::bye& frame, effects& out, time now);
  void take(const link::probe& frame, effects& out, time now);
  void take(const link::forget& frame, effects& out, time now);

  options given_;
  std::optional<known_server> server_;
  phase phase_ = phase::rest;
  link_state state_ = link_state::unpaired;
  connect_stage stage_ = connect_stage::none;
  std::string code_, text_, remedy_;
  shared_bytes nonce_;
  std::uint64_t told_last_ = 0;
  time linked_since_{};
  back_off back_off_;
  std::optional<time> retry_;
  bool told_to_wait_ = false; ///< the server named the time of `retry_`
  time opened_at_{};
  std::optional<time> patience_;
  std::optional<fault> clock_;       ///< is off
  std::optional<time> copied_until_; ///< another machine says that it is this box
};

} // namespace troupe::box
