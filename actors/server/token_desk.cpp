#include "actors/server/token_desk.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "messages/identifiers.hpp"
#include "security/connection_token.hpp"
#include "security/page_token.hpp"
#include "store/fleet_schema.hpp"
#include "transport/cors.hpp"
#include "transport/names.hpp"
#include "transport/url.hpp"
#include "transport/utf8.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

const runtime::logger log_("server.tokens");

constexpr std::size_t id_bytes = 8;
constexpr std::size_t longest_scope_name = 64;
/// With their longest names still a token that fits (`security::longest_page_token`).
constexpr std::size_t most_scope_names = 16;

struct token_desk_state {
  token_desk_state() = default;
  static inline const char* name = "token_desk";

  token_desk_actor::stateful_pointer<token_desk_state> self = nullptr;
  store_actor store;
  server_identity identity;

  time_point now() const { return runtime::wall_now(self); }
  store::audit_entry entry(const changer& by, std::string action, const std::string& target,
                           std::string text) const {
    return {0, now(), by.name, by.address, std::move(action), target, std::move(text)};
  }
  caf::result<made_connection_token> make(const make_connection_token& wanted);
  caf::result<made_page_token> make(const make_page_token& wanted);
  caf::result<connection_tokens> list();
  caf::result<connection_token_ptr> revoke(const revoke_connection_token& wanted);
};

/// What a token is called in the audit.
std::string name_of_token(const store::connection_token_row& row) {
  return row.note.empty() ? row.id : row.note;
}

std::optional<fault> defect_of(const make_connection_token& wanted, time_point now) {
  if (wanted.boxes < 1 || wanted.boxes > store::most_boxes_of_token)
    return fault{"token.bad_boxes",
                 "A token is for 1 to " + std::to_string(store::most_boxes_of_token) + " boxes.",
                 "Give another number of boxes.", 422};
  if (wanted.expires <= now)
    return fault{"token.bad_end", "The token would have expired already.",
                 "Give a date in the future.", 422};
  if (wanted.expires > now + longest_token_life)
    return fault{"token.bad_end", "A token ends after a year at the latest.",
                 "Give an earlier date.", 422};
  return std::nullopt;
}

result<std::string> address_of(const std::string& typed) {
  constexpr std::size_t longest = 300;
  const auto url = transport::parse_url(typed);
  if (typed.size() > longest || !url || (url->scheme != "http" && url->scheme != "https") ||
      url->host.empty() || !url->user.empty() || url->target != "/")
    return fault{"token.bad_url", "\"" + typed.substr(0, 100) + "\" is no address of a server.",
                 "Write it as boxes reach this server: http://server.example:8080.", 422};
  return url->origin();
}

result<store::connection_token_row> row_of(const make_connection_token& wanted, time_point now) {
  if (auto defect = defect_of(wanted, now)) return *defect;
  store::connection_token_row row;
  if (!wanted.note.empty()) {
    auto note = transport::checked_name(wanted.note, "token.bad_note");
    if (!note) return note.error();
    row.note = *std::move(note);
  }
  auto url = address_of(wanted.url);
  if (!url) return url.error();
  row.id = random_hex(id_bytes);
  row.url = *std::move(url);
  row.boxes = row.uses_left = wanted.boxes;
  row.created = now;
  row.expires = std::chrono::floor<std::chrono::seconds>(wanted.expires);
  row.made_by = wanted.by.name;
  row.box_key = wanted.box_key;
  return row;
}

