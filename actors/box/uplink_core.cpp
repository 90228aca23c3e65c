#include "actors/box/uplink_core.hpp"

#include "actors/box/way_words.hpp"
#include "security/signing_key.hpp"

#include <cmath>
#include <utility>

namespace troupe::box {
namespace {

constexpr double half_life_hours = 0.5;

double hours(std::chrono::steady_clock::duration span) {
  return std::max(0.0, std::chrono::duration<double, std::ratio<3600>>(span).count());
}

} // namespace

void rate_meter::count(time now, double events) {
  weight_ = weight_ * std::exp2(-hours(now - at_) / half_life_hours) + events;
  at_ = now;
}

double rate_meter::per_hour(time now) const {
  constexpr double ln2 = 0.6931471805599453;
  return weight_ * std::exp2(-hours(now - at_) / half_life_hours) * ln2 / half_life_hours;
}

uplink_core::effects uplink_core::set_server(std::optional<known_server> server, time now) {
  effects out;
  drop_link(out, now);
  retry_.reset();
  back_off_.reset();
  server_ = std::move(server);
  if (!server_) {
    stage_ = connect_stage::none;
    say(link_state::unpaired, "", "This box belongs to no server.");
    return out;
  }
  say(link_state::connecting, "", "The box calls its server.");
  try_now(out, now);
  return out;
}

uplink_core::effects uplink_core::received(const link::server_frame& frame, time now) {
  effects out;
  if (phase_ == phase::rest || !server_) return out;
  std::visit(
      [&](const auto& each) {
        if constexpr (requires { take(each, out, now); }) take(each, out, now);
      },
      frame);
  return out;
}

void uplink_core::take(const link::challenge& frame, effects& out, time now) {
  if (phase_ != phase::opening) return;
  if (frame.server != server_->id)
    return wrong_server(out, now, "Another server answers at " + server_->url + ".");
  nonce_ = given_.nonce();
  stage_ = connect_stage::linked;
  phase_ = phase::asked;
  patience_ = now + answer_patience;
  out.push_back(send_hello{frame, nonce_});
}

void uplink_core::take(const link::welcome& frame, effects& out, time now) {
  if (phase_ != phase::asked) return;
  if (!proven("welcome", frame.proof))
    return wrong_server(out, now,
                        "What answers at " + server_->url + " could not prove that it is " +
                            server_->name + ".");
  patience_.reset();
  if (frame.last_event > told_last_) {
    drop_link(out, now);
    out.push_back(new_epoch{});
    return try_now(out, now);
  }
  phase_ = phase::linked;
  stage_ = connect_stage::proven;
  linked_since_ = now;
  retry_.reset();
  if (!frame.server_name.empty()) server_->name = frame.server_name;
  say_linked();
  out.push_back(link_up{frame.last_event, frame.now});
}

void uplink_core::take(const link::refuse& frame, effects& out, time now) {
  const bool believed = proven("refuse" + frame.code, frame.proof);
  drop_link(out, now);
  if (frame.code == "link.unknown_box" && believed) {
    say(link_state::unpaired, frame.code, "The server does not have this box any more.");
    out.push_back(forget_server{});
    return;
  }
  const bool busy = frame.code == "link.busy";
  say(busy ? link_state::waiting : link_state::refused, frame.code,
      frame.text.empty() ? "The server refused this box." : frame.text, frame.remedy);
  try_later(now, frame.retry_after > std::chrono::seconds(0) || busy ? frame.retry_after
                                                                     : refused_pause);
  told_to_wait_ = true;
}

void uplink_core::take(const link::bye& frame, effects& out, time now) {
  drop_link(out, now);
  say(link_state::waiting, "", "The server takes a break and will be back.",
      "The box keeps everything and tries again by itself.");
  try_later(now, frame.come_back_in);
  told_to_wait_ = true;
}

/// The server asks only when another machine proved that it has this box's key.
void uplink_core::take(const link::probe& frame, effects& out, time now) {
  if (phase_ != phase::linked) return;
  out.push_back(send_alive{frame.number});
  copied_until_ = now + copy_remembered;
  say_linked();
}

/// Without the server's signature it is somebody else's wish.
void uplink_core::take(const link::forget& frame, effects& out, time now) {
  if (!proven("forget", frame.proof)) return;
  drop_link(out, now);
  say(link_state::unpaired, "", "The owner removed this box from the fleet.");
  out.push_back(forget_server{});
}

uplink_core::effects uplink_core::ended(const fault& why, time now) {
  effects out;
  if (phase_ == phase::rest) return out;
  drop_link(out, now);
  std::erase_if(out, [](const effect& each) { return std::holds_alternative<close_link>(each); });
  if (why.code == "link.address_gone") back_off_.reset();
  say(link_state::waiting, why.code, "The server cannot be reached. " + why.text,
      remedy_helps(why) ? why.remedy : "The box keeps everything and tries again by itself.");
  try_later(now);
  return out;
}

uplink_core::effects uplink_core::network_changed(time now) {
  effects out;
  if (!server_) return out;
  const bool waits = phase_ == phase::rest && retry_ && !told_to_wait_;
  const bool tries = phase_ == phase::opening && now - opened_at_ >= attempt_counts_after;
  if (!waits && !tries) return out;
  drop_link(out, now);
  back_off_.reset();
  try_now(out, now);
  return out;
}

uplink_core::effects uplink_core::way_changed(time now) {
  effects out;
  if (!server_) return out;
  drop_link(out, now);
  back_off_.reset();
  say(link_state::connecting, "", "The box calls its server.");
  try_now(out, now);
  return out;
}

void uplink_core::clock_is(std::optional<fault> off) {
  if (phase_ != phase::linked) return;
  clock_ = std::move(off);
  say_linked();
}

uplink_core::effects uplink_core::give_up(std::string text, time now) {
  effects out;
  drop_link(out, now);
  say(link_state::waiting, "link.silent", std::move(text),
      "The box keeps everything and tries again by itself.");
  try_later(now);
  return out;
}

uplink_core::effects uplink_core::woke(time now) {
  effects out;
  if (patience_ && now >= *patience_)
    return give_up("The server took the connection but says nothing.", now);
  if (retry_ && now >= *retry_) try_now(out, now);
  if (copied_until_ && now >= *copied_until_) {
    copied_until_.reset();
    say_linked();
  }
  return out;
}

std::optional<uplink_core::time> uplink_core::next_wake() const {
  std::optional<time> next;
  for (const auto& each : {retry_, patience_, copied_until_})
    if (each && (!next || *each < *next)) next = each;
  return next;
}

void uplink_core::say_linked() {
  if (!copied_until_ && clock_)
    return say(link_state::linked, clock_->code, clock_->text, clock_->remedy);
  if (!copied_until_) return say(link_state::linked, "", "Linked to " + server_->name + ".");
  say(link_state::linked, "link.copied",
      "Another machine says that it is this box: its disk was copied.",
      "Decide on the server's page of this box which of the two it is.");
}

void uplink_core::say(link_state state, std::string code, std::string text, std::string remedy) {
  state_ = state;
  code_ = std::move(code);
  text_ = std::move(text);
  remedy_ = std::move(remedy);
}

void uplink_core::try_now(effects& out, time now) {
  retry_.reset();
  if (!server_) return;
  phase_ = phase::opening;
  stage_ = connect_stage::taken;
  opened_at_ = now;
  patience_ = now + answer_patience;
  out.push_back(open_link{server_->url});
}

void uplink_core::try_later(time now, std::chrono::milliseconds asked) {
  const auto wait = back_off_.next(given_.chance());
  told_to_wait_ = false;
  retry_ = now + (asked > std::chrono::milliseconds(0) ? asked : wait);
}

void uplink_core::drop_link(effects& out, time now) {
  const auto was = std::exchange(phase_, phase::rest);
  patience_.reset();
  copied_until_.reset();
  clock_.reset();
  if (was == phase::rest) return;
  out.push_back(close_link{});
  if (was != phase::linked) return;
  if (now - linked_since_ >= steady_after) back_off_.reset();
  out.push_back(link_down{});
}

void uplink_core::wrong_server(effects& out, time now, std::string text) {
  drop_link(out, now);
  say(link_state::refused, "link.wrong_server", std::move(text),
      "Look at the server's address. If the server was set up anew, disconnect this box and "
      "connect it again.");
  try_later(now, refused_pause);
}

bool uplink_core::proven(std::string_view kind, const shared_bytes& proof) const {
  if (phase_ == phase::rest || phase_ == phase::opening || proof.empty()) return false;
  return security::verify(server_->key.view(),
                          link::server_statement(kind, server_->id, given_.box, nonce_),
                          proof.view());
}

} // namespace troupe::box
