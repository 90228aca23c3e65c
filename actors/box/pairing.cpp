#include "actors/box/pairing_state.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"
#include "security/digest.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_delay = 1s;
constexpr std::size_t nonce_bytes = 32;

} // namespace

/// The box's memory of its server decides everything; nothing happens before it is read.
void state_of_pairing::load() {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_settings{"link."},
      [this](const setting_list& list) { loaded(list); },
      [this](const fault& problem) {
        pairing_log.warning("Whether this box has a server is not known yet: {}", problem.text);
        load_again.arm(self, retry_delay);
      });
}

void state_of_pairing::loaded(const setting_list& list) {
  std::string url = options.url, left, kept_token;
  const auto text_of = [](const std::string& json) {
    const auto kept = from_json<value>(json);
    return kept && kept->as_text() != nullptr ? *kept->as_text() : std::string();
  };
  for (const auto& [setting, json] : list.settings) {
    if (setting == note_setting) {
      server = read_note(json);
      if (!server)
        pairing_log.error("The note of this box's server cannot be read and is left out.");
    } else if (setting == url_setting && url.empty())
      url = text_of(json);
    else if (setting == token_setting)
      kept_token = text_of(json);
    else if (setting == used_token_setting)
      used_token = text_of(json);
    else if (setting == left_setting)
      left = text_of(json);
  }
  pairing_core::options how;
  how.box = near.id;
  how.url = std::move(url);
  if (!server) how.left = std::move(left);
  how.power_on = options.power_on;
  how.instance = options.instance;
  how.chance = [] { return static_cast<double>(fast_random() >> 11) * 0x1p-53; };
  how.nonce = [] { return shared_bytes(secure_random(nonce_bytes)); };
  how.new_instance = [] { return random_hex(16); };
  take_tokens(kept_token, how);
  core.emplace(std::move(how));
  take_back_old_slips();
  carry_out(core->start(now(), server != nullptr));
  tell_watchers();
  for (auto& each : std::exchange(early, {}))
    each.deliver(info());
}

void state_of_pairing::carry_out(pairing_core::effects effects) {
  for (auto& each : effects) {
    if (const auto* open = std::get_if<pairing_core::open_link>(&each))
      line.open(caf::actor_cast<caf::actor>(self), options.open, open->url);
    else if (std::holds_alternative<pairing_core::close_link>(each))
      line.close();
    else if (const auto* hello = std::get_if<pairing_core::send_hello>(&each))
      say_hello(*hello);
    else if (const auto* kept = std::get_if<pairing_core::keep_server>(&each))
      keep(*kept);
    else if (const auto* token = std::get_if<pairing_core::drop_token>(&each))
      end_token(token->id);
    else if (std::holds_alternative<pairing_core::show_code>(each)) {
      pairing_log.info("The server gave a code; it stands on the homepage.");
      print_slips();
    } else if (std::holds_alternative<pairing_core::code_gone>(each))
      take_back_slips();
    else if (std::holds_alternative<pairing_core::farewell_told>(each))
      caf::anon_send(near.ledger, put_setting{std::string(left_setting), ""});
  }
  if (const auto next = core->next_wake())
    wake.arm_at(self, *next);
  else
    wake.cancel();
  publish();
}

void state_of_pairing::say_hello(const pairing_core::send_hello& wanted) {
  runtime::request_then(
      self, near.identity, neighbour_timeout, get_identity{},
      [this, wanted](const identity_info& me) {
        link::hello hello;
        hello.wish = wanted.wish;
        hello.box = near.id;
        hello.name = me.name;
        hello.version = shared->version;
        hello.public_key = options.key.public_key();
        hello.nonce = wanted.nonce;
        hello.instance = wanted.instance;
        hello.valid_for = wanted.valid_for;
        if (wanted.token) {
          hello.token = wanted.token->id;
          hello.token_proof = security::prove_token(wanted.token->secret.view(),
                                                    link::token_statement(wanted.asked, hello));
        }
        hello.signature = options.key.sign(link::box_statement(wanted.asked, hello));
        line.send(hello);
      },
      [](const fault& problem) {
        pairing_log.warning("The box's name is not known: {}", problem.text);
      });
}

void state_of_pairing::keep(const pairing_core::keep_server& wanted) {
  auto note = std::make_shared<server_note>();
  note->pairing = random_hex(16);
  note->id = wanted.who.server;
  note->name = wanted.who.server_name;
  note->key = wanted.who.server_key;
  note->url = wanted.url;
  note->person = wanted.who.person;
  note->since = runtime::wall_now(self);
  auto json = note_json(*note);
  runtime::request_then(
      self, near.ledger, neighbour_timeout, put_setting{std::string(note_setting), std::move(json)},
      [this, note](bool) {
        server = note;
        why.clear();
        pairing_log.info("{} connected this box to the server {}", note->person, note->name);
        if (const auto& token = core->token()) end_token(token->id);
        carry_out(core->kept(now()));
        tell_watchers();
      },
      [this](const fault& problem) {
        pairing_log.error("Who this box's server is could not be written down: {}", problem.text);
        carry_out(core->not_kept(problem, now()));
      });
}

