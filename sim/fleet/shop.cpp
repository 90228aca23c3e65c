#include "sim/fleet/shop.hpp"

#include "actors/box/box.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "messages/random.hpp"
#include "sim/fleet/counting_printer.hpp"

#include <caf/all.hpp>

#include <array>
#include <utility>

namespace troupe::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto neighbour_patience = 30s;
constexpr auto look_again = 1s;
constexpr auto counts_period = 1s;
constexpr const char* till = "counter";

struct shop_state {
  static inline const char* name = "shop";
  caf::event_based_actor* self = nullptr;
  shop_options options;
  runtime::supervisor_actor box;
  std::shared_ptr<counting_printer> printer;
  std::optional<box_life> life;
  next_happening coming;
  runtime::timer happen{1};
  runtime::timer look{2};
  runtime::timer tell{3};
  shop_counts counts;
  std::string told_code;
  std::uint64_t receipts = 0;

  void give_name();
  void subscribe();
  void take(const event& content);
  void read_code();
  void begin_life();
  void plan();
  void happened();
  void print(std::uint32_t lines);
  void count(std::uint64_t shop_counts::*what);
  /// Asks the box for one of its parts and hands it on; nothing when it is just being restarted.
  void with_part(
      const char* id, std::function<void(caf::actor)> then,
      std::function<void()> otherwise = [] {});
};
using self_pointer = caf::stateful_actor<shop_state>*;

void shop_state::with_part(const char* id, std::function<void(caf::actor)> then,
                           std::function<void()> otherwise) {
  runtime::request_then(
      self, box, neighbour_patience, runtime::find_child{id},
      [then = std::move(then)](const caf::actor& part) { then(part); },
      [otherwise = std::move(otherwise)](const fault&) { otherwise(); });
}

void shop_state::give_name() {
  with_part("identity", [this](const caf::actor& part) {
    runtime::request_then(
        self, caf::actor_cast<box::identity_actor>(part), neighbour_patience,
        box::rename_box{options.name}, [](const box::identity_info&) {}, [](const fault&) {});
  });
}

void shop_state::subscribe() {
  const auto again = [this] { look.arm(self, look_again); };
  with_part(
      "events",
      [this, again](const caf::actor& part) {
        runtime::request_then(
            self, caf::actor_cast<box::event_hub_actor>(part), neighbour_patience,
            box::subscribe_events{caf::actor_cast<caf::actor>(self), 0, {}},
            [this](std::uint64_t) { read_code(); }, [again](const fault&) { again(); });
      },
      again);
}

void shop_state::read_code() {
  with_part("pairing", [this](const caf::actor& part) {
    runtime::request_then(
        self, caf::actor_cast<box::pairing_actor>(part), neighbour_patience, box::get_pairing{},
        [this](const box::pairing_info& info) {
          if (info.server) return begin_life();
          if (info.code.empty() && !info.remedy.empty())
            caf::anon_send(options.fleet, shop_has_no_code{info.text});
          if (info.code.empty() || info.code == told_code) return;
          told_code = info.code;
          caf::anon_send(options.fleet, shop_shows_code{options.number, info.code});
        },
        [](const fault&) {});
  });
}

void shop_state::take(const event& content) {
  if (content.type == "pairing.changed") return read_code();
  if (content.type == "link.changed") {
    caf::anon_send(options.fleet,
                   shop_linked{options.number, content.data.text_or("state") == "linked",
                               content.data.text_or("code")});
    return;
  }
  count(&shop_counts::events);
  if (content.type == "action.confirmed") count(&shop_counts::confirmed);
  if (content.type == "action.failed") count(&shop_counts::refused);
}

void shop_state::count(std::uint64_t shop_counts::*what) {
  ++(counts.*what);
  if (!tell.armed()) tell.arm(self, counts_period);
}

void shop_state::begin_life() {
  if (!options.life || life) return;
  life.emplace(*options.life, options.number);
  plan();
}

void shop_state::plan() {
  coming = life->next();
  happen.arm(self, coming.after);
}

void shop_state::happened() {
  switch (coming.what) {
  case happening::print:
    print(coming.size);
    break;
  case happening::paper_out:
    printer->set_paper(false);
    break;
  case happening::paper_in:
    printer->set_paper(true);
    break;
  }
  plan();
}

void shop_state::print(std::uint32_t lines) {
  action_request request;
  request.trace = new_trace();
  request.device = device_id(till);
  request.action = "print";
  request.key = "receipt-" + std::to_string(++receipts);
  request.origin = "till";
  for (std::uint32_t line = 0; line < lines; ++line)
    request.document.operations.push_back(printing::text{"A thing that costs something\n"});
  request.document.operations.push_back(printing::cut{});
  with_part("directory", [this, request = std::move(request)](const caf::actor& part) {
    runtime::request_then(
        self, caf::actor_cast<box::directory_actor>(part), neighbour_patience, request,
        [](const action_accepted&) {}, [this](const fault&) { count(&shop_counts::refused); });
  });
}

runtime::supervisor_actor start_box(caf::actor_system& system, const box::services& shared,
                                    const shop_options& options,
                                    std::shared_ptr<counting_printer> printer) {
  box::box_options box;
  box.id = options.id;
  box.simulated = true;
  box.limits.actions = 200;
  box.limits.events = 1000;
  box.limits.payload_bytes = 64 << 10;
  box.link.key = options.key;
  box.link.open = options.open;
  box.link.url = options.server;
  box.link.instance = random_hex(16);
  box.link.power_on = runtime::now(system);
  box.link.print_codes = false;
  device_description device;
  device.id = device_id(till);
  device.name = till;
  device.address = "sim:counter";
  box.devices.push_back(std::move(device));
  box.ports["sim"] = [printer = std::move(printer)](const std::string&) {
    return result<std::unique_ptr<port::byte_port>>(printer->make_port());
  };
  return box::spawn_box(system, shared, std::move(box));
}

caf::behavior shop(self_pointer self, const box::services* shared, shop_options options) {
  runtime::prepare(self, "shop");
  auto& state = self->state;
  state.self = self;
  state.options = std::move(options);
  state.printer = counting_printer::make(state.options.time);
  state.box = start_box(self->system(), *shared, state.options, state.printer);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    caf::anon_send_exit(self->state.box, caf::exit_reason::user_shutdown);
    self->quit(std::move(stop.reason));
  });
  state.give_name();
  state.subscribe();
  return {
      [self](const box::event_arrived& message) { self->state.take(message.content->content); },
      [self](const runtime::tick& tick) {
        auto& shop = self->state;
        if (shop.happen.due(self, tick)) return shop.happened();
        if (shop.look.due(self, tick)) return shop.subscribe();
        if (shop.tell.due(self, tick))
          caf::anon_send(shop.options.fleet, std::exchange(shop.counts, {}));
      },
  };
}

} // namespace

caf::actor spawn_shop(caf::actor_system& system, const box::services& shared,
                      shop_options options) {
  return system.spawn(shop, &shared, std::move(options));
}

} // namespace troupe::sim
