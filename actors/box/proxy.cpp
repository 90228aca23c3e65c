#include "actors/box/proxy.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/watchers.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger proxy_log("box.proxy");
constexpr std::string_view proxy_setting = "network.proxy";
constexpr auto load_retry = 2s;
constexpr std::size_t longest_login = 256;
constexpr std::size_t most_direct = 64;
constexpr std::size_t longest_direct = 255;

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

using proxy_self = proxy_actor::extend<caf::reacts_to<runtime::tick>>;

struct proxy_state {
  static inline const char* name = "proxy";
  proxy_options options;
  ledger_actor ledger;
  proxy_choice chosen; ///< on the homepage
  runtime::timer load_again{1};
  runtime::watcher_list watchers;

  bool configured() const { return options.configured.use != proxy_use::automatic; }
  const proxy_choice& in_force() const { return configured() ? options.configured : chosen; }

  /// Tells those who hold connections when they are made in another way from now on.
  void apply() {
    auto& present = options.present->settings;
    auto now = settings_of(in_force(), options.environment);
    const bool same =
        now.http == present.http && now.https == present.https && now.direct == present.direct;
    present = std::move(now);
    if (same) return;
    const auto shown = transport::proxy_without_login(present.http);
    if (shown.empty())
      proxy_log.info("Connections are made without a proxy");
    else
      proxy_log.info("Connections are made through the proxy {}", shown);
    watchers.tell(proxy_changed{});
  }
  proxy_info info() const {
    proxy_info out;
    out.choice = in_force();
    out.has_password = !out.choice.password.empty();
    out.choice.password.clear();
    out.configured = configured();
    const auto& present = options.present->settings;
    out.in_force =
        transport::proxy_without_login(present.http.empty() ? present.https : present.http);
    out.from_environment = in_force().use == proxy_use::automatic && !out.in_force.empty();
    return out;
  }
};
using proxy_pointer = proxy_self::stateful_pointer<proxy_state>;

void load(proxy_pointer self) {
  runtime::request_then(
      self, self->state.ledger, neighbour_timeout, get_settings{std::string(proxy_setting)},
      [self](const setting_list& list) {
        for (const auto& [setting, json] : list.settings) {
          const auto kept = from_json<value>(json);
          if (setting != proxy_setting || !kept) continue;
          self->state.chosen = read_proxy(*kept);
        }
        self->state.apply();
      },
      [self](const fault& problem) {
        proxy_log.warning("Which proxy was set is not known yet: {}", problem.text);
        self->state.load_again.arm(self, load_retry);
      });
}

caf::result<proxy_info> set(proxy_pointer self, const set_proxy& message) {
  auto& state = self->state;
  if (state.configured())
    return runtime::to_error({"proxy.configured", "The proxy stands in the box's configuration.",
                              "Change network.proxy there, and restart the box.", 409});
  auto wanted = checked_proxy(message.wanted);
  if (!wanted) return runtime::to_error(wanted.error());
  // A password goes to no other proxy than the one it was given for.
  if (message.keep_password && wanted->address == state.chosen.address &&
      wanted->user == state.chosen.user)
    wanted->password = state.chosen.password;
  auto promise = self->make_response_promise<proxy_info>();
  const bool nothing = wanted->use == proxy_use::automatic;
  runtime::request_then(
      self, state.ledger, neighbour_timeout,
      put_setting{std::string(proxy_setting),
                  nothing ? std::string() : to_json(proxy_json(*wanted))},
      [self, promise, wanted = *wanted](bool) mutable {
        self->state.chosen = std::move(wanted);
        self->state.apply();
        promise.deliver(self->state.info());
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

proxy_self::behavior_type proxy(proxy_pointer self, proxy_options options, ledger_actor ledger) {
  runtime::prepare(self, "proxy");
  auto& state = self->state;
  state.options = std::move(options);
  state.ledger = std::move(ledger);
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.watchers.remove(down.source); });
  state.apply();
  load(self);
  return {
      [self](const get_proxy&) { return self->state.info(); },
      [self](const set_proxy& message) { return set(self, message); },
      [self](const watch_proxy& message) {
        self->state.watchers.add(self, message.watcher);
        return true;
      },
      [self](const runtime::tick& tick) {
        if (self->state.load_again.due(self, tick)) load(self);
      },
  };
}

} // namespace

result<proxy_choice> checked_proxy(proxy_choice wanted) {
  if (wanted.use != proxy_use::own) return proxy_choice{wanted.use};
  auto address = transport::checked_proxy_address(wanted.address);
  if (!address) return address.error();
  wanted.address = *std::move(address);
  if (wanted.user.size() > longest_login || wanted.password.size() > longest_login ||
      !is_plain(wanted.user) || !is_plain(wanted.password) ||
      wanted.user.find(':') != std::string::npos)
    return fault{"proxy.bad_login", "This log-in cannot be used for a proxy.",
                 "A user has no colon; user and password have at most 256 characters each.", 422};
  std::vector<std::string> direct;
  for (const auto& each : wanted.direct) {
    const auto text = transport::trimmed(each);
    if (text.empty()) continue;
    if (direct.size() == most_direct || text.size() > longest_direct || !is_plain(text) ||
        text.find_first_of(" ,") != std::string_view::npos)
      return fault{"proxy.bad_direct", "This is no list of hosts without a proxy.",
                   "Give names, addresses or networks: example.org, 10.0.0.0/8.", 422};
    direct.emplace_back(text);
  }
  wanted.direct = std::move(direct);
  if (wanted.user.empty()) wanted.password.clear();
  return wanted;
}

value proxy_json(const proxy_choice& choice) {
  value::list direct;
  for (const auto& each : choice.direct)
    direct.emplace_back(each);
  return value(value::object{{"use", std::string(name_of(choice.use))},
                             {"address", choice.address},
                             {"user", choice.user},
                             {"password", choice.password},
                             {"direct", std::move(direct)}});
}

proxy_choice read_proxy(const value& kept) {
  proxy_choice out;
  from_name(kept.text_or("use"), out.use);
  out.address = kept.text_or("address");
  out.user = kept.text_or("user");
  out.password = kept.text_or("password");
  if (const auto* direct = kept["direct"].as_list())
    for (const auto& each : *direct)
      if (const auto* text = each.as_text()) out.direct.push_back(*text);
  auto good = checked_proxy(std::move(out));
  return good ? *std::move(good) : proxy_choice{};
}

transport::proxy_settings settings_of(const proxy_choice& choice,
                                      const transport::proxy_settings& environment) {
  if (choice.use == proxy_use::automatic) return environment;
  if (choice.use == proxy_use::off) return {};
  transport::proxy_settings out;
  out.http = out.https = transport::proxy_with_login(choice.address, choice.user, choice.password);
  // Who stands on the same machine or wire is never reached through a proxy.
  out.direct = {"localhost", "127.0.0.0/8", "::1"};
  out.direct.insert(out.direct.end(), choice.direct.begin(), choice.direct.end());
  return out;
}

proxy_actor spawn_proxy(caf::actor_system& system, proxy_options options, ledger_actor ledger) {
  return system.spawn(proxy, std::move(options), std::move(ledger));
}

} // namespace troupe::box
