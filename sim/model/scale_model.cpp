#include "sim/model/scale_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace troupe::sim {
namespace {

constexpr std::array<std::pair<std::string_view, scale_language>, 3> languages{
    {{"mettler_toledo_8217", scale_language::mettler_toledo_8217},
     {"adam_mdw", scale_language::adam_mdw},
     {"adam", scale_language::adam}}};
constexpr std::size_t longest_command = 16;
/// Display steps below which a swing is not seen as motion.
constexpr double seen_steps = 0.5;
/// What it weighs now is compared with what it weighed then.
constexpr scale_model::time looks_back{100};

/// The same number for the same moment, -1..1: noise does not depend on who looks how often.
double jitter(std::uint64_t seed, std::uint64_t moment) {
  auto mixed = seed * 0x9E3779B97F4A7C15u + moment * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 30)) * 0x94D049BB133111EBu;
  mixed ^= mixed >> 31;
  return static_cast<double>(mixed >> 11) / static_cast<double>(1ull << 52) - 1.0;
}

} // namespace

std::string_view to_string(scale_language language) {
  return languages.at(static_cast<std::size_t>(language)).first;
}

bool scale_language_named(std::string_view name, scale_language& out) {
  for (const auto& [known, language] : languages)
    if (known == name) return out = language, true;
  return false;
}

scale_model::scale_model(scale_options options) : options_(options), random_(options.seed | 1) {}

// ---- what it feels ----

double scale_model::noise_at(time now) const {
  const double shake = has(scale_fault::shaking) ? 40 * options_.division : 0;
  const auto moment = static_cast<std::uint64_t>(now.count() / 50);
  return (noise_ + shake) * jitter(options_.seed, moment);
}

/// The load as the cell feels it: it swings about the new value and comes to rest.
double scale_model::felt(time now) const {
  const double passed = static_cast<double>((now - changed_).count());
  const double span = static_cast<double>(options_.settling.count());
  double at = load_;
  if (passed < span) {
    const double share = passed / span;
    at += (before_ - load_) * std::exp(-5 * share) * std::cos(9 * share);
  }
  const double minutes = static_cast<double>((now - drift_since_).count()) / 60'000;
  return at + drifted_ + drift_ * minutes + noise_at(now);
}

bool scale_model::restless(time now) const {
  return now - changed_ <= options_.settling || noise_ > 0 || drift_ != 0 ||
         has(scale_fault::shaking);
}

scale_model::display scale_model::show(time now) const {
  display seen;
  const double gross = felt(now) - zero_;
  const double net = gross - tare_;
  seen.grams = std::round(net / options_.division) * options_.division;
  seen.net = tare_ != 0;
  seen.error = has(scale_fault::zero_lost);
  const double before = felt(now - looks_back) - zero_ - tare_;
  // The last swing may cross its rest just then: motion ends when all it looks back on is at rest.
  seen.moving = now - changed_ < options_.settling + looks_back || has(scale_fault::shaking) ||
                std::abs(before - net) > (1 + seen_steps) * options_.division;
  seen.over = gross > options_.capacity + 9 * options_.division;
  seen.under = seen.grams < 0;
  seen.zero = std::abs(net) < options_.division / 4;
  seen.text = seen.error ? "-----" : seen.over ? "^^^^^" : kilograms(seen.grams, 0);
  return seen;
}

// ---- what a person does ----

void scale_model::put(double grams, time now) {
  before_ = felt(now) - drifted_;
  load_ = std::clamp(grams, -options_.capacity, 10 * options_.capacity);
  changed_ = now;
}

bool scale_model::press_zero(time now) {
  const auto seen = show(now);
  const double gross = felt(now);
  if (seen.moving || seen.over || seen.error || std::abs(gross) > options_.zero_range) return false;
  zero_ = gross;
  tare_ = 0;
  return true;
}

bool scale_model::press_tare(time now) {
  const auto seen = show(now);
  if (seen.moving || seen.over || seen.error || felt(now) - zero_ < 0) return false;
  tare_ = std::round((felt(now) - zero_) / options_.division) * options_.division;
  return true;
}

void scale_model::set_fault(scale_fault fault, bool on, time now) {
  faults_ = static_cast<std::uint8_t>(on ? faults_ | bit(fault) : faults_ & ~bit(fault));
  if (fault == scale_fault::shaking) {
    before_ = load_;
    changed_ = now;
  }
}

void scale_model::clear_faults(time now) {
  faults_ = 0;
  before_ = load_;
  changed_ = now;
}

void scale_model::set_drift(double grams_a_minute, time now) {
  drifted_ += drift_ * static_cast<double>((now - drift_since_).count()) / 60'000;
  drift_since_ = now;
  drift_ = grams_a_minute;
}

