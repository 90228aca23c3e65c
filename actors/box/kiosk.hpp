#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/homepage_listens.hpp"
#include "actors/box/kiosk_core.hpp"
#include "actors/box/services.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// The screen attached to this machine: where there is one, a browser shows the box's status page
/// on it.
namespace troupe::box {

struct kiosk_options {
  kiosk_wish wish = kiosk_wish::automatic;
  std::vector<std::string> browser{}; ///< program and arguments; empty: the first that is there
  std::string user{};                 ///< to run it as, when the box runs as root
  std::filesystem::path screens = "/sys/class/drm"; ///< where the kernel tells of screens
};
struct kiosk_info {
  static constexpr bool local_message = true;
  kiosk_state state = kiosk_state::off;
  std::string text;
  std::string remedy;
};
struct get_kiosk {
  static constexpr bool local_message = true;
};
using kiosk_actor = caf::typed_actor<caf::replies_to<get_kiosk>::with<kiosk_info>,
                                     caf::reacts_to<homepage_listens>>;

kiosk_actor spawn_kiosk(caf::actor_system& system, const services& shared, kiosk_options options,
                        event_hub_actor events);

/// Connectors with a screen: those whose `status` says "connected".
std::vector<std::string> attached_screens(const std::filesystem::path& folder);
/// What shows a page on this machine's screen, the page to be added; empty: nothing does.
/// `display_server`: X or Wayland runs. `has`: whether a program is there.
std::vector<std::string> browser_command(const std::vector<std::string>& wished,
                                         bool display_server, const std::string& profile,
                                         const std::function<bool(const std::string&)>& has);

} // namespace troupe::box
