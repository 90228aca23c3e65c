#pragma once

#include "devices/printer/status.hpp"
#include "messages/action.hpp"
#include "messages/device.hpp"
#include "messages/result.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a printer actor decides: when a receipt may go out, what became of it, and what to say
/// about the printer. State and event in, effects out; no CAF, no clock, no socket.
namespace troupe::box {

/// What can be expected of the printer behind a port.
struct printer_traits {
  bool answers = true; ///< speaks ESC/POS status back; otherwise what is written counts as printed
};

/// Waits of the printer actor. Measured on TM-T20III and TM-T88VI unless another source stands
/// there.
struct printer_times {
  std::chrono::milliseconds first_answer{700}; ///< to the first status question; else it is silent
  std::chrono::milliseconds blocked_poll{2'000}; ///< asking again while paper or cover block
  std::chrono::milliseconds idle_poll{30'000};   ///< asking a healthy printer
  std::chrono::milliseconds stall{30'000};       ///< no progress and no reason known: ERROR_TIMEOUT
  std::chrono::milliseconds reconnect_first{500}; ///< doubling up to
  std::chrono::milliseconds reconnect_last{15'000};
};

/// Actions waiting on one printer; more are refused with "device.busy".
inline constexpr std::size_t waiting_actions_bound = 200;
/// Bytes encoded ahead of their turn; beyond this a receipt is encoded again when its turn comes.
inline constexpr std::size_t encoded_ahead_bytes = 1 << 20;
/// Pieces of a job handed to the port at once.
inline constexpr std::size_t write_piece_bytes = 16 * 1024;

class printer_core {
public:
  using time = std::chrono::steady_clock::time_point;
  using request_ptr = std::shared_ptr<const action_request>;

  // -- effects ---------------------------------------------------------------------------------
  struct encode {
    request_ptr request;
  }; ///< answer with `encoded`
  struct accept {
    request_ptr request;
  }; ///< answer with `accepted`
  struct mark_sent {
    action_id id;
  }; ///< answer with `marked`
  struct finish {
    action_id id;
    action_state state;
    std::string code;
    std::string text;
  };
  struct reply {
    action_id submission;
    result<action_accepted> content;
  };                   ///< to who asked
  struct open_port {}; ///< answer with `opened` or `closed`
  struct write {
    shared_bytes bytes;
    bool of_job = false;
  };                    ///< answer with `written` when of_job
  struct end_of_job {}; ///< answer with `job_ended`
  struct publish {
    action_record record;
  }; ///< the action's state changed
  struct report {
    device_status status;
  };
  struct refuse_cancel {
    action_id id;
    fault reason;
  }; ///< a granted one ends by `finish`
  using effect = std::variant<encode, accept, mark_sent, finish, reply, open_port, write,
                              end_of_job, publish, report, refuse_cancel>;
  using effects = std::vector<effect>;

  printer_core(printer_traits traits, printer_times times) : traits_(traits), times_(times) {}

  // -- events ----------------------------------------------------------------------------------
  /// The actor starts: what the ledger still has for this printer.
  effects restore(time now, std::vector<std::pair<action_record, request_ptr>> accepted,
                  std::vector<action_record> sent);
  effects submit(time now, request_ptr request);
  effects encoded(time now, const action_id& id, result<std::vector<shared_bytes>> pieces);
  effects accepted(time now, const action_id& id, result<action_accepted> answer);
  effects marked(time now, const action_id& id, result<action_record> answer);
  effects cancel(time now, const action_id& id);
  effects opened(time now);
  effects closed(time now, const fault& reason);
  effects received(time now, byte_span bytes);
  effects written(time now, std::optional<fault> problem);
  /// The port has the job safe as far as it can tell (acknowledged, or on disk), or not.
  effects job_ended(time now, std::optional<fault> problem);
  /// The port takes no bytes for a while, or takes them again.
  effects stalled(time now, bool yes);
  effects tick(time now);

  /// When `tick` wants to be called next; empty: not at all.
  std::optional<time> next_tick() const;

  /// The box is being stopped: the job under way is brought to its end, no other is begun.
  void stop() { stopping_ = true; }
  /// Whether a job is between its `sent` mark and its end.
  bool in_flight() const;

  std::size_t waiting() const { return jobs_.size(); }

private:
  enum class port_state { closed, opening, open };
  enum class phase { taking, waiting, marking, writing, confirming };

  struct job {
    request_ptr request;
    std::optional<action_record> record; ///< once on disk
    std::optional<std::vector<shared_bytes>> pieces;
    bool encoding = false;
    std::optional<fault> refused; ///< its picture is broken …
    bool replied = false;
    bool drawer_only = false;
    bool real_time = false; ///< goes ahead of the printer's buffer; see `advance`
    phase at = phase::taking;
    std::size_t next_piece = 0;
    bool handed_over = false; ///< a first piece went to the port: it may be on paper
  };

  job* find(const action_id& submission);
  void drop(const action_id& submission);
  bool blocked() const;
  bool ready_to_print() const;
  void advance(time now, effects& out);
  void settle_taking(const action_id& submission, effects& out);
  void send_piece(effects& out);
  void ask_status(time now, effects& out);
  void report_if_changed(effects& out);
  void end_front(action_state state, std::string code, std::string text, effects& out);
  void fail_front(const fault& reason, effects& out);
  void lose_front(const fault& reason, effects& out);
  device_status present_status() const;
  std::size_t encoded_bytes() const;

  printer_traits traits_;
  printer_times times_;
  port_state port_ = port_state::closed;
  std::optional<fault> port_fault_;
  unsigned failed_opens_ = 0;
  time reopen_at_{};
  bool answers_ = false;          ///< it has answered on this connection
  bool first_answer_due_ = false; ///< asked for the first time, still waiting
  time answer_deadline_{};
  time poll_at_{};
  time progress_at_{};      ///< of the job in front
  time hold_until_{};       ///< the ledger could not write: try again then
  bool unfinished_ = false; ///< the printer may stand in the middle of a broken job's command
  bool stopping_ = false;
  bool answered_early_ = false; ///< the answer to the end of the job in front is there already
  bool stalled_ = false;        ///< the job in front makes no progress and gives no reason
  printer::status_reader reader_;
  std::deque<job> jobs_;
  std::optional<device_status> reported_;
};

} // namespace troupe::box