/// The server with its present address: what was set later wins over what was noted at pairing.
server_note_ptr state_of_pairing::present_server() const {
  if (!server || !core || core->url().empty() || core->url() == server->url) return server;
  auto moved = std::make_shared<server_note>(*server);
  moved->url = core->url();
  return moved;
}

void state_of_pairing::tell_watchers() {
  watchers.tell(server_changed{present_server()});
}

pairing_info state_of_pairing::info() const {
  pairing_info out;
  out.state = core->state();
  out.code = core->code();
  out.connect_url = core->connect_url();
  out.url = core->url().empty() && server ? server->url : core->url();
  out.configured = !options.url.empty();
  out.server = present_server();
  if (const auto& token = core->token())
    out.token = shown_token{token->id, token->server_name, token->url, token->expires};
  out.token_problem = core->token_problem();
  out.text = out.server ? "This box is connected to " + server->name + "." : core->text();
  out.remedy = core->remedy();
  out.why = why;
  if (!out.code.empty())
    out.expires_at = runtime::wall_now(self) +
                     std::chrono::duration_cast<std::chrono::microseconds>(core->expires() - now());
  return out;
}

/// Told when the words change, not at each attempt.
void state_of_pairing::publish() {
  const auto present = info();
  value::object data{{"state", std::string(name_of(present.state))},
                     {"text", present.text},
                     {"remedy", present.remedy},
                     {"why", present.why},
                     {"url", present.url}};
  if (present.token) data["token"] = value::object{{"server_name", present.token->server_name}};
  if (!present.token_problem.code.empty())
    data["token_problem"] = value::object{{"code", present.token_problem.code},
                                          {"text", present.token_problem.text},
                                          {"remedy", present.token_problem.remedy}};
  if (server) data["server"] = value::object{{"id", server->id}, {"name", server->name}};
  if (!present.code.empty())
    data["expires_at"] = to_rfc3339(std::chrono::floor<std::chrono::seconds>(present.expires_at));
  publish_event message;
  message.content.type = "pairing.changed";
  message.content.data = value(data);
  data.erase("expires_at");
  auto words = to_json(value(std::move(data))) + security::sha256_hex(present.code);
  if (words == published) return;
  const bool news = !published.empty() ||
                    (present.state != pairing_state::off && present.state != pairing_state::paired);
  published = std::move(words);
  if (!news) return;
  caf::anon_send(near.events, std::move(message));
}

fault not_ready() {
  return {"pairing.starting", "The box is starting.", "Try again in a moment.", 503};
}

