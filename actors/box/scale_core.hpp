#pragma once

#include "devices/scale/answer.hpp"
#include "messages/action.hpp"
#include "messages/device.hpp"
#include "messages/result.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a scale's actor decides: which protocol it speaks, when it is asked, what its answers mean
/// for who waits, and what to say about it. State and event in, effects out; no CAF, no clock, no
/// socket.
namespace troupe::box {

/// Waits of a scale's actor.
struct scale_times {
  /// Between two questions while somebody reads. At 9600 baud an answer of 8217 takes 10 ms.
  std::chrono::milliseconds wanted{25};
  /// Otherwise: seldom enough to cost nothing, often enough that a page shows a new weight within
  /// 100 ms.
  std::chrono::milliseconds idle{70};
  std::chrono::milliseconds probe{600};     ///< for the answer to a probe
  std::chrono::milliseconds stale{1'500};   ///< a weight that was not confirmed for so long is none
  std::chrono::milliseconds give_up{5'000}; ///< silent for so long: open and probe anew
  std::chrono::milliseconds read_wait{5'000};     ///< read_once waits so long for a settled weight
  std::chrono::minutes reading_for{10};           ///< start_reading holds so long without a stop
  std::chrono::milliseconds settled{300};         ///< a weight is noted once it has stood so long
  std::chrono::milliseconds note_gap{1'000};      ///< between two noted weights
  std::chrono::milliseconds jitter_gap{10'000};   ///< the same, when they differ by one step only
  std::chrono::milliseconds status_gap{2'000};    ///< between two kept changes of status
  std::chrono::milliseconds repeat{5'000};        ///< a value that still holds is told again
  std::chrono::milliseconds reconnect_first{500}; ///< doubling up to
  std::chrono::milliseconds reconnect_last{5'000};
};

/// Actions waiting on one scale; more are refused with "device.busy".
inline constexpr std::size_t waiting_readings_bound = 64;
/// Who may have asked for readings at a time; the one that asked longest ago makes room.
inline constexpr std::size_t readers_bound = 32;

class scale_core {
public:
  using time = std::chrono::steady_clock::time_point;
  using request_ptr = std::shared_ptr<const action_request>;

  // -- effects ---------------------------------------------------------------------------------
  struct accept {
    request_ptr request;
  }; ///< answer with `accepted`
  struct mark_sent {
    action_id id;
  }; ///< a command that changes something goes out now; no answer
  struct finish {
    action_id id;
    action_state state;
    std::string code;
    std::string text;
    value result{};
  }; ///< by way of `sent` where the ledger wants it
  struct reply {
    action_id submission;
    result<action_accepted> content;
  };
  struct open_port {
    const scale::protocol* speaks;
  }; ///< anew, with its line settings; answer with `opened` or `closed`
  struct write {
    std::string bytes;
  };
  struct publish {
    action_record record;
  };
  struct report {
    device_status status;
    bool live; ///< a value only: not worth the disk
  };
  struct note_weight {
    value data;
  }; ///< a new weight has settled
  struct refuse_cancel {
    action_id id;
    fault reason;
  };
  using effect = std::variant<accept, mark_sent, finish, reply, open_port, write, publish, report,
                              note_weight, refuse_cancel>;
  using effects = std::vector<effect>;

  /// `told`: the protocol, when the owner named it; null: found out.
  scale_core(const scale::protocol* told, scale_times times) : told_(told), times_(times) {}

  // -- events ----------------------------------------------------------------------------------
  /// The actor starts: what an earlier life left undone is ended, since weights pass.
  effects restore(time now, const std::vector<action_record>& accepted,
                  const std::vector<action_record>& sent);
  effects submit(time now, request_ptr request);
  effects accepted(time now, const action_id& id, result<action_accepted> answer);
  effects cancel(time now, const action_id& id);
  effects opened(time now);
  effects closed(time now, const fault& reason);
  effects received(time now, std::span<const std::uint8_t> bytes);
  effects tick(time now);

  /// When `tick` wants to be called next.
  std::optional<time> next_tick() const;
  std::size_t waiting() const { return jobs_.size(); }
  /// The protocol that it turned out to speak; null: not known now.
  const scale::protocol* speaks() const { return port_ == port_state::open ? speaks_ : nullptr; }

private:
  enum class port_state { closed, opening, probing, open };
  enum class kind { read, start, stop, status, zero, tare };

  struct job {
    request_ptr request;
    kind what = kind::read;
    bool taken = false;    ///< on disk
    bool at_scale = false; ///< a command that has been written
    time since{};
    time deadline{};
  };

  static std::optional<kind> kind_of(std::string_view action);
  job* find(const action_id& id);
  void open(effects& out);
  void try_next_protocol(time now, effects& out);
  void lose(time now, const fault& reason, effects& out);
  void begin_asking(time now);
  void ask(time now, effects& out);
  void take(time now, scale::reading heard, effects& out);
  void settle_by_sameness(time now, scale::reading& heard);
  void answer_command(const scale::reading& heard, effects& out);
  void serve_jobs(time now, effects& out);
  bool serve(time now, job& which, effects& out);
  void give_up(const job& which, effects& out) const;
  void end(const job& which, action_state state, std::string code, std::string text, value found,
           effects& out) const;
  void note_if_new(time now, effects& out);
  void watch_age(time now, effects& out);
  void report_if_changed(time now, effects& out);
  bool reads(time now) const;
  device_status present_status() const;
  value details() const;
  bool fresh() const { return last_.has_value(); }

  const scale::protocol* told_;
  scale_times times_;
  port_state port_ = port_state::closed;
  std::optional<fault> port_fault_;
  unsigned failed_opens_ = 0;
  time reopen_at_{};

  const scale::protocol* speaks_ = nullptr; ///< or tried at the moment
  const scale::protocol* known_ = nullptr;  ///< spoke last time: tried first
  std::size_t tried_ = 0;                   ///< protocols tried in this round
  std::optional<scale::reader> reader_;
  std::string probed_; ///< what came since the probe
  time probe_ends_{};

  bool asked_ = false;
  bool commanded_ = false; ///< what is asked is a command's answer
  time asked_at_{};
  time ask_at_{};
  std::optional<scale::reading> last_; ///< the newest answer that is not too old
  time heard_at_{};
  time opened_at_{};
  time same_since_{}; ///< of the value, for protocols that do not tell motion
  std::optional<scale::decimal> same_;
  time settled_since_{}; ///< the present weight stands since
  std::optional<scale::reading> noted_;
  time noted_at_{};

  std::deque<job> jobs_;
  std::map<std::string, time> readers_; ///< who reads, until when
  std::optional<device_status> reported_;
  std::string kept_class_ = "-"; ///< of the last status that was not live
  time kept_at_{};
  bool keep_later_ = false; ///< a change waits for `status_gap`
  time reported_at_{};
};

/// The weight in words and figures, as it stands in `details`, events and results.
value weight_value(const scale::reading& heard);

} // namespace troupe::box
