#pragma once

#include "actors/box/event_hub.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/services.hpp"
#include "messages/describe.hpp"
#include "messages/value.hpp"
#include "transport/proxy.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

/// The HTTP proxy through which the box reaches its server: by configuration, set by a person on
/// the homepage, or as the environment says.
namespace troupe::box {

enum class proxy_use : std::uint8_t { automatic, off, own };
constexpr auto names_of(proxy_use) {
  return std::array{enum_name<proxy_use>{proxy_use::automatic, "automatic"},
                    enum_name<proxy_use>{proxy_use::off, "off"},
                    enum_name<proxy_use>{proxy_use::own, "own"}};
}

/// What somebody wants. `automatic`: as the environment says.
struct proxy_choice {
  proxy_use use = proxy_use::automatic;
  std::string address{};             ///< "http://proxy.example:3128"
  std::string user{};                ///< empty: no log-in
  std::string password{};            ///< never shown, never logged
  std::vector<std::string> direct{}; ///< hosts that are reached without it
};
/// Faults "proxy.bad_address", "proxy.bad_login", "proxy.bad_direct" (422). None shows the log-in.
result<proxy_choice> checked_proxy(proxy_choice wanted);
value proxy_json(const proxy_choice& choice);
proxy_choice read_proxy(const value& kept);
/// As connections are made with it. `environment` is what stands there.
transport::proxy_settings settings_of(const proxy_choice& choice,
                                      const transport::proxy_settings& environment);

/// What is in force, for whoever opens a connection; on the loop's thread only.
struct present_proxy {
  transport::proxy_settings settings = transport::proxy_from_environment();
};

struct proxy_options {
  proxy_choice configured{}; ///< wins over pages unless it is `automatic`
  std::shared_ptr<present_proxy> present = std::make_shared<present_proxy>();
  transport::proxy_settings environment = transport::proxy_from_environment();
};

struct proxy_info {
  static constexpr bool local_message = true;
  proxy_choice choice; ///< without the password
  bool has_password = false;
  bool configured = false; ///< by configuration: pages cannot change it
  std::string in_force;    ///< the proxy's address without its log-in; empty: none
  bool from_environment = false;
};
struct get_proxy {
  static constexpr bool local_message = true;
};
/// Answered when written down. Faults of `checked_proxy`, "proxy.configured" (409).
struct set_proxy {
  static constexpr bool local_message = true;
  proxy_choice wanted;
  bool keep_password = false; ///< that of the same user at the same address
};
/// The watcher gets `proxy_changed` whenever connections are made in another way, until it ends.
struct watch_proxy {
  static constexpr bool local_message = true;
  caf::actor watcher;
};
struct proxy_changed {
  static constexpr bool local_message = true;
};

using proxy_actor = caf::typed_actor<caf::replies_to<get_proxy>::with<proxy_info>,
                                     caf::replies_to<set_proxy>::with<proxy_info>,
                                     caf::replies_to<watch_proxy>::with<bool>>;

proxy_actor spawn_proxy(caf::actor_system& system, proxy_options options, ledger_actor ledger);

} // namespace troupe::box
