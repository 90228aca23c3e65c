#include "sim/fleet/fleet.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "sim/fleet/shop.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <utility>
#include <vector>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto start_period = 20ms;
constexpr auto type_again = 2s;

struct code_typed {
  static constexpr bool local_message = true;
  std::string code;
  std::optional<fault> problem;
};

struct one_shop {
  caf::actor actor;
  bool linked = false;
  bool refused = false;
};

struct fleet_state {
  static inline const char* name = "fleet";
  caf::event_based_actor* self = nullptr;
  const box::services* shared = nullptr;
  fleet_options options;
  std::vector<one_shop> shops;
  std::deque<std::string> codes; ///< to be typed
  std::size_t typing = 0;
  fleet_report so_far;
  bool changed = false;
  runtime::timer start{1};
  runtime::timer again{2};
  runtime::timer tell{3};

  void start_some();
  void start_one();
  void type_some();
  void typed(const code_typed& outcome);
  void link_changed(const shop_linked& news);
  void report();
  void note() {
    if (!std::exchange(changed, true)) tell.arm(self, options.report_every);
  }
};
using self_pointer = caf::stateful_actor<fleet_state>*;

std::string numbered(const std::string& prefix, std::uint64_t number) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%05llu", static_cast<unsigned long long>(number));
  return prefix + digits.data();
}

void fleet_state::start_one() {
  const auto number = shops.size() + 1;
  shop_options shop;
  shop.number = number;
  shop.id = shop_id(options.seed, number);
  shop.name = numbered(options.name + " ", number);
  shop.server = options.server;
  shop.key = security::signing_key::make();
  shop.open = options.open;
  shop.time = options.time;
  shop.life = options.life;
  shop.fleet = caf::actor_cast<caf::actor>(self);
  shops.push_back({spawn_shop(self->system(), *shared, std::move(shop))});
}

void fleet_state::start_some() {
  const auto at_once = std::max<std::uint64_t>(1, options.starts_per_second *
                                                      std::uint64_t(start_period.count()) / 1000);
  for (std::uint64_t i = 0; i < at_once && shops.size() < options.boxes; ++i)
    start_one();
  so_far.boxes = shops.size();
  note();
  if (shops.size() < options.boxes) start.arm(self, start_period);
}

void fleet_state::type_some() {
  while (typing < options.codes_at_once && !codes.empty()) {
    auto code = std::move(codes.front());
    codes.pop_front();
    ++typing;
    const auto me = self->address();
    options.type_code(code, [me, code](result<bool> outcome) {
      if (const auto handle = caf::actor_cast<caf::actor>(me))
        caf::anon_send(handle,
                       code_typed{code, outcome ? std::nullopt : std::optional(outcome.error())});
    });
  }
}

void fleet_state::typed(const code_typed& outcome) {
  --typing;
  if (!outcome.problem) {
    ++so_far.paired;
  } else {
    so_far.problem = outcome.problem->text;
    // Slowed down, or the server is away: the code still counts. Other codes are wrong for good.
    if (outcome.problem->status == 429 || outcome.problem->code.starts_with("transport.")) {
      codes.push_back(outcome.code);
      note();
      if (!again.armed()) again.arm(self, type_again);
      return;
    }
  }
  note();
  type_some();
}

void fleet_state::link_changed(const shop_linked& news) {
  auto& shop = shops[news.number - 1];
  so_far.linked += std::uint64_t(news.linked) - std::uint64_t(shop.linked);
  const bool refused = !news.linked && news.code.starts_with("link.");
  so_far.refused += std::uint64_t(refused) - std::uint64_t(shop.refused);
  shop.linked = news.linked;
  shop.refused = refused;
  note();
}

void fleet_state::report() {
  changed = false;
  if (options.report) options.report(so_far);
}

caf::behavior fleet(self_pointer self, const box::services* shared, fleet_options options) {
  runtime::prepare(self, "fleet");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.options = std::move(options);
  state.shops.reserve(state.options.boxes);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    for (auto& each : self->state.shops)
      caf::anon_send_exit(each.actor, caf::exit_reason::user_shutdown);
    self->quit(std::move(stop.reason));
  });
  state.start.arm(self, 0ms);
  return {
      [self](const shop_has_no_code& told) {
        self->state.so_far.no_code = told.text;
        self->state.note();
      },
      [self](const shop_shows_code& shown) {
        self->state.so_far.no_code.clear();
        self->state.codes.push_back(shown.code);
        if (!self->state.again.armed()) self->state.type_some();
      },
      [self](const code_typed& outcome) { self->state.typed(outcome); },
      [self](const shop_linked& news) { self->state.link_changed(news); },
      [self](const shop_counts& counts) {
        auto& total = self->state.so_far;
        total.events += counts.events;
        total.confirmed += counts.confirmed;
        total.failed += counts.refused;
        self->state.note();
      },
      [self](const runtime::tick& tick) {
        auto& fleet = self->state;
        if (fleet.start.due(self, tick)) return fleet.start_some();
        if (fleet.again.due(self, tick)) return fleet.type_some();
        if (fleet.tell.due(self, tick)) fleet.report();
      },
  };
}

} // namespace

box_id shop_id(std::uint64_t seed, std::uint64_t number) {
  return box_id(numbered("sim" + std::to_string(seed) + "n", number));
}

caf::actor spawn_fleet(caf::actor_system& system, const box::services& shared,
                       fleet_options options) {
  return system.spawn(fleet, &shared, std::move(options));
}

} // namespace troupe::sim
