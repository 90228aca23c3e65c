#include "actors/box/pairing_core.hpp"

#include "actors/box/way_words.hpp"
#include "security/signing_key.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t code_letters = 8;

bool is_code(std::string_view text) {
  return text.size() == code_letters &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

} // namespace

std::string shown_code(std::string_view code) {
  if (code.size() != code_letters) return std::string(code);
  return std::string(code.substr(0, 4)) + "-" + std::string(code.substr(4));
}

pairing_core::effects pairing_core::start(time now, bool paired) {
  instance_ = given_.instance;
  deadline_ = given_.power_on + code_lifetime;
  effects out;
  if (paired) {
    say(pairing_state::paired, "This box is connected to its server.");
    return out;
  }
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::set_url(std::string url, time now) {
  effects out;
  if (url == given_.url) return out;
  given_.url = std::move(url);
  if (state_ == pairing_state::paired) return out;
  drop_link(out);
  drop_code(out);
  begin_period(now); // the old code, if any, was another server's
  try_now(out, now);
  return out;
}

namespace {

fault already_paired() {
  return {"pairing.paired", "This box is connected already.",
          "Disconnect it first, then it shows a code again.", 409};
}

} // namespace

result<pairing_core::effects> pairing_core::use_token(security::connection_token token,
                                                      std::string url, time now) {
  if (state_ == pairing_state::paired || phase_ == phase::keeping) return already_paired();
  effects out;
  drop_link(out);
  drop_code(out);
  given_.token = std::move(token);
  given_.url = std::move(url);
  token_problem_ = {};
  begin_period(now);
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::take_token_away(time now) {
  effects out;
  token_problem_ = {};
  if (!given_.token || phase_ == phase::keeping) return out;
  drop_link(out);
  given_.token.reset();
  begin_period(now);
  try_now(out, now);
  return out;
}

result<pairing_core::effects> pairing_core::renew(time now) {
  if (state_ == pairing_state::paired || phase_ == phase::keeping) return already_paired();
  if (given_.token)
    return fault{"pairing.has_token", "This box has a token and needs no code.",
                 "Take the token away first.", 409};
  if (given_.url.empty())
    return fault{"pairing.no_server", "No server is set that could give a code.",
                 "Set the server's address first.", 409};
  effects out;
  drop_link(out);
  drop_code(out);
  begin_period(now);
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::renamed(time now) {
  effects out;
  if (phase_ != phase::asked && phase_ != phase::waiting) return out;
  drop_link(out);
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::forget(std::string left, time now) {
  effects out;
  if (state_ != pairing_state::paired && phase_ != phase::keeping) return out;
  given_.left = std::move(left);
  drop_link(out);
  begin_period(now);
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::received(const link::server_frame& frame, time now) {
  effects out;
  if (phase_ == phase::rest || phase_ == phase::keeping) return out;
  std::visit(
      [&](const auto& each) {
        using frame_type = std::decay_t<decltype(each)>;
        if constexpr (requires { take(each, out, now); })
          take(each, out, now);
        else if constexpr (!std::is_same_v<frame_type, link::probe>)
          foreign_frame(out, now);
      },
      frame);
  return out;
}

void pairing_core::take(const link::challenge& frame, effects& out, time now) {
  if (phase_ != phase::opening) return foreign_frame(out, now);
  if (given_.token && frame.server != given_.token->server) return wrong_server(out, now);
  const auto left = std::chrono::duration_cast<seconds>(deadline_ - now);
  server_ = frame.server;
  nonce_ = given_.nonce();
  phase_ = phase::asked;
  patience_ = now + answer_patience;
  wish_ = !given_.left.empty() && given_.left == server_ ? link::link_wish::farewell
                                                         : link::link_wish::pairing;
  out.push_back(
      send_hello{wish_, frame, instance_, nonce_, std::max(left, seconds(1)), given_.token});
}

void pairing_core::take(const link::pairing_code& frame, effects& out, time now) {
  if ((phase_ != phase::asked && phase_ != phase::waiting) || !is_code(frame.code))
    return foreign_frame(out, now);
  if (given_.token) { // a code of whoever answers there must not be shown
    drop_link(out);
    say(pairing_state::failed, "The server at " + given_.url + " takes no tokens.",
        "Update the server; or take the token away, and connect the box with its code.");
    return try_later(now, back_off_.next(given_.chance()));
  }
  phase_ = phase::waiting;
  patience_.reset();
  back_off_.reset();
  if (wish_ == link::link_wish::farewell) drop_farewell(out); // noted before a code is given
  if (frame.code != code_) {
    drop_code(out);
    code_ = frame.code;
    out.push_back(show_code{});
  }
  connect_url_ = frame.connect_url;
  expires_ = std::min<time>(deadline_, now + std::max(frame.expires_in, seconds(1)));
  say(pairing_state::waiting, "Type this code under \"Connect\" on the server.");
}

void pairing_core::take(const link::paired& frame, effects& out, time now) {
  if (phase_ != phase::asked && phase_ != phase::waiting) return foreign_frame(out, now);
  if (!proves(frame)) {
    drop_link(out);
    say(pairing_state::failed, "The server could not prove that it is " + frame.server_name + ".",
        "Look at the server's address; something may stand between box and server.");
    return try_later(now, back_off_.next(given_.chance()));
  }
  phase_ = phase::keeping;
  patience_.reset();
  out.push_back(keep_server{frame, given_.url});
}

bool pairing_core::proves(const link::paired& frame) const {
  if (given_.token && !(frame.server_key == given_.token->server_key)) return false;
  const auto statement = link::server_statement("paired", frame.server, given_.box, nonce_);
  return frame.server == server_ &&
         security::verify(frame.server_key.view(), statement, frame.proof.view());
}

/// Only the token's own server can say that it is void.
bool pairing_core::ends_token(const link::refuse& frame) const {
  if (!given_.token || phase_ != phase::asked || !frame.code.starts_with("token.")) return false;
  const auto statement = link::server_statement("refuse" + frame.code, server_, given_.box, nonce_);
  return security::verify(given_.token->server_key.view(), statement, frame.proof.view());
}

void pairing_core::take(const link::refuse& frame, effects& out, time now) {
  if (ends_token(frame)) {
    out.push_back(drop_token{given_.token->id});
    drop_link(out);
    given_.token.reset();
    token_problem_ = {frame.code, frame.text, frame.remedy};
    begin_period(now);
    return try_now(out, now); // for a code
  }
  if (frame.code == "pairing.expired") return expire(out);
  drop_link(out);
  say(pairing_state::failed, frame.text.empty() ? "The server refused this box." : frame.text,
      frame.remedy);
  const milliseconds asked = frame.retry_after;
  try_later(now, asked > milliseconds(0) ? asked : back_off_.next(given_.chance()));
  told_to_wait_ = asked > milliseconds(0);
}

void pairing_core::take(const link::bye& frame, effects& out, time now) {
  drop_link(out);
  say(code_.empty() ? pairing_state::connecting : pairing_state::waiting,
      "The server takes a break and will be back.", "The box tries again by itself.");
  const milliseconds asked = frame.come_back_in;
  try_later(now, asked > milliseconds(0) ? asked : back_off_.next(given_.chance()));
  told_to_wait_ = asked > milliseconds(0);
}

void pairing_core::wrong_server(effects& out, time now) {
  drop_link(out);
  say(pairing_state::failed,
      "At " + given_.url + " answers another server than the one that made the token, " +
          given_.token->server_name + ".",
      "Look at the server's address, or use a token of the server that is there.");
  try_later(now, back_off_.next(given_.chance()));
}

/// What has no place here: another program, or a defect.
void pairing_core::foreign_frame(effects& out, time now) {
  drop_link(out);
  say(pairing_state::failed, "What answers at " + given_.url + " does not speak as a server does.",
      "Look at the address and at the versions of box and server.");
  try_later(now, back_off_.next(given_.chance()));
}

pairing_core::effects pairing_core::ended(const fault& why, time now) {
  effects out;
  if (phase_ == phase::rest || phase_ == phase::keeping) return out;
  phase_ = phase::rest;
  patience_.reset();
  if (given_.token)
    say(pairing_state::connecting,
        "The box has a token of " + given_.token->server_name + ", which cannot be reached. " +
            why.text,
        "The box connects by itself as soon as it reaches the server.");
  else if (!code_.empty())
    say(pairing_state::waiting, "The server cannot be reached at the moment. " + why.text,
        "The code counts again when the server is back.");
  else
    say(pairing_state::connecting, "The server cannot be reached. " + why.text,
        remedy_helps(why)
            ? why.remedy
            : "Look at the address and at the network; the box tries again by itself.");
  try_later(now, back_off_.next(given_.chance()));
  return out;
}

pairing_core::effects pairing_core::network_changed(time now) {
  effects out;
  if (state_ == pairing_state::paired) return out;
  const bool waits = phase_ == phase::rest && retry_ && !told_to_wait_;
  const bool tries = phase_ == phase::opening && now - opened_at_ >= attempt_counts_after;
  if (!waits && !tries) return out;
  drop_link(out);
  back_off_.reset();
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::way_changed(time now) {
  effects out;
  const bool asks = state_ == pairing_state::connecting || state_ == pairing_state::waiting ||
                    state_ == pairing_state::failed;
  if (!asks || phase_ == phase::keeping) return out;
  drop_link(out);
  back_off_.reset();
  try_now(out, now);
  return out;
}

pairing_core::effects pairing_core::kept(time) {
  effects out;
  if (phase_ != phase::keeping) return out;
  drop_link(out);
  drop_code(out);
  drop_farewell(out);
  retry_.reset();
  back_off_.reset();
  given_.token.reset();
  token_problem_ = {};
  say(pairing_state::paired, "This box is connected to its server.");
  return out;
}

pairing_core::effects pairing_core::not_kept(const fault& why, time now) {
  effects out;
  if (phase_ != phase::keeping) return out;
  drop_link(out);
  say(pairing_state::failed, "The box could not write down who its server is. " + why.text,
      why.remedy);
  // The server has the box already and says so again.
  try_later(now, back_off_.next(given_.chance()));
  return out;
}

pairing_core::effects pairing_core::woke(time now) {
  effects out;
  if (state_ == pairing_state::paired || phase_ == phase::keeping) return out;
  const bool over = !code_.empty() ? now >= expires_ : now >= deadline_;
  if (over && !given_.token && state_ != pairing_state::expired && state_ != pairing_state::off) {
    expire(out);
    return out;
  }
  if (patience_ && now >= *patience_) {
    drop_link(out);
    say(code_.empty() ? pairing_state::connecting : pairing_state::waiting,
        "What is at " + given_.url + " took the connection but says nothing.",
        "Look at the address; the box tries again by itself.");
    try_later(now, back_off_.next(given_.chance()));
  }
  if (retry_ && now >= *retry_) try_now(out, now);
  return out;
}

std::optional<pairing_core::time> pairing_core::next_wake() const {
  if (state_ == pairing_state::paired || state_ == pairing_state::off ||
      state_ == pairing_state::expired || phase_ == phase::keeping)
    return std::nullopt;
  std::optional<time> next;
  if (!given_.token) next = code_.empty() ? deadline_ : expires_; // a token has no end here
  if (retry_) next = std::min(next.value_or(*retry_), *retry_);
  if (patience_) next = std::min(next.value_or(*patience_), *patience_);
  return next;
}

void pairing_core::say(pairing_state state, std::string text, std::string remedy) {
  state_ = state;
  text_ = std::move(text);
  remedy_ = std::move(remedy);
}

void pairing_core::begin_period(time now) {
  instance_ = given_.new_instance();
  deadline_ = now + code_lifetime;
  back_off_.reset();
  state_ = pairing_state::off;
}

void pairing_core::try_now(effects& out, time now) {
  retry_.reset();
  if (given_.url.empty())
    return say(pairing_state::off, "This box belongs to no server.",
               "Set the server's address, and the box shows a code to connect it with.");
  if (now >= deadline_ && !given_.token) return expire(out);
  phase_ = phase::opening;
  opened_at_ = now;
  patience_ = now + answer_patience;
  if (code_.empty() && state_ != pairing_state::connecting && state_ != pairing_state::failed)
    say(pairing_state::connecting,
        given_.token ? "The box goes to " + given_.token->server_name + " with its token."
                     : std::string("The box asks the server for a code."));
  out.push_back(open_link{given_.url});
}

void pairing_core::try_later(time now, milliseconds wait) {
  told_to_wait_ = false;
  retry_ = now + wait;
}

void pairing_core::drop_link(effects& out) {
  if (phase_ != phase::rest) out.push_back(close_link{});
  phase_ = phase::rest;
  patience_.reset();
  retry_.reset();
}

void pairing_core::drop_code(effects& out) {
  if (code_.empty()) return;
  code_.clear();
  connect_url_.clear();
  out.push_back(code_gone{});
}

void pairing_core::drop_farewell(effects& out) {
  if (given_.left.empty()) return;
  given_.left.clear();
  out.push_back(farewell_told{});
}

void pairing_core::expire(effects& out) {
  const bool had_code = !code_.empty();
  drop_link(out);
  drop_code(out);
  say(pairing_state::expired,
      had_code ? "The code has expired."
               : "The two hours in which this box asks for a code are over.",
      "Ask for a new code, or switch the box off and on.");
}

} // namespace troupe::box
