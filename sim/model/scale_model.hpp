#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::sim {

/// How a simulated scale speaks. Named as the box names its protocols.
enum class scale_language : std::uint8_t { mettler_toledo_8217, adam_mdw, adam };
std::string_view to_string(scale_language language);
bool scale_language_named(std::string_view name, scale_language& out);

/// Faults that stay until they are switched off. `silent`: it never answers. `garbage`: answers are
/// rubbish. `shaking`: never settles, as beside a running machine. `zero_lost`: it found no zero
/// when it was switched on.
enum class scale_fault : std::uint8_t { silent, garbage, shaking, zero_lost };

/// What a scale is built like. Weights are in grams.
struct scale_options {
  scale_language language = scale_language::mettler_toledo_8217;
  double capacity = 15'000;
  double division = 1;                     ///< one step of the display
  double zero_range = 300;                 ///< what may be taken as zero by the button
  std::uint8_t places = 3;                 ///< digits of kilograms on the display
  std::chrono::milliseconds settling{700}; ///< after a change, until it stands
  std::uint64_t seed = 1;                  ///< of the noise
};

/// A scale at byte level: a load cell that swings and settles, a display, buttons, and a line over
/// which it answers. Pure: time is passed in as the time since it was switched on.
class scale_model {
public:
  using time = std::chrono::milliseconds;

  explicit scale_model(scale_options options = {});

  // -- the counter's side --
  void put(double grams, time now); ///< what lies on it now, in all
  double load() const { return load_; }
  /// The buttons. False: it does not take it (moving, out of range); nothing changes then.
  bool press_zero(time now);
  bool press_tare(time now);
  void set_fault(scale_fault fault, bool on, time now);
  bool has(scale_fault fault) const { return (faults_ & bit(fault)) != 0; }
  void clear_faults(time now);
  void set_noise(double grams) { noise_ = grams; }
  void set_drift(double grams_a_minute, time now);
  double noise() const { return noise_; }
  double drift() const { return drift_; }
  /// Switched off and on: zero is what lies on it, the tare is gone.
  void restart(time now);

  // -- the display --
  struct display {
    std::string text; ///< "0.452", "-0.020", "^^^^^" (over), "-----" (no zero)
    double grams = 0; ///< shown, net
    bool moving = false, over = false, under = false, net = false, zero = false, error = false;
    bool operator==(const display&) const = default;
  };
  display show(time now) const;
  /// Whether the display changes by itself at the moment.
  bool restless(time now) const;

  // -- the line --
  /// Takes bytes from the host; gives what it answers.
  std::string hear(std::string_view bytes, time now);
  const scale_options& options() const { return options_; }
  std::uint64_t questions() const { return questions_; }

private:
  static std::uint8_t bit(scale_fault fault) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(fault));
  }
  double felt(time now) const;
  double noise_at(time now) const;
  std::string kilograms(double grams, int width) const;
  std::string answer(std::string_view command, time now);
  std::string answer_mettler(char command, time now);
  std::string answer_mdw(std::string_view command, time now);
  std::string answer_adam(std::string_view command, time now);
  std::string mettler_status(const display& seen) const;
  std::string mdw_status(const display& seen) const;
  std::string rubbish();

  scale_options options_;
  double load_ = 0;   ///< on the plate
  double before_ = 0; ///< what the cell felt when the load changed
  double zero_ = 0;   ///< taken as zero
  double tare_ = 0;
  double noise_ = 0;
  double drift_ = 0;
  time changed_{-1'000'000};
  time drift_since_{0};
  double drifted_ = 0;
  std::uint8_t faults_ = 0;
  bool echoing_ = false; ///< 8217: between E and F
  std::string line_;     ///< what came of a command that ends with CR
  std::uint64_t questions_ = 0;
  std::uint64_t random_ = 1;
};

} // namespace troupe::sim
