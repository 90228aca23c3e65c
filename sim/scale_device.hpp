#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "sim/device_time.hpp"
#include "sim/model/scale_model.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::sim {

/// Something that a person does to a scale: docs/paper-room.md has the table.
struct scale_play {
  static constexpr bool local_message = true;
  std::string what; ///< weight, zero, tare, power, plug, fault, noise, drift
  std::optional<double>
      grams{};         ///< weight: 0..1000000 in all; noise 0..1000; drift -1000..1000 a minute
  std::string state{}; ///< power: on, off; plug: in, out; fault: its name, or "none"
  bool on = true;      ///< only for fault
};
bool is_scale_play(std::string_view what);

/// All that a person at the counter can see of a simulated scale.
struct scale_snapshot {
  static constexpr bool local_message = true;
  std::string id;
  std::string language;
  std::string address; ///< the path of its line; empty: in-process only
  double load_grams = 0;
  double capacity_grams = 0;
  scale_model::display display;
  bool power = true;
  bool plug = true;
  std::vector<std::string> faults;
  double noise_grams = 0;
  double drift_grams = 0;
  std::size_t connections = 0;
  std::uint64_t questions = 0;
  time_point since{}; ///< of what is wrong with it, or of being well
};

/// What carries bytes between a scale and its host. Called by the device, never from inside a
/// host's own call to it.
class scale_host {
public:
  virtual ~scale_host() = default;
  virtual void answer(const std::string& bytes) = 0;
  virtual void plug_changed(bool in) = 0;
};

struct scale_device_options {
  std::string name = "scale"; ///< 1 to 32 of a-z 0-9 - _
  scale_options model{};
  std::uint32_t baud = 9600; ///< answers take as long as on such a line; 0: no time
};

/// A scale model with a clock and switches. Owned by one thread; make it by `make`.
class scale_device : public std::enable_shared_from_this<scale_device> {
public:
  static std::shared_ptr<scale_device> make(scale_device_options options, device_time time);

  // --- the host's side ---
  void add_host(std::weak_ptr<scale_host> host);
  void connected(bool yes);
  /// Bytes from a host; its answer comes when the line could have carried both.
  void hear(std::string bytes, std::weak_ptr<scale_host> from);
  bool plugged() const { return plug_; }
  bool powered() const { return power_; }
  const device_time& time() const { return time_; }
  const std::string& name() const { return options_.name; }

  // --- the counter's side ---
  /// Fault "scale.play" (422).
  result<bool> play(const scale_play& action);
  scale_snapshot snapshot() const;
  /// Calls back when something changed, at most 30 times a second, until `watcher` is gone.
  void watch(std::weak_ptr<void> watcher, std::function<void()> callback);
  void set_address(std::string address) { address_ = std::move(address); }

private:
  scale_device(scale_device_options options, device_time time);
  scale_model::time now() const;
  result<bool> play_number(const scale_play& action);
  result<bool> play_switch(const scale_play& action);
  result<bool> play_fault(const scale_play& action);
  void set_plug(bool in);
  void changed();
  void look();

  struct watcher {
    std::weak_ptr<void> alive;
    std::function<void()> callback;
  };
  scale_device_options options_;
  device_time time_;
  device_time::clock::time_point begun_;
  scale_model model_;
  std::string address_;
  std::vector<std::weak_ptr<scale_host>> hosts_;
  std::vector<watcher> watchers_;
  std::size_t connections_ = 0;
  device_time::clock::time_point line_free_{}; ///< when the last answer is out
  bool power_ = true, plug_ = true;
  bool looking_ = false;
  scale_model::display seen_;
  time_point since_{};
};

} // namespace troupe::sim