void scale_model::restart(time now) {
  echoing_ = false;
  line_.clear();
  tare_ = 0;
  drifted_ = 0;
  drift_since_ = now;
  changed_ = now;
  before_ = load_;
  // With a load on it a scale finds no zero.
  const bool loaded = std::abs(load_) > options_.zero_range;
  faults_ = static_cast<std::uint8_t>(loaded ? faults_ | bit(scale_fault::zero_lost)
                                             : faults_ & ~bit(scale_fault::zero_lost));
  zero_ = loaded ? 0 : load_;
}

// ---- what it says ----

std::string scale_model::kilograms(double grams, int width) const {
  char text[32];
  std::snprintf(text, sizeof text, "%0*.*f", width, options_.places, grams / 1000);
  return text;
}

std::string scale_model::rubbish() {
  std::string out;
  for (int i = 0; i < 9; ++i) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    out += static_cast<char>(random_ >> 56);
  }
  return out;
}

std::string scale_model::hear(std::string_view bytes, time now) {
  std::string out;
  for (const char byte : bytes) {
    const char c = static_cast<char>(byte & 0x7F); // the parity is not looked at
    std::string said;
    if (options_.language == scale_language::mettler_toledo_8217) {
      if (echoing_ && c != 'F')
        said = std::string(1, c);
      else
        said = answer_mettler(c, now);
    } else if (c == '\r') {
      said = answer(std::exchange(line_, {}), now);
    } else if (c >= ' ' && line_.size() < longest_command) {
      line_ += c;
    }
    out += said;
  }
  if (out.empty() || has(scale_fault::silent)) return {};
  return has(scale_fault::garbage) ? rubbish() : out;
}

std::string scale_model::answer(std::string_view command, time now) {
  if (command.empty()) return {};
  return options_.language == scale_language::adam_mdw ? answer_mdw(command, now)
                                                       : answer_adam(command, now);
}

std::string scale_model::mettler_status(const display& seen) const {
  int bits = 0x40;
  if (seen.moving) bits |= 0x01;
  if (seen.over) bits |= 0x02;
  if (seen.under) bits |= 0x04;
  if (seen.error) bits |= 0x08;
  if (seen.zero) bits |= 0x10;
  if (seen.net) bits |= 0x20;
  return std::string("\x02?") + static_cast<char>(bits) + "\r";
}

/// PSC Magellan 8500 service manual, 6.1.3.2; the weight has five digits, zeros in front.
std::string scale_model::answer_mettler(char command, time now) {
  switch (command) {
  case 'W': {
    ++questions_;
    const auto seen = show(now);
    if (seen.moving || seen.over || seen.under || seen.error) return mettler_status(seen);
    return "\x02" + kilograms(seen.grams, 6) + (seen.net ? "N" : "") + "\r";
  }
  case 'Z':
    press_zero(now);
    return mettler_status(show(now));
  case 'T':
    press_tare(now);
    return mettler_status(show(now));
  case 'C':
    tare_ = 0;
    return mettler_status(show(now));
  case 'E':
    echoing_ = true;
    return "\x02"
           "E\r";
  case 'F':
    if (!std::exchange(echoing_, false)) return {};
    return "\x02"
           "F\r";
  default:
    return {};
  }
}

std::string scale_model::mdw_status(const display& seen) const {
  const char first =
      static_cast<char>(0x30 | (seen.moving ? 1 : 0) | (seen.zero ? 2 : 0) | (seen.error ? 8 : 0));
  const char second = static_cast<char>(0x70 | (seen.under ? 1 : 0) | (seen.over ? 2 : 0));
  const char third = static_cast<char>(0x31 | (seen.net ? 4 : 0));
  return std::string{first, second, third} + "\r\x03";
}

/// MDW user manual, 8.5.
std::string scale_model::answer_mdw(std::string_view command, time now) {
  if (command == "W") {
    ++questions_;
    const auto seen = show(now);
    std::string field(9, '^');
    if (seen.error)
      field = std::string(9, '-');
    else if (!seen.over) {
      const auto digits = kilograms(std::abs(seen.grams), 0);
      field = (seen.grams < 0 ? "-" : " ") +
              std::string(8 - std::min<std::size_t>(8, digits.size()), ' ') + digits;
    }
    return "\n" + field + "kg\r\n" + mdw_status(seen);
  }
  if (command == "Z" || command == "T" || command == "S") {
    if (command == "Z") press_zero(now);
    if (command == "T") press_tare(now);
    return "\n" + mdw_status(show(now));
  }
  return "\n?\r\x03";
}

/// CPWplus user manual, 11.0.
std::string scale_model::answer_adam(std::string_view command, time now) {
  if (command == "Z") {
    press_zero(now);
    return {};
  }
  if (command != "G" && command != "N") return {};
  ++questions_;
  const auto seen = show(now);
  if (seen.error || seen.over) return seen.error ? "Err\r\n" : "OL\r\n";
  const double grams = command == "G" ? seen.grams + tare_ : seen.grams;
  return std::string(grams < 0 ? "-" : "+") + "  " + kilograms(std::abs(grams), 0) + " kg\r\n";
}

} // namespace troupe::sim