caf::result<pairing_info> set_url(pairing_pointer self, const std::string& typed) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  if (!state.options.url.empty())
    return runtime::to_error({"server.configured",
                              "The server's address stands in the box's configuration.",
                              "Change server.url there, and restart the box.", 409});
  std::string url;
  if (!typed.empty()) {
    auto checked = checked_server_url(typed);
    if (!checked) return runtime::to_error(checked.error());
    url = *std::move(checked);
  }
  auto promise = self->make_response_promise<pairing_info>();
  const auto json = url.empty() ? std::string() : to_json(value(url));
  runtime::request_then(
      self, state.near.ledger, neighbour_timeout, put_setting{std::string(url_setting), json},
      [self, promise, url](bool) mutable {
        auto& mine = self->state;
        mine.carry_out(mine.core->set_url(url, mine.now()));
        if (mine.server) mine.tell_watchers();
        promise.deliver(mine.info());
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

namespace {

caf::result<pairing_info> renew(pairing_pointer self) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  auto effects = state.core->renew(state.now());
  if (!effects) return runtime::to_error(effects.error());
  state.carry_out(*std::move(effects));
  return state.info();
}

/// Erases the note; whoever restarts in between is still connected, or owes the farewell.
void erase_note(pairing_pointer self, const std::string& left, const std::string& why,
                caf::typed_response_promise<pairing_info> promise) {
  runtime::request_then(
      self, self->state.near.ledger, neighbour_timeout, put_setting{std::string(note_setting), ""},
      [self, left, why, promise](bool) mutable {
        auto& mine = self->state;
        if (mine.server)
          pairing_log.info("This box is no longer connected to {}", mine.server->name);
        mine.server = nullptr;
        mine.why = why;
        mine.tell_watchers();
        mine.carry_out(mine.core->forget(left, mine.now()));
        promise.deliver(mine.info());
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
}

caf::result<pairing_info> forget(pairing_pointer self, const std::string& why) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  if (!state.server) return state.info();
  auto promise = self->make_response_promise<pairing_info>();
  if (!why.empty()) {
    erase_note(self, {}, why, promise);
    return promise;
  }
  const auto left = state.server->id;
  runtime::request_then(
      self, state.near.ledger, neighbour_timeout,
      put_setting{std::string(left_setting), to_json(value(left))},
      [self, left, promise](bool) { erase_note(self, left, {}, promise); },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

void watch_devices_of(pairing_pointer self) {
  runtime::request_then(
      self, self->state.near.directory, neighbour_timeout,
      watch_devices{caf::actor_cast<caf::actor>(self)},
      [self](const device_list_ptr& list) {
        self->state.devices = list;
        self->state.print_slips();
      },
      [](const fault& problem) {
        pairing_log.warning("The printers are not known: {}", problem.text);
      });
}

void watch_name_of(pairing_pointer self) {
  runtime::request_then(
      self, self->state.near.identity, neighbour_timeout,
      watch_identity{caf::actor_cast<caf::actor>(self)}, [](const identity_info&) {},
      [](const fault& problem) {
        pairing_log.warning("A new name of the box will not be noticed: {}", problem.text);
      });
}

void watch_network_of(pairing_pointer self) {
  runtime::request_then(
      self, self->state.near.network, neighbour_timeout,
      watch_network{caf::actor_cast<caf::actor>(self)}, [](const network_info_ptr&) {},
      [](const fault& problem) {
        pairing_log.warning("A change of the network will not be noticed: {}", problem.text);
      });
}

void watch_proxy_of(pairing_pointer self) {
  runtime::request_then(
      self, self->state.near.proxy, neighbour_timeout,
      watch_proxy{caf::actor_cast<caf::actor>(self)}, [](bool) {},
      [](const fault& problem) {
        pairing_log.warning("Another proxy will not be noticed: {}", problem.text);
      });
}

pairing_self::behavior_type pairing(pairing_pointer self, const services* shared,
                                    link_options options, pairing_neighbours neighbours) {
  runtime::prepare(self, "pairing");
  auto& state = self->state;
  state.self = self;
  state.shared = shared;
  state.options = std::move(options);
  state.near = std::move(neighbours);
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.watchers.remove(down.source); });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.line.close("The box ends.");
    self->quit(std::move(stop.reason));
  });
  state.load();
  watch_name_of(self);
  if (state.near.network) watch_network_of(self);
  if (state.near.proxy) watch_proxy_of(self);
  if (state.options.print_codes) watch_devices_of(self);
  return {
      [self](const get_pairing&) -> caf::result<pairing_info> {
        if (self->state.core) return self->state.info();
        auto promise = self->make_response_promise<pairing_info>();
        self->state.early.push_back(promise);
        return promise;
      },
      [self](const set_server_url& wanted) { return set_url(self, wanted.url); },
      [self](const renew_code&) { return renew(self); },
      [self](const use_token& given) { return use(self, given.text); },
      [self](const offer_token& offered) { return offer(self, offered.text); },
      [self](const take_token_away&) { return take_away(self); },
      [self](const forget_server& wanted) { return forget(self, wanted.why); },
      [self](const watch_server& wanted) {
        self->state.watchers.add(self, wanted.watcher);
        return server_changed{self->state.present_server()};
      },
      [self](const link_frame_arrived& arrived) {
        auto& mine = self->state;
        if (mine.line.is_present(arrived.connection))
          mine.carry_out(mine.core->received(*arrived.frame, mine.now()));
      },
      [self](const link_ended& ended) {
        auto& mine = self->state;
        if (mine.line.is_present(ended.connection))
          mine.carry_out(mine.core->ended(ended.why, mine.now()));
      },
      [self](const devices_changed& changed) {
        self->state.devices = changed.devices;
        self->state.print_slips();
      },
      [self](const identity_changed&) {
        auto& mine = self->state;
        if (mine.core) mine.carry_out(mine.core->renamed(mine.now()));
      },
      [self](const network_changed& changed) {
        auto& mine = self->state;
        mine.line.network_changed(all_addresses(*changed.network));
        if (mine.core) mine.carry_out(mine.core->network_changed(mine.now()));
      },
      [self](const proxy_changed&) {
        auto& mine = self->state;
        if (mine.core) mine.carry_out(mine.core->way_changed(mine.now()));
      },
      [self](const runtime::tick& tick) {
        auto& mine = self->state;
        if (mine.load_again.due(self, tick))
          mine.load();
        else if (mine.wake.due(self, tick))
          mine.carry_out(mine.core->woke(mine.now()));
      },
  };
}

} // namespace

pairing_actor spawn_pairing(caf::actor_system& system, const services& shared, link_options options,
                            pairing_neighbours neighbours) {
  return system.spawn(pairing, &shared, std::move(options), std::move(neighbours));
}

} // namespace troupe::box
