#include "actors/box/kiosk_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {

kiosk_core::effect kiosk_core::facts(const kiosk_facts& now_are, time now) {
  facts_ = now_are;
  if (wish_ == kiosk_wish::off)
    return say(kiosk_state::off, "The status page is not shown on a screen: it is switched off.");
  if (facts_.screens.empty() && wish_ == kiosk_wish::automatic)
    return say(kiosk_state::no_screen, "No screen is attached.");
  if (facts_.browser.empty())
    return say(kiosk_state::no_browser, "A screen is attached, but there is no browser to show it.",
               "Install cog, or chromium and cage.");
  if (facts_.root && !facts_.has_user)
    return say(kiosk_state::as_root, "A screen is attached, but a browser must not run as root.",
               "Name a user in screen.user, or run the box as a user of its own.");
  if (state_ == kiosk_state::showing || state_ == kiosk_state::waiting) return effect::none;
  pause_ = shortest_pause;
  return begin(now);
}

kiosk_core::effect kiosk_core::begin(time now) {
  retry_.reset();
  began_ = now;
  say(kiosk_state::showing, "The status page is shown on the attached screen.");
  return effect::start;
}

kiosk_core::effect kiosk_core::ended(std::string how, time now) {
  if (state_ != kiosk_state::showing) return effect::none;
  if (now - began_ >= steady_after) pause_ = shortest_pause;
  retry_ = now + pause_;
  pause_ = std::min(pause_ * 2, longest_pause);
  state_ = kiosk_state::waiting;
  text_ = "The browser on the attached screen does not stay: " + std::move(how) + ".";
  remedy_ =
      "It is started again by itself. If that goes on, start it by hand to see what is wrong.";
  return effect::none;
}

kiosk_core::effect kiosk_core::woke(time now) {
  if (!retry_ || now < *retry_) return effect::none;
  return begin(now);
}

kiosk_core::effect kiosk_core::say(kiosk_state state, std::string text, std::string remedy) {
  const bool was_showing = state_ == kiosk_state::showing;
  state_ = state;
  text_ = std::move(text);
  remedy_ = std::move(remedy);
  if (state == kiosk_state::showing) return effect::none;
  retry_.reset();
  return was_showing ? effect::stop : effect::none;
}

} // namespace troupe::box
