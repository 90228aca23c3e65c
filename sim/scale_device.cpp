#include "sim/scale_device.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

/// How often the display is looked at while it changes.
constexpr auto look_every = 33ms;
/// What the scale's own processor needs for an answer.
constexpr auto thinking = 2ms;
constexpr std::size_t hosts_bound = 8;

constexpr std::array<std::pair<std::string_view, scale_fault>, 4> faults{
    {{"silent", scale_fault::silent},
     {"garbage", scale_fault::garbage},
     {"shaking", scale_fault::shaking},
     {"zero_lost", scale_fault::zero_lost}}};

fault cannot_play(std::string text, std::string remedy) {
  return {"scale.play", std::move(text), std::move(remedy), 422};
}

} // namespace

bool is_scale_play(std::string_view what) {
  constexpr std::array<std::string_view, 8> known{"weight", "zero",  "tare",  "power",
                                                  "plug",   "fault", "noise", "drift"};
  return std::ranges::find(known, what) != known.end();
}

std::shared_ptr<scale_device> scale_device::make(scale_device_options options, device_time time) {
  return std::shared_ptr<scale_device>(new scale_device(std::move(options), std::move(time)));
}

scale_device::scale_device(scale_device_options options, device_time time)
    : options_(std::move(options)), time_(std::move(time)), begun_(time_.now()),
      model_(options_.model), since_(time_.wall_now()) {}

scale_model::time scale_device::now() const {
  return std::chrono::duration_cast<scale_model::time>(time_.now() - begun_);
}

// ---- the line ----

void scale_device::add_host(std::weak_ptr<scale_host> host) {
  std::erase_if(hosts_, [](const auto& each) { return each.expired(); });
  if (hosts_.size() < hosts_bound) hosts_.push_back(std::move(host));
}

void scale_device::connected(bool yes) {
  if (yes)
    ++connections_;
  else if (connections_ > 0)
    --connections_;
  changed();
}

void scale_device::hear(std::string bytes, std::weak_ptr<scale_host> from) {
  if (!plug_ || !power_) return;
  const auto took = [this](std::size_t count) -> device_time::clock::duration {
    if (options_.baud == 0) return {};
    return std::chrono::microseconds(count * 10 * 1'000'000 / options_.baud);
  };
  // What it weighs when the question is there counts; the answer follows on the same line.
  const auto in = took(bytes.size());
  time_.after(in, [weak = weak_from_this(), bytes = std::move(bytes), from, took] {
    auto self = weak.lock();
    if (!self || !self->plug_ || !self->power_) return;
    auto answer = self->model_.hear(bytes, self->now());
    self->changed();
    if (answer.empty()) return;
    const auto wait = self->options_.baud == 0 ? device_time::clock::duration{} : thinking;
    const auto begin = std::max(self->time_.now() + wait, self->line_free_);
    self->line_free_ = begin + took(answer.size());
    self->time_.after(self->line_free_ - self->time_.now(),
                      [weak, from, answer = std::move(answer)] {
                        const auto device = weak.lock();
                        const auto host = from.lock();
                        if (device && host && device->plug_ && device->power_) host->answer(answer);
                      });
  });
}

// ---- the counter ----

result<bool> scale_device::play(const scale_play& action) {
  auto done = action.what == "weight" || action.what == "noise" || action.what == "drift"
                  ? play_number(action)
              : action.what == "fault" ? play_fault(action)
                                       : play_switch(action);
  if (done) changed();
  return done;
}

result<bool> scale_device::play_number(const scale_play& action) {
  const double grams = action.grams.value_or(-1e9);
  const bool drift = action.what == "drift";
  const double most = action.what == "weight" ? 1e6 : 1000;
  if (!(grams <= most) || !(grams >= (drift ? -most : 0)))
    return cannot_play("\"grams\" is missing or too large.",
                       "weight takes 0 to 1000000, noise 0 to 1000, drift -1000 to 1000.");
  if (action.what == "weight")
    model_.put(grams, now());
  else if (drift)
    model_.set_drift(grams, now());
  else
    model_.set_noise(grams);
  return true;
}

result<bool> scale_device::play_fault(const scale_play& action) {
  if (action.state == "none") {
    model_.clear_faults(now());
    return true;
  }
  for (const auto& [name, fault] : faults)
    if (name == action.state) {
      model_.set_fault(fault, action.on, now());
      return true;
    }
  return cannot_play("There is no fault of that name.",
                     "Take silent, garbage, shaking, zero_lost or none.");
}

result<bool> scale_device::play_switch(const scale_play& action) {
  if (action.what == "zero" || action.what == "tare") {
    if (!power_) return cannot_play("It is switched off.", "Switch it on first.");
    const bool taken = action.what == "zero" ? model_.press_zero(now()) : model_.press_tare(now());
    if (!taken)
      return cannot_play("The scale does not take that now.",
                         "Let it settle; zero only with (nearly) nothing on it.");
    return true;
  }
  if (action.what == "power" && (action.state == "on" || action.state == "off")) {
    const bool on = action.state == "on";
    if (on && !power_) model_.restart(now());
    power_ = on;
    return true;
  }
  if (action.what == "plug" && (action.state == "in" || action.state == "out")) {
    set_plug(action.state == "in");
    return true;
  }
  return cannot_play("There is nothing of that kind to do.",
                     "power takes on or off, plug in or out.");
}

void scale_device::set_plug(bool in) {
  if (plug_ == in) return;
  plug_ = in;
  const auto hosts = hosts_;
  for (const auto& each : hosts)
    if (const auto host = each.lock()) host->plug_changed(in);
}

scale_snapshot scale_device::snapshot() const {
  scale_snapshot seen;
  seen.id = options_.name;
  seen.language = to_string(options_.model.language);
  seen.address = address_;
  seen.load_grams = model_.load();
  seen.capacity_grams = options_.model.capacity;
  if (power_) seen.display = model_.show(now());
  seen.power = power_;
  seen.plug = plug_;
  for (const auto& [name, fault] : faults)
    if (model_.has(fault)) seen.faults.emplace_back(name);
  seen.noise_grams = model_.noise();
  seen.drift_grams = model_.drift();
  seen.connections = connections_;
  seen.questions = model_.questions();
  seen.since = since_;
  return seen;
}

void scale_device::watch(std::weak_ptr<void> watcher, std::function<void()> callback) {
  watchers_.push_back({std::move(watcher), std::move(callback)});
}

void scale_device::changed() {
  if (std::exchange(looking_, true)) return;
  time_.after({}, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
}

/// Tells the watchers, and looks again for as long as the display changes by itself.
void scale_device::look() {
  looking_ = false;
  std::erase_if(watchers_, [](const auto& each) { return each.alive.expired(); });
  const auto present = power_ ? model_.show(now()) : scale_model::display{};
  const bool other = present.over != seen_.over || present.error != seen_.error;
  if (other) since_ = time_.wall_now();
  seen_ = present;
  const auto told = watchers_;
  for (const auto& each : told)
    each.callback();
  if (watchers_.empty() || !power_ || !model_.restless(now())) return;
  looking_ = true;
  time_.after(look_every, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
}

} // namespace troupe::sim
