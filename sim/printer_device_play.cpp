// The counter's side of a simulated printer: what people do to it, and what they see.
#include "sim/printer_device.hpp"

#include <algorithm>
#include <array>

namespace troupe::sim {

static constexpr std::array<std::string_view, 10> plays = {
    "paper", "cover", "power", "plug", "drawer", "pace", "fault", "feed", "tear", "clear"};

bool is_play(std::string_view what) {
  return std::find(plays.begin(), plays.end(), what) != plays.end();
}

result<bool> printer_device::play(const sim::play& action) {
  bool done = true;
  if (action.what == "paper") {
    done = play_paper(action);
  } else if (action.what == "fault") {
    done = play_fault(action);
  } else if (action.what == "feed") {
    model_->press_feed();
  } else if (action.what == "tear") {
    model_->tear();
  } else if (action.what == "clear") {
    receipts_.clear();
    later(spike_cleared{});
  } else {
    done = play_switch(action);
  }
  if (!done)
    return fault{"printer.play",
                 "The printer's " + action.what + " cannot be set to \"" + action.state + "\".",
                 "The page about the paper room lists what can be done to a printer.", 422};
  note_standing();
  later(state_changed{});
  return true;
}

bool printer_device::play_paper(const sim::play& action) {
  constexpr std::uint64_t shortest = 100, longest = 10'000'000;
  if (action.roll_dots && (*action.roll_dots < shortest || *action.roll_dots > longest))
    return false;
  if (action.state == "in")
    model_->insert_roll(action.roll_dots);
  else if (action.state == "low")
    model_->report_paper_low();
  else if (action.state == "out")
    model_->take_paper();
  else
    return false;
  return true;
}

bool printer_device::play_fault(const sim::play& action) {
  struct named {
    std::string_view name;
    printer_fault fault;
  };
  static constexpr named faults[] = {{"offline", printer_fault::offline},
                                     {"cutter", printer_fault::cutter},
                                     {"garbage", printer_fault::garbage},
                                     {"silent", printer_fault::silent}};
  for (const auto& each : faults)
    if (each.name == action.state) {
      model_->set_fault(each.fault, action.on);
      return true;
    }
  if (action.state == "slow") {
    slow_ = action.on;
  } else if (action.state == "dead") {
    if (action.on)
      model_->die_after(action.after_bytes.value_or(0));
    else if (model_->state().dead)
      model_->restart();
    else
      model_->die_after({});
  } else if (action.state == "none") {
    slow_ = false;
    model_->clear_faults();
  } else {
    return false;
  }
  return true;
}

/// The switches with two positions.
bool printer_device::play_switch(const sim::play& action) {
  struct position {
    std::string_view what, on, off;
  };
  static constexpr position switches[] = {{"cover", "open", "closed"},
                                          {"drawer", "open", "closed"},
                                          {"power", "on", "off"},
                                          {"plug", "in", "out"},
                                          {"pace", "real", "instant"}};
  for (const auto& each : switches) {
    if (each.what != action.what) continue;
    bool on = action.state == each.on;
    if (!on && action.state != each.off) return false;
    if (each.what == "cover") model_->set_cover(on);
    if (each.what == "drawer") model_->set_drawer(on);
    if (each.what == "power") set_power(on);
    if (each.what == "plug") set_plug(on);
    if (each.what == "pace") options_.pace = on ? printer_pace::real : printer_pace::instant;
    return true;
  }
  return false;
}

void printer_device::set_power(bool on) {
  if (std::exchange(power_, on) == on) return;
  model_->restart(); // what was in the buffer is gone
  host_waits_ = false;
  paused_until_ = {};
  for_hosts([on](printer_host& host) { host.power_changed(on); });
  begin_job();
}

void printer_device::set_plug(bool in) {
  if (std::exchange(plug_, in) == in) return;
  for_hosts([in](printer_host& host) { host.plug_changed(in); });
}

void printer_device::note_standing() {
  const auto& s = model_->state();
  struct rule {
    bool applies;
    standing state;
    std::string_view problem;
  };
  const rule rules[] = {
      {!power_, standing::unknown, "power_off"},
      {!plug_, standing::unknown, "unplugged"},
      {s.dead, standing::trouble, "dead"},
      {s.cover_open, standing::trouble, "cover_open"},
      {s.paper == paper_state::out, standing::trouble, "no_paper"},
      {s.cutter_jammed, standing::trouble, "cutter_error"},
      {s.offline, standing::trouble, "offline"},
      {s.paper == paper_state::low, standing::attention, "paper_low"},
      {slow_, standing::attention, "slow"},
      {s.garbage, standing::attention, "garbage"},
      {s.silent, standing::attention, "silent"},
      {true, standing::ready, ""},
  };
  const auto& found = *std::find_if(std::begin(rules), std::end(rules),
                                    [](const rule& each) { return each.applies; });
  if (standing_ == found.state && problem_ == found.problem) return;
  standing_ = found.state;
  problem_ = found.problem;
  since_ = time_.wall_now();
}

printer_snapshot printer_device::snapshot() const {
  printer_snapshot seen;
  seen.id = name();
  seen.language = model_->language();
  seen.address = address_;
  seen.width = model_->options().width;
  seen.state = standing_;
  seen.problem = problem_;
  seen.since = since_;
  seen.model = model_->state();
  seen.power = power_;
  seen.plug = plug_;
  seen.slow = slow_;
  seen.pace = options_.pace;
  seen.connections = connections_.size();
  seen.printing = power_ && model_->busy() && !model_->state().stopped();
  seen.buffered_bytes = model_->buffered();
  seen.buffer_bytes = model_->options().buffer_bytes;
  seen.received_bytes = model_->received_bytes();
  seen.receipts = finished_;
  seen.strip_number = model_->paper().number();
  seen.strip_rows = model_->paper().height();
  seen.unknown_commands = model_->unknown_commands();
  return seen;
}

} // namespace troupe::sim
