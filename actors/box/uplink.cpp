#include "actors/box/uplink_state.hpp"
#include "actors/box/way_words.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"

#include <algorithm>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr const char* position_setting = "link.position";
constexpr std::size_t nonce_bytes = 32;

void time_came(uplink_state& state, const runtime::tick& tick) {
  auto* self = state.self;
  if (state.wake.due(self, tick)) {
    if (state.core) state.carry_out(state.core->woke(state.now()));
  } else if (state.live.due(self, tick)) {
    state.send_values();
  } else if (state.snapshot.due(self, tick)) {
    state.send_snapshot();
  } else if (state.traces.due(self, tick)) {
    state.send_traces();
  } else if (state.again.due(self, tick)) {
    if (!state.core)
      state.load_position();
    else if (state.core->state() == link_state::unpaired && state.server)
      state.forget(state.core->text());
    else
      state.pump();
  } else if (state.ack_due.due(self, tick)) {
    if (state.linked() && !state.window.empty())
      state.carry_out(state.core->give_up("The server does not confirm events.", state.now()));
  } else if (state.clock.due(self, tick)) {
    state.look_at_clock();
  } else if (state.restart.due(self, tick)) {
    if (state.options.restart) state.options.restart();
  }
}

void frame_came(uplink_state& state, const link::server_frame& frame) {
  const bool was_linked = state.linked();
  state.carry_out(state.core->received(frame, state.now()));
  if (!was_linked) return;
  if (const auto* wanted = std::get_if<link::command>(&frame)) {
    const trace_scope scope(wanted->trace);
    state.take_command(*wanted);
  } else if (const auto* asked = std::get_if<link::ask_time>(&frame)) {
    const auto here = runtime::wall_now(state.self);
    state.send(link::time_told{asked->number, here, here});
  } else if (const auto* ack = std::get_if<link::event_ack>(&frame)) {
    state.confirmed(ack->sequence);
  }
}

uplink_self::behavior_type uplink(uplink_pointer self, const services* shared,
                                  uplink_options options, uplink_neighbours neighbours) {
  runtime::prepare(self, "uplink");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.options = std::move(options);
  state.near = std::move(neighbours);
  self->set_exit_handler([self](caf::exit_msg& stop) {
    if (self->state.linked()) self->state.send(link::bye{{}, "The box ends."});
    self->state.line.close("The box ends.");
    self->quit(std::move(stop.reason));
  });
  state.start();
  return {
      [self](const get_link&) { return self->state.info(); },
      [self](const homepage_listens&) { self->state.snapshot_soon(); },
      [self](const link_frame_arrived& arrived) {
        auto& mine = self->state;
        if (mine.core && mine.line.is_present(arrived.connection)) frame_came(mine, *arrived.frame);
      },
      [self](const link_ended& ended) {
        auto& mine = self->state;
        if (mine.core && mine.line.is_present(ended.connection))
          mine.carry_out(mine.core->ended(ended.why, mine.now()));
      },
      [self](const server_changed& changed) { self->state.server_is(changed.server); },
      [self](const event_arrived& arrived) { self->state.take_event(arrived.content); },
      [self](const devices_changed& changed) {
        self->state.devices = changed.devices;
        self->state.snapshot_soon();
      },
      [self](const network_changed& changed) {
        auto& mine = self->state;
        mine.network = changed.network;
        mine.line.network_changed(all_addresses(*changed.network));
        if (mine.core) mine.carry_out(mine.core->network_changed(mine.now()));
        mine.snapshot_soon();
      },
      [self](const proxy_changed&) {
        auto& mine = self->state;
        if (mine.core) mine.carry_out(mine.core->way_changed(mine.now()));
      },
      [self](const log_arrived& arrived) { self->state.take_lines(arrived); },
      [self](const runtime::tick& tick) { time_came(self->state, tick); },
  };
}

} // namespace

void uplink_state::start() {
  since = runtime::wall_now(self);
  const auto me = caf::actor_cast<caf::actor>(self);
  const auto note = [](const char* what) {
    return [what](const fault& problem) {
      uplink_log.warning("{} not known: {}", what, problem.text);
    };
  };
  batches = &shared->limits.declare("uplink.batches", "batches of events",
                                    event_window::batches_in_flight, runtime::limit_policy::refuse);
  lines_limit = &shared->limits.declare("uplink.lines", "log lines", upward_lines_bound,
                                        runtime::limit_policy::drop_oldest);
  load_position();
  load_commands();
  runtime::request_then(
      self, near.events, neighbour_timeout, subscribe_events{me, std::nullopt, {}},
      [this](std::uint64_t last) { newest = std::max(newest, last); },
      note("What happens on this box is"));
  runtime::request_then(
      self, near.directory, neighbour_timeout, watch_devices{me},
      [this](const device_list_ptr& list) {
        devices = list;
        snapshot_soon();
      },
      note("The devices are"));
  runtime::request_then(
      self, near.network, neighbour_timeout, watch_network{me},
      [this](const network_info_ptr& info) {
        network = info;
        snapshot_soon();
      },
      note("The addresses are"));
  if (near.proxy)
    runtime::request_then(
        self, near.proxy, neighbour_timeout, watch_proxy{me}, [](bool) {}, note("The proxy is"));
  if (near.tracer)
    runtime::request_then(
        self, near.tracer, neighbour_timeout, follow_log{me, runtime::log_level::warning},
        [](bool) {}, note("The log is"));
}

