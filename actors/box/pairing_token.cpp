#include "actors/box/pairing_state.hpp"
#include "actors/box/server_token.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "messages/codec.hpp"

#include <caf/all.hpp>

#include <utility>

/// The part of pairing that is about connection tokens.
namespace troupe::box {

/// Which token the box starts with: the one given with the start when it is a new one, else the one
/// that was kept. A box that has a server needs none.
void state_of_pairing::take_tokens(const std::string& kept, pairing_core::options& how) {
  auto given = options.token.empty() ? result<server_token>(server_token{})
                                     : read_server_token(options.token);
  auto before = kept.empty() ? result<server_token>(server_token{}) : read_server_token(kept);
  if (server) {
    if (given && given->token && given->token->id != used_token) end_token(given->token->id);
    if (!kept.empty()) put(token_setting, "");
    return;
  }
  if (before && before->token) how.token = before->token;
  if (!given || !given->token || given->token->id == used_token) return;
  if (how.token && how.token->id == given->token->id) return;
  how.token = given->token;
  if (options.url.empty()) how.url = given->url;
  keep_token(options.token, how.url);
}

void state_of_pairing::put(std::string_view setting, std::string json) {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, put_setting{std::string(setting), std::move(json)},
      [](bool) {},
      [](const fault& problem) {
        pairing_log.warning("How the box comes to its server could not be written down: {}",
                            problem.text);
      });
}

void state_of_pairing::keep_token(const std::string& text, const std::string& url) {
  if (options.url.empty()) put(url_setting, to_json(value(url)));
  put(token_setting, to_json(value(text)));
}

/// Should this not get to the disk, the box shows the token again and hears the same.
void state_of_pairing::end_token(const std::string& id) {
  used_token = id;
  put(used_token_setting, to_json(value(id)));
  put(token_setting, "");
}

caf::result<pairing_info> use(pairing_pointer self, const std::string& text) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  auto read = read_server_token(text);
  if (!read) return runtime::to_error(read.error());
  if (state.server)
    return runtime::to_error({"pairing.paired", "This box is connected already.",
                              "Disconnect it first, then give it the token.", 409});
  if (!read->token) return set_url(self, read->url);
  const auto url = state.options.url.empty() ? read->url : state.options.url;
  if (state.options.url.empty()) state.put(url_setting, to_json(value(url)));
  auto promise = self->make_response_promise<pairing_info>();
  runtime::request_then(
      self, state.near.ledger, neighbour_timeout,
      put_setting{std::string(token_setting), to_json(value(text))},
      [self, promise, token = *read->token, url](bool) mutable {
        auto& mine = self->state;
        auto effects = mine.core->use_token(std::move(token), url, mine.now());
        if (!effects) { // connected meanwhile
          mine.put(token_setting, "");
          promise.deliver(runtime::to_error(effects.error()));
          return;
        }
        pairing_log.info("The box was given a token of the server {}",
                         mine.core->token()->server_name);
        mine.carry_out(*std::move(effects));
        promise.deliver(mine.info());
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<pairing_info> offer(pairing_pointer self, const std::string& text) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  if (state.server) return state.info();
  const auto read = read_server_token(text);
  if (!read || !read->token) {
    const fault problem = read ? malformed_server_token() : read.error();
    state.core->token_unreadable(problem);
    state.publish();
    return runtime::to_error(problem);
  }
  const auto& present = state.core->token();
  if (read->token->id == state.used_token || (present && read->token->id == present->id))
    return state.info();
  pairing_log.info("There is a token of the server {} on a stick", read->token->server_name);
  return use(self, text);
}

caf::result<pairing_info> take_away(pairing_pointer self) {
  auto& state = self->state;
  if (!state.core) return runtime::to_error(not_ready());
  if (const auto& token = state.core->token()) state.end_token(token->id);
  state.carry_out(state.core->take_token_away(state.now()));
  return state.info();
}

} // namespace troupe::box
