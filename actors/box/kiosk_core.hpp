#pragma once

#include "messages/describe.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Decides whether a browser shows the status page on a screen of this machine, and when it is
/// started again. Pure: no actor, clock, file or process.
namespace troupe::box {

enum class kiosk_wish : std::uint8_t { automatic, on, off };
constexpr auto names_of(kiosk_wish) {
  return std::array{enum_name<kiosk_wish>{kiosk_wish::automatic, "auto"},
                    enum_name<kiosk_wish>{kiosk_wish::on, "on"},
                    enum_name<kiosk_wish>{kiosk_wish::off, "off"}};
}

enum class kiosk_state : std::uint8_t { off, no_screen, no_browser, as_root, showing, waiting };
constexpr auto names_of(kiosk_state) {
  using s = kiosk_state;
  return std::array{enum_name<s>{s::off, "off"},
                    enum_name<s>{s::no_screen, "no_screen"},
                    enum_name<s>{s::no_browser, "no_browser"},
                    enum_name<s>{s::as_root, "as_root"},
                    enum_name<s>{s::showing, "showing"},
                    enum_name<s>{s::waiting, "waiting"}};
}

/// What the machine has.
struct kiosk_facts {
  std::vector<std::string> screens; ///< connectors with a screen: "card0-HDMI-A-1"
  std::string browser;              ///< found; empty: none
  bool display_server = false;      ///< X or Wayland runs here already
  bool root = false;                ///< the box runs as root
  bool has_user = false;            ///< and a user is named to run the browser as
};

class kiosk_core {
public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds shortest_pause{2};
  static constexpr std::chrono::seconds longest_pause{300};
  /// A browser that ran for so long is started again at once.
  static constexpr std::chrono::seconds steady_after{60};

  enum class effect : std::uint8_t { none, start, stop };

  explicit kiosk_core(kiosk_wish wish) : wish_(wish) {}

  /// The screen was plugged in or out, or this is the start.
  effect facts(const kiosk_facts& now_are, time now);
  /// The browser ended, or could not be started.
  effect ended(std::string how, time now);
  effect woke(time now);
  std::optional<time> next_wake() const { return retry_; }

  kiosk_state state() const { return state_; }
  const std::string& text() const { return text_; }
  const std::string& remedy() const { return remedy_; }

private:
  effect say(kiosk_state state, std::string text, std::string remedy = {});
  effect begin(time now);

  kiosk_wish wish_;
  kiosk_facts facts_;
  kiosk_state state_ = kiosk_state::off;
  std::string text_, remedy_;
  time began_{};
  std::chrono::seconds pause_ = shortest_pause;
  std::optional<time> retry_;
};

} // namespace troupe::box