caf::result<made_connection_token> token_desk_state::make(const make_connection_token& wanted) {
  auto row = row_of(wanted, now());
  if (!row) return runtime::to_error(row.error());
  const auto secret = security::make_token_secret();
  row->secret_half = security::token_public_key(secret.view());
  auto noted = entry(wanted.by, "connection_tokens.added", name_of_token(*row),
                     "The connection token " + name_of_token(*row) + " was made, for " +
                         (row->boxes == 1 ? "a box." : std::to_string(row->boxes) + " boxes."));
  auto promise = self->make_response_promise<made_connection_token>();
  run_in_store(
      self, store,
      [row = *row, noted](store::sql_connection& connection) -> result<std::string> {
        if (auto problem = store::add_connection_token(connection, row)) return *problem;
        if (auto problem = store::add_audit(connection, noted)) return *problem;
        return store::read_fact(connection, "server_name");
      },
      [this, promise, row = *row, secret](const std::string& name) mutable {
        const security::connection_token token{row.id,
                                               identity.id,
                                               name.empty() ? identity.name : name,
                                               row.url,
                                               identity.key.public_key(),
                                               secret,
                                               row.expires};
        log_.info("The connection token {} was made by \"{}\"", row.id, row.made_by);
        promise.deliver(
            made_connection_token{std::make_shared<const store::connection_token_row>(row),
                                  security::connection_token_text(token, identity.key)});
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

std::optional<fault> scope_defect(const make_page_token& wanted) {
  for (const auto* names : {&wanted.actions, &wanted.devices}) {
    const bool odd = std::ranges::any_of(*names, [](const std::string& name) {
      return name.empty() || name.size() > longest_scope_name || !transport::is_utf8(name);
    });
    if (odd || names->empty() || names->size() > most_scope_names)
      return fault{"page_token.bad_scope",
                   "A page token names 1 to " + std::to_string(most_scope_names) +
                       " actions and as many devices.",
                   "Say actions such as [\"print\", \"cashbox\"], and devices by their "
                   "identifiers or [\"*\"].",
                   422};
  }
  if (wanted.life < std::chrono::seconds(1) || wanted.life > security::longest_page_token_life)
    return fault{"page_token.bad_life", "A page token lasts 1 to 3600 seconds.",
                 "Let the page fetch another before it ends.", 422};
  return std::nullopt;
}

result<security::page_token> page_token_of(const make_page_token& wanted, time_point now) {
  if (auto defect = scope_defect(wanted)) return *defect;
  security::page_token token;
  if (!wanted.origin.empty()) {
    auto origin = transport::normalized_origin(wanted.origin);
    if (!origin)
      return fault{"page_token.bad_origin",
                   "\"" + wanted.origin.substr(0, 100) + "\" is not an origin.",
                   "An origin is a scheme and a host, such as https://shop.example.", 422};
    token.origin = *std::move(origin);
  }
  token.id = random_hex(id_bytes);
  token.box = wanted.box.text;
  token.actions = wanted.actions;
  token.devices = wanted.devices;
  token.issued = std::chrono::floor<std::chrono::seconds>(now);
  token.expires = token.issued + wanted.life;
  return token;
}

caf::result<made_page_token> token_desk_state::make(const make_page_token& wanted) {
  const auto token = page_token_of(wanted, now());
  if (!token) return runtime::to_error(token.error());
  auto noted = token->origin.empty()
                   ? entry(wanted.by, "box.homepage_opened", wanted.box_name,
                           "The homepage of " + wanted.box_name + " was opened.")
                   : entry(wanted.by, "box.page_token", wanted.box_name,
                           "A page of " + token->origin + " may use " + wanted.box_name + ".");
  auto promise = self->make_response_promise<made_page_token>();
  run_in_store(
      self, store,
      [noted](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::add_audit(connection, noted)) return *problem;
        return true;
      },
      [this, promise, token = *token](bool) mutable {
        promise.deliver(
            made_page_token{security::page_token_text(token, identity.key), token.expires});
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<connection_tokens> token_desk_state::list() {
  auto promise = self->make_response_promise<connection_tokens>();
  run_in_store(
      self, store,
      [](store::sql_connection& connection) { return store::read_connection_tokens(connection); },
      [promise](std::vector<store::connection_token_row> all) mutable {
        promise.deliver(connection_tokens{std::move(all)});
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<connection_token_ptr> token_desk_state::revoke(const revoke_connection_token& wanted) {
  auto promise = self->make_response_promise<connection_token_ptr>();
  run_in_store(
      self, store,
      [id = wanted.id, at = now(), noted = entry(wanted.by, "connection_tokens.revoked", "", "")](
          store::sql_connection& connection) mutable -> result<store::connection_token_row> {
        const auto before = store::find_connection_token(connection, id);
        if (!before) return before.error();
        auto row = store::revoke_connection_token(connection, id, at);
        if (!row || (*before)->revoked != time_point{}) return row;
        noted.target = name_of_token(*row);
        noted.text = "The connection token " + noted.target + " was revoked.";
        if (auto problem = store::add_audit(connection, noted)) return *problem;
        return row;
      },
      [promise](const store::connection_token_row& row) mutable {
        promise.deliver(
            connection_token_ptr(std::make_shared<const store::connection_token_row>(row)));
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

token_desk_actor::behavior_type
token_desk(token_desk_actor::stateful_pointer<token_desk_state> self, store_actor store,
           server_identity identity) {
  runtime::prepare(self, "token_desk");
  auto& mine = self->state;
  mine.self = self;
  mine.store = std::move(store);
  mine.identity = std::move(identity);
  return {
      [self](const make_connection_token& wanted) { return self->state.make(wanted); },
      [self](const make_page_token& wanted) { return self->state.make(wanted); },
      [self](const get_connection_tokens&) { return self->state.list(); },
      [self](const revoke_connection_token& wanted) { return self->state.revoke(wanted); },
  };
}

} // namespace

token_desk_actor spawn_token_desk(caf::actor_system& system, store_actor store,
                                  server_identity identity) {
  return system.spawn(token_desk, std::move(store), std::move(identity));
}

} // namespace troupe::server
