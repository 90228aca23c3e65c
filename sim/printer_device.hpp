#pragma once

#include "messages/result.hpp"
#include "sim/device_time.hpp"
#include "sim/fault_plan.hpp"
#include "sim/play.hpp"
#include "sim/printer_snapshot.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace troupe::sim {

/// Rows a second of a real receipt printer: 200 mm/s at 8 dots a millimetre.
constexpr double real_rows_per_second = 1600;
/// Receipts kept on the spike of one printer.
constexpr std::size_t receipts_kept = 50;

struct device_options {
  std::string name = "counter"; ///< 1 to 32 of a-z 0-9 - _
  printer_options model;
  printer_pace pace = printer_pace::instant;
  fault_plan faults;
};

/// Whether a text may be the name of a printer.
bool is_printer_name(std::string_view name);

/// What came out of a printer, for whoever watches.
struct receipt_cut {
  kept_receipt_ptr receipt;
};
struct drawer_opened {
  std::uint8_t connector = 0;
};
struct spike_cleared {};
using printer_event =
    std::variant<rows_printed, receipt_cut, drawer_opened, beeped, spike_cleared, state_changed>;

/// What carries bytes between a printer and its host: a TCP listener, an in-process port.
/// Called by the device, never from inside a host's own call to it.
class printer_host {
public:
  virtual ~printer_host() = default;
  virtual void answer(byte_span bytes) = 0;
  virtual void take_again() = 0;           ///< there is room in the buffer again
  virtual void power_changed(bool on) = 0; ///< off: drop all connections and refuse new ones
  virtual void plug_changed(bool in) = 0;  ///< out: nothing goes either way, silently
  virtual void reset_connection() = 0;
};

/// A printer model with a clock: prints at a pace, keeps the receipts, plays faults, tells
/// watchers. Owned by one thread; make it by `make`.
class printer_device : public std::enable_shared_from_this<printer_device> {
public:
  static std::shared_ptr<printer_device> make(device_options options, device_time time);

  // --- the host's side ---
  void add_host(std::weak_ptr<printer_host> host);
  /// A host has a connection now; answers go to the last one that connected.
  void connected(const std::shared_ptr<printer_host>& host);
  void disconnected(const printer_host* host);
  /// Takes bytes into the printer's buffer; returns how many. The rest is offered again after
  /// `take_again`.
  std::size_t offer(byte_span bytes);
  bool powered() const { return power_; }
  bool plugged() const { return plug_; }
  const device_time& time() const { return time_; }

  // --- the counter's side ---
  /// Does what a person does. Fault "printer.play" (422).
  result<bool> play(const sim::play& action);
  printer_snapshot snapshot() const;
  const std::deque<kept_receipt_ptr>& receipts() const { return receipts_; } ///< oldest first
  kept_receipt_ptr find_receipt(std::string_view id) const;
  std::uint64_t receipts_finished() const { return finished_; }
  const receipt_printer& model() const { return *model_; }
  const std::string& name() const { return options_.name; }
  /// Calls back for each event until `watcher` is gone; from the loop, not from inside a call.
  void watch(std::weak_ptr<void> watcher, std::function<void(const printer_event&)> callback);
  void set_address(std::string address) { address_ = std::move(address); }

private:
  printer_device(device_options options, device_time time);
  void wake(device_time::clock::duration delay = {});
  void run();
  work budget();
  void deliver();
  void deliver(effect& what);
  void keep(receipt paper);
  void tell(const printer_event& event);
  void later(printer_event event);
  void note_standing();
  void work_on();
  void for_hosts(const std::function<void(printer_host&)>& call);
  void begin_job();
  void strike(planned_fault fault);
  void mend(planned_kind kind);
  void set_power(bool on);
  void set_plug(bool in);
  bool play_paper(const sim::play& action);
  bool play_fault(const sim::play& action);
  bool play_switch(const sim::play& action);
  double rows_per_second() const;

  struct watcher {
    std::weak_ptr<void> alive;
    std::function<void(const printer_event&)> callback;
  };

  device_options options_;
  device_time time_;
  std::unique_ptr<receipt_printer> model_;
  std::string address_;
  std::vector<std::weak_ptr<printer_host>> hosts_;
  std::weak_ptr<printer_host> speaker_;
  std::vector<const printer_host*> connections_;
  std::vector<watcher> watchers_;
  std::vector<printer_event> pending_; // told at the next run
  std::deque<kept_receipt_ptr> receipts_;
  std::uint64_t finished_ = 0;
  bool power_ = true, plug_ = true, slow_ = false;
  bool scheduled_ = false;
  bool host_waits_ = false;
  bool was_printing_ = false;
  double credit_ = 0; // rows that may be printed
  device_time::clock::time_point last_run_{};
  device_time::clock::time_point paused_until_{};
  std::uint64_t job_ = 0, job_bytes_ = 0;
  std::optional<planned_fault> planned_;
  standing standing_ = standing::ready;
  std::string problem_;
  time_point since_{};
};

} // namespace troupe::sim
