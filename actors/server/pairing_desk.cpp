#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/box_session.hpp"
#include "actors/server/pairing_desk_core.hpp"
#include "actors/server/pairing_links.hpp"
#include "messages/random.hpp"

#include <caf/all.hpp>

#include <map>

namespace troupe::server {
namespace {

const runtime::logger log_("server.pairing");

using desk_self = pairing_links_actor::extend<caf::reacts_to<runtime::tick>>;

struct visitor {
  caf::actor session;
  box_id box;
  std::string name;
  shared_bytes public_key;
};

struct desk_state {
  desk_state()
      : core([] {
          constexpr std::size_t more_than_enough = 32;
          return code_from(secure_random(more_than_enough));
        }) {}
  static inline const char* name = "pairing_desk";

  desk_self::stateful_pointer<desk_state> self = nullptr;
  fleet_links_actor fleet;
  bus_actor bus;
  pairing_desk_core core;
  std::map<std::uint64_t, visitor> visitors; ///< open connections, by visit
  std::uint64_t visits = 0;
  runtime::timer end{1};
  runtime::limit* waiting = nullptr;
  runtime::counter* wrong = nullptr;

  result<code_to_show> wait(const wait_for_owner& message);
  caf::result<claimed_box> claim(const claim_code& message);
  void add(const pairing_desk_core::claim& taken, const claim_code& message,
           caf::typed_response_promise<claimed_box> promise);
  void expire();
  void plan();
};

std::string key_text(const shared_bytes& public_key) {
  return std::string(public_key.text());
}

void desk_state::plan() {
  waiting->set_fill(core.size());
  if (const auto next = core.next_end())
    end.arm_at(self, *next);
  else
    end.cancel();
}

result<code_to_show> desk_state::wait(const wait_for_owner& message) {
  const auto visit = ++visits;
  auto given = core.wait(key_text(message.public_key), message.instance, message.valid_for, visit,
                         runtime::now(self));
  if (!given) return given.error();
  if (const auto older = visitors.find(given->replaced); older != visitors.end()) {
    caf::anon_send(older->second.session, end_link{link_end::replaced});
    visitors.erase(older);
  }
  self->monitor(message.session);
  visitors.emplace(visit, visitor{message.session, message.box, message.name, message.public_key});
  plan();
  return code_to_show{std::move(given->code), given->expires_in};
}

caf::result<claimed_box> desk_state::claim(const claim_code& message) {
  auto taken = core.take(message.code, message.person, message.address, runtime::now(self));
  if (!taken) {
    wrong->add();
    log_.info("A code typed by \"{}\" was not taken: {}", message.person, taken.error().code);
    return runtime::to_error(std::move(taken.error()));
  }
  auto promise = self->make_response_promise<claimed_box>();
  add(*taken, message, promise);
  return promise;
}

void desk_state::add(const pairing_desk_core::claim& taken, const claim_code& message,
                     caf::typed_response_promise<claimed_box> promise) {
  const auto& from = visitors.at(taken.visit);
  runtime::request_then(
      self, fleet, neighbour_timeout, add_box{from.box, from.name, from.public_key, message.person},
      [this, key = taken.key, session = from.session, person = message.person,
       promise](const fleet_box_ptr& box) mutable {
        core.settle(key, true);
        plan();
        caf::anon_send(session, tell_paired{person});
        event claimed;
        claimed.time = runtime::wall_now(self);
        claimed.type = "pairing.claimed";
        claimed.data =
            value::object{{"box", box->id.text}, {"name", box->name}, {"person", person}};
        publish_batch batch{box->id, {}, {std::move(claimed)}};
        runtime::request_then(
            self, bus, neighbour_timeout, std::move(batch), [](std::uint64_t) {},
            [](const fault& problem) {
              log_.warning("An event could not be written: {}", problem.text);
            });
        promise.deliver(claimed_box{box->id, box->name});
      },
      [this, key = taken.key, promise](const fault& problem) mutable {
        core.settle(key, false);
        promise.deliver(runtime::to_error(problem));
      });
}

void desk_state::expire() {
  for (const auto& each : core.expire(runtime::now(self))) {
    const auto found = visitors.find(each.visit);
    if (found == visitors.end()) continue;
    caf::anon_send(found->second.session, end_link{link_end::expired});
    visitors.erase(found);
  }
  plan();
}

desk_self::behavior_type desk(desk_self::stateful_pointer<desk_state> self, const services* shared,
                              fleet_links_actor fleet, bus_actor bus) {
  runtime::prepare(self, "pairing_desk");
  auto& mine = self->state;
  mine.self = self;
  mine.fleet = std::move(fleet);
  mine.bus = std::move(bus);
  mine.waiting = &shared->limits.declare("pairing.waiting", "boxes", waiting_codes_bound,
                                         runtime::limit_policy::refuse);
  mine.waiting->set_fill(0);
  mine.wrong = &shared->metrics.count("troupe_pairing_refused_total", "Codes that were not taken.");
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    for (auto at = state.visitors.begin(); at != state.visitors.end(); ++at)
      if (at->second.session.address() == down.source) {
        state.core.leave(key_text(at->second.public_key), at->first);
        state.visitors.erase(at);
        return;
      }
  });
  return {
      runtime::traced([self](const claim_code& message) { return self->state.claim(message); }),
      [self](const wait_for_owner& message) -> caf::result<code_to_show> {
        return runtime::to_answer(self->state.wait(message));
      },
      [self](const runtime::tick& tick) {
        if (self->state.end.due(self, tick)) self->state.expire();
      },
  };
}

} // namespace

pairing_links_actor spawn_pairing_desk(caf::actor_system& system, const services& shared,
                                       fleet_links_actor fleet, bus_actor bus) {
  return system.spawn(desk, &shared, std::move(fleet), std::move(bus));
}

} // namespace troupe::server