/// Where the numbering stands; nothing is said to a server before this is known.
void uplink_state::load_position() {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_buffer{},
      [this](const event_buffer& buffer) { forwarded = buffer.forwarded.value_or(0); },
      [](const fault& problem) {
        uplink_log.warning("What was forwarded is not known: {}", problem.text);
      });
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_settings{position_setting},
      [this](const setting_list& list) {
        for (const auto& [setting, json] : list.settings) {
          const auto kept = from_json<value>(json);
          if (setting != position_setting || !kept) continue;
          pairing = kept->text_or("pairing");
          epoch = kept->text_or("epoch");
          if (const auto* linked_before = (*kept)["linked"].as_bool()) was_linked = *linked_before;
          if (const auto* from = (*kept)["base"].as_integer())
            base = static_cast<std::uint64_t>(*from);
        }
        uplink_core::options how;
        how.box = near.id;
        how.chance = [] { return static_cast<double>(fast_random() >> 11) * 0x1p-53; };
        how.nonce = [] { return shared_bytes(secure_random(nonce_bytes)); };
        core.emplace(std::move(how));
        carry_out(core->set_server(std::nullopt, now()));
        runtime::request_then(
            self, near.pairing, neighbour_timeout, watch_server{caf::actor_cast<caf::actor>(self)},
            [this](const server_changed& present) {
              // Null may mean "not read yet": pairing tells again when it knows.
              if (present.server) server_is(present.server);
            },
            [](const fault& problem) {
              uplink_log.error("Whether this box has a server is not known: {}", problem.text);
            });
      },
      [this](const fault& problem) {
        uplink_log.warning("Where the link stood is not known yet: {}", problem.text);
        again.arm(self, retry_delay);
      });
}

void uplink_state::server_is(server_note_ptr now_is) {
  const bool same =
      server && now_is && server->pairing == now_is->pairing && server->url == now_is->url;
  server = std::move(now_is);
  if (!core || same) return;
  if (!server) {
    if (linked()) send(link::farewell{});
    if (!pairing.empty()) {
      pairing.clear();
      epoch.clear();
      was_linked = false;
      completed.reset();
      caf::anon_send(near.ledger, put_setting{position_setting, ""});
    }
    caf::anon_send(near.ledger, note_forwarded{std::nullopt});
    return give_server_to_core();
  }
  if (server->pairing == pairing && !epoch.empty()) return give_server_to_core();
  // What happened before the box had this server is not this server's.
  runtime::request_then(
      self, near.events, neighbour_timeout, get_last_sequence{},
      [this](std::uint64_t last) { begin_epoch(last, [this] { give_server_to_core(); }); },
      [this](const fault& problem) {
        uplink_log.error("The box's events have no numbers yet: {}", problem.text);
        again.arm(self, retry_delay);
      });
}

void uplink_state::begin_epoch(std::uint64_t after, std::function<void()> then) {
  if (!server) return;
  if (pairing != server->pairing) {
    was_linked = false;
    completed.reset();
  }
  pairing = server->pairing;
  epoch = random_hex(8);
  base = after;
  caf::anon_send(near.ledger, note_forwarded{base});
  put_position(std::move(then));
}

void uplink_state::put_position(std::function<void()> then) {
  auto json = to_json(value(value::object{
      {"pairing", pairing}, {"epoch", epoch}, {"base", value(base)}, {"linked", was_linked}}));
  runtime::request_then(
      self, near.ledger, neighbour_timeout, put_setting{position_setting, std::move(json)},
      [then = std::move(then)](bool) { then(); },
      [this](const fault& problem) {
        uplink_log.error("The box's numbering could not be written down: {}", problem.text);
        if (was_linked) return; // then it is only told once more that the box was connected
        epoch.clear();
        if (core) carry_out(core->give_up("The box's disk takes nothing.", now()));
      });
}

/// The server knows the box and its devices: that was the last step of connecting it.
void uplink_state::note_devices_told(std::size_t count) {
  devices_told = count;
  if (std::exchange(devices_are_told, true)) return;
  if (std::exchange(was_linked, true)) return;
  completed = runtime::wall_now(self);
  put_position([] {});
  published = "connected"; // so that pages hear of this step too
  publish();
}

