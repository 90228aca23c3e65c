#pragma once

#include "messages/bytes.hpp"
#include "sim/model/effects.hpp"
#include "sim/model/paper.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::sim {

/// What a printer is built like. The defaults are a common 80 mm receipt printer.
struct printer_options {
  std::size_t width = 576;             ///< dots across, a multiple of 8, 64..832
  std::size_t buffer_bytes = 65536;    ///< receive buffer
  std::size_t reserve_bytes = 256;     ///< still taken above a full buffer, for real-time commands
  std::uint64_t roll_dots = 640000;    ///< a new roll: 80 m at 8 dots a millimetre
  std::uint64_t near_end_dots = 24000; ///< the near-end sensor reports from 3 m on
  /// Level of the drawer connector's pin 3 while the drawer is open. Epson's default is low: the
  /// pin is high with the drawer closed.
  bool drawer_open_is_high = false;
  std::string maker = "TROUPE"; ///< answers to `GS I`
  std::string model = "SIM-80";
  std::string firmware = "1.00 ESC/POS";
  std::string serial = "SIM0000001";
};

/// Faults that stay until they are switched off. `offline`: taken off line by its button.
/// `cutter`: the next cut jams. `garbage`: answers are rubbish. `silent`: it never answers.
enum class printer_fault : std::uint8_t { offline, cutter, garbage, silent };

enum class paper_state : std::uint8_t { present, low, out };

/// What the sensors and switches of a printer say.
struct printer_state {
  paper_state paper = paper_state::present;
  std::uint64_t roll_dots = 0; ///< length of this roll when it was put in
  std::uint64_t roll_left = 0; ///< rows of paper left on it
  bool cover_open = false;
  bool drawer_open = false;
  bool offline = false;       ///< the fault
  bool cutter_fault = false;  ///< the next cut will jam
  bool cutter_jammed = false; ///< it has jammed
  bool garbage = false;
  bool silent = false;
  bool dead = false;                       ///< hangs until switched off and on
  std::optional<std::uint64_t> dies_after; ///< bytes still to be worked off until it dies

  /// True while the printer does not print: what comes waits in its buffer.
  bool stopped() const {
    return paper == paper_state::out || cover_open || offline || cutter_jammed || dead;
  }
};

/// How much may be done, or was done, in one go.
struct work {
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
  std::size_t rows = std::numeric_limits<std::size_t>::max();
  bool until_cut = false; ///< asked: stop after a cut; done: there was one
};

/// Most kinds of unknown commands that are remembered.
constexpr std::size_t unknown_kinds = 32;

/// The part that all receipt printers share: receive buffer, paper path, cutter, drawer, sensors
/// and faults. A language (ESC/POS, Star) derives from it. It has no clock: whoever runs it offers
/// bytes, lets it work in portions, and carries out the effects. Not for several threads at once.
class receipt_printer {
public:
  explicit receipt_printer(printer_options options);
  virtual ~receipt_printer() = default;
  receipt_printer(const receipt_printer&) = delete;
  receipt_printer& operator=(const receipt_printer&) = delete;

  /// Name of the language: "escpos", "star".
  virtual std::string_view language() const = 0;

  /// Takes bytes from the host into the receive buffer and answers real-time commands among them.
  /// Returns how many were taken; fewer than offered when the buffer is full or the printer dead.
  std::size_t offer(byte_span bytes);
  /// Works on what is buffered until it is done, stopped by a fault, or the budget is used up.
  /// Never does more than the budget. Returns what was done.
  work process(work budget = {});
  /// Everything that happened since the last call, in order.
  effects take_effects();
  /// For tests: offers and works off everything at once. Bytes that a stopped printer does not
  /// take are lost; `taken`, when given, receives how many it took.
  effects feed(byte_span bytes, std::size_t* taken = nullptr);

  void insert_roll(std::optional<std::uint64_t> dots = {}); ///< default: `roll_dots`
  void take_paper();
  void report_paper_low(); ///< the near-end sensor alone; until the next roll
  void set_cover(bool open);
  void set_drawer(bool open);
  void set_fault(printer_fault fault, bool on);
  void die_after(std::optional<std::uint64_t> bytes); ///< 0 = now, empty = never
  void clear_faults();
  void press_feed(); ///< the feed button: one line, if it can print
  void tear();       ///< takes the strip off by hand; nothing happens without one
  /// Off and on again: buffer, language settings and a jam are gone, the paper stays.
  void restart();

  const printer_options& options() const { return options_; }
  const printer_state& state() const { return state_; }
  const strip& paper() const { return strip_; }
  std::size_t buffered() const { return buffer_.size() - buffer_read_; }
  std::uint64_t received_bytes() const { return received_; }
  bool busy() const { return !jobs_.empty() || buffered() > 0; }
  const std::map<std::string, std::uint64_t>& unknown_commands() const { return unknown_; }

protected:
  /// Interprets bytes from the buffer, at least one; returns how many. Stops early once it has
  /// given the mechanism something to do.
  virtual std::size_t interpret(byte_span bytes) = 0;
  /// Sees bytes as they arrive, before anything that is waiting in the buffer.
  virtual void see_arrival(std::uint8_t byte) = 0;
  /// How many of these arriving bytes can have nothing to do with a real-time command.
  virtual std::size_t quiet_bytes(byte_span bytes) const = 0;
  /// Length of the real-time command with which these bytes begin, or 0. Only complete ones count.
  virtual std::size_t real_time_length(byte_span bytes) const = 0;
  /// A sensor or fault is different now.
  virtual void status_changed() = 0;
  /// Puts all settings back to those after switching on.
  virtual void reset_settings() = 0;
  virtual std::size_t feed_button_rows() const = 0;

  void print(bitmap rows); ///< rows across the whole width, narrower ones at the left
  void feed_paper(std::size_t rows);
  void cut(cut_kind kind);
  void kick_drawer(std::uint8_t connector, std::uint16_t on_ms);
  void answer(byte_vector bytes); ///< after all that came before is done
  void answer_now(byte_span bytes);
  void kick_drawer_now(std::uint8_t connector, std::uint16_t on_ms);
  void beep();
  void add_text(std::string_view text) { strip_.add_text(text); }
  void note_unknown(byte_span command);
  void clear_jam();
  void discard_buffer(); ///< and what the mechanism has not done yet
  bool mechanism_busy() const { return !jobs_.empty(); }

private:
  struct print_job {
    bitmap rows;
    std::size_t next = 0;
  };
  struct feed_job {
    std::size_t rows = 0;
  };
  using job = std::variant<print_job, feed_job, cut_kind, drawer_kicked, reply>;

  void step_job(std::size_t& rows_left);
  std::size_t advance(std::size_t wanted);
  void run(print_job& job, std::size_t& rows_left, bool& done);
  void run(feed_job& job, std::size_t& rows_left, bool& done);
  void run_cut(cut_kind kind, bool& done);
  void store(byte_span bytes);
  void put_out(std::size_t first);
  void finish_strip(cut_kind kind);
  void changed();
  void die();

  printer_options options_;
  printer_state state_;
  strip strip_;
  byte_vector buffer_;
  std::size_t buffer_read_ = 0;
  std::deque<job> jobs_;
  effects effects_;
  std::uint64_t received_ = 0;
  bool has_cut_ = false; // in this call of process
  std::uint64_t garbage_seed_ = 0x9E3779B97F4A7C15;
  std::map<std::string, std::uint64_t> unknown_;
};

} // namespace troupe::sim