void uplink_state::give_server_to_core() {
  std::optional<uplink_core::known_server> known;
  if (server) known = uplink_core::known_server{server->id, server->name, server->key, server->url};
  carry_out(core->set_server(std::move(known), now()));
}

void uplink_state::carry_out(uplink_core::effects effects) {
  for (auto& each : effects) {
    if (const auto* open = std::get_if<uplink_core::open_link>(&each))
      line.open(caf::actor_cast<caf::actor>(self), options.link.open, open->url);
    else if (std::holds_alternative<uplink_core::close_link>(each))
      line.close();
    else if (const auto* hello = std::get_if<uplink_core::send_hello>(&each))
      say_hello(*hello);
    else if (const auto* alive = std::get_if<uplink_core::send_alive>(&each))
      send(link::alive{alive->number});
    else if (const auto* up = std::get_if<uplink_core::link_up>(&each))
      link_up(*up);
    else if (std::holds_alternative<uplink_core::link_down>(each)) {
      ++generation;
      devices_are_told = false;
      values.clear();
      ack_due.cancel();
    } else if (std::holds_alternative<uplink_core::new_epoch>(each)) {
      uplink_log.warning(
          "The server knows events that this box never had (an old copy of its disk?); "
          "they are numbered anew.");
      begin_epoch(std::max({base, forwarded, window.acked()}), [] {});
    } else if (std::holds_alternative<uplink_core::forget_server>(each))
      forget(core->text());
  }
  if (const auto next = core->next_wake())
    wake.arm_at(self, *next);
  else
    wake.cancel();
  publish();
}

void uplink_state::say_hello(const uplink_core::send_hello& wanted) {
  runtime::request_then(
      self, near.identity, neighbour_timeout, get_identity{},
      [this, wanted](const identity_info& me) {
        runtime::request_then(
            self, near.events, neighbour_timeout, get_last_sequence{},
            [this, wanted, me](std::uint64_t last) {
              if (epoch.empty() || !core->hello_wanted(wanted.nonce)) return;
              link::hello hello;
              hello.box = near.id;
              hello.name = me.name;
              hello.version = shared->version;
              hello.public_key = options.link.key.public_key();
              hello.nonce = wanted.nonce;
              hello.instance = options.link.instance;
              hello.epoch = epoch;
              hello.first_event = base + 1;
              hello.last_event = last;
              hello.signature = options.link.key.sign(link::box_statement(wanted.asked, hello));
              core->hello_sent(last);
              send(std::move(hello));
            },
            [](const fault& problem) { uplink_log.warning("No hello: {}", problem.text); });
      },
      [](const fault& problem) { uplink_log.warning("No hello: {}", problem.text); });
}

void uplink_state::link_up(const uplink_core::link_up& up) {
  ++generation;
  asking = false;
  up_at = now();
  server_time = up.server_time;
  look_at_clock();
  window.start(std::max(up.last_event, base));
  caf::anon_send(near.ledger, note_forwarded{window.acked()});
  uplink_log.info("Linked to {}.", server ? server->name : std::string());
  send_snapshot();
  tell_losses();
  pump();
  if (!lines.empty()) traces.arm(self, 0s);
}

/// A clock that is off by much spoils certificates and time-stamps: a person is told.
void uplink_state::look_at_clock() {
  if (!linked() || server_time == time_point{}) return;
  const auto theirs =
      server_time + std::chrono::duration_cast<std::chrono::microseconds>(now() - up_at);
  auto off = clock_fault(runtime::wall_now(self), theirs);
  clock.arm(self, off ? clock_soon : clock_later);
  core->clock_is(std::move(off));
  publish();
}

/// `why` is empty when the server is to be told of it.
void uplink_state::forget(std::string why) {
  runtime::request_then(
      self, near.pairing, neighbour_timeout, forget_server{std::move(why)},
      [](const pairing_info&) {},
      [this](const fault& problem) {
        uplink_log.error("The server could not be forgotten: {}", problem.text);
        again.arm(self, retry_delay);
      });
}

/// Told when state or reason change, not at each attempt.
void uplink_state::publish() {
  auto words = std::string(name_of(core->state())) + " " + core->code();
  if (words == published) return;
  const bool first = published.empty();
  published = std::move(words);
  since = runtime::wall_now(self);
  if (first && core->state() == link_state::unpaired) return;
  publish_event message;
  message.content.type = "link.changed";
  message.content.data = value::object{{"state", std::string(name_of(core->state()))},
                                       {"code", core->code()},
                                       {"text", core->text()},
                                       {"remedy", core->remedy()},
                                       {"since", to_rfc3339(since)},
                                       {"devices_told", linked() && devices_are_told}};
  caf::anon_send(near.events, std::move(message));
}

uplink_actor spawn_uplink(caf::actor_system& system, const services& shared, uplink_options options,
                          uplink_neighbours neighbours) {
  return system.spawn(uplink, &shared, std::move(options), std::move(neighbours));
}

} // namespace troupe::box
