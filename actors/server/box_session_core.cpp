#include "actors/server/box_session_core.hpp"

#include "transport/websocket.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {

namespace {

using core = box_session_core;
namespace close_code = transport::close_code;

constexpr std::size_t longest_word = 64;
constexpr std::size_t longest_key = 256;
constexpr std::size_t most_events = 500;
constexpr std::uint32_t protocol = 1;
/// A box whose disk was copied asks again after this.
constexpr std::chrono::seconds copied_retry{60};

bool is_word(const std::string& text) {
  return !text.empty() && text.size() <= longest_word &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

/// What is wrong with a hello; nothing when it may be looked at.
const char* defect_of(const link::hello& hello) {
  if (!is_box_id(hello.box.text)) return "The box's identifier is none.";
  if (!is_word(hello.instance)) return "The box's instance is missing.";
  if (hello.nonce.size() != nonce_bytes) return "The box's nonce is of a wrong length.";
  if (hello.public_key.empty() || hello.public_key.size() > longest_key)
    return "The box's key is of a wrong length.";
  if (hello.signature.empty() || hello.signature.size() > longest_key)
    return "The box's signature is of a wrong length.";
  if (!hello.token.empty() && (!is_word(hello.token) || hello.token_proof.size() > longest_key))
    return "The box's token is none.";
  if (hello.wish == link::link_wish::link && !is_word(hello.epoch))
    return "The box's epoch is missing.";
  return nullptr;
}

bool rises(const std::vector<event>& events) {
  return std::adjacent_find(events.begin(), events.end(), [](const event& a, const event& b) {
           return a.sequence >= b.sequence;
         }) == events.end();
}

} // namespace

bool is_box_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_word &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == ':' || c == '-';
         });
}

template <class Effect>
core::effects core::last_word(Effect content) {
  if (phase_ == phase::ended) return {};
  phase_ = phase::ended;
  effects out;
  out.emplace_back(std::move(content));
  return out;
}

core::effects core::violation(std::string text) {
  return last_word(close{close_code::protocol_error, std::move(text)});
}

core::effects core::refuse(std::string code, std::string text, std::string remedy,
                           std::chrono::seconds retry_after) {
  return last_word(send_refusal{std::move(code), std::move(text), std::move(remedy), retry_after});
}

core::effects core::frame(link::box_frame content) {
  if (phase_ == phase::ended) return {};
  if (std::holds_alternative<link::bye>(content))
    return last_word(close{close_code::normal, "bye"});
  if (phase_ == phase::linked && std::holds_alternative<link::farewell>(content)) {
    phase_ = phase::ended;
    return {pass_farewell{}, close{close_code::normal, "farewell"}};
  }
  if (auto* hello = std::get_if<link::hello>(&content)) return take_hello(std::move(*hello));
  if (phase_ != phase::linked) return violation("A frame came before its time.");
  return take_linked(std::move(content));
}

core::effects core::take_hello(link::hello content) {
  if (phase_ != phase::greeting) return violation("A second hello came.");
  hello_ = std::move(content);
  if (hello_.protocol != protocol)
    return hello_.protocol < protocol
               ? refuse("link.too_old", "This box is too old for its server.", "Update the box.")
               : refuse("link.too_old", "This server is older than its box.", "Update the server.");
  if (const char* defect = defect_of(hello_)) return violation(defect);
  phase_ = phase::asking;
  return {prove_hello{}};
}

core::effects core::take_linked(link::box_frame content) {
  if (auto* batch = std::get_if<link::event_batch>(&content))
    return take_events(std::move(batch->events));
  effects out;
  if (auto* live = std::get_if<link::live_values>(&content)) {
    if (live->events.size() > most_events) return violation("Too many values in one frame.");
    out.emplace_back(pass_live{std::move(live->events)});
  } else if (auto* snapshot = std::get_if<link::snapshot>(&content))
    out.emplace_back(pass_snapshot{std::move(*snapshot)});
  else if (auto* result = std::get_if<link::command_result>(&content))
    out.emplace_back(pass_result{std::move(*result)});
  else if (auto* trace = std::get_if<link::trace_part>(&content))
    out.emplace_back(pass_trace{std::move(*trace)});
  else if (std::holds_alternative<link::alive>(content))
    out.emplace_back(pass_alive{});
  else if (const auto* told = std::get_if<link::time_told>(&content))
    out.emplace_back(pass_time{*told});
  return out;
}

core::effects core::take_events(std::vector<event> events) {
  if (events.empty()) return {};
  if (events.size() > most_events) return violation("Too many events in one frame.");
  if (!rises(events) || events.front().sequence == 0) return violation("Events are out of order.");
  // What came before is left out; a gap cannot be seen here: a box may skip numbers.
  const auto fresh = std::find_if(events.begin(), events.end(),
                                  [this](const event& each) { return each.sequence > seen_; });
  events.erase(events.begin(), fresh);
  if (events.empty()) return {};
  const auto after = std::exchange(seen_, events.back().sequence);
  ++in_flight_;
  effects out;
  out.emplace_back(publish{std::move(events), after});
  return out;
}

core::effects core::garbage(const fault& problem) {
  // A newer box may say more than this server knows; what it knows goes on.
  if (phase_ == phase::linked && problem.code == "message.unknown_kind") return {};
  return last_word(close{close_code::unsupported, problem.text});
}

core::effects core::greeted_too_long() {
  if (phase_ == phase::greeting) return last_word(close{close_code::policy, "No hello came."});
  if (phase_ == phase::asking) return failed({"link.busy", "The server is busy.", {}, 503});
  return {};
}

core::effects core::proved(bool genuine) {
  if (phase_ != phase::asking) return {};
  if (!genuine)
    return refuse("link.bad_proof", "The box could not prove its key.",
                  "Connect the box again with a new code.");
  if (hello_.wish == link::link_wish::pairing) return {look_up_owner{}};
  if (hello_.wish == link::link_wish::farewell) return {note_farewell{}};
  return {admit{}};
}

core::effects core::farewell_noted() {
  return looked_up({}); // not taken back without a code or a token
}

core::effects core::looked_up(const std::string& owner) {
  if (phase_ != phase::asking) return {};
  if (!owner.empty()) return last_word(send_paired{owner});
  if (!hello_.token.empty()) return {redeem_token{}};
  return {ask_for_code{}};
}

core::effects core::redeemed(std::string person) {
  if (phase_ != phase::asking) return {};
  return last_word(send_paired{std::move(person)});
}

core::effects core::token_refused(const fault& why) {
  if (phase_ != phase::asking) return {};
  return refuse(why.code, why.text, why.remedy);
}

core::effects core::coded(code_to_show content) {
  if (phase_ != phase::asking) return {};
  phase_ = phase::waiting;
  effects out;
  out.emplace_back(send_code{std::move(content)});
  return out;
}

core::effects core::claimed(std::string person) {
  if (phase_ != phase::waiting) return {};
  return last_word(send_paired{std::move(person)});
}

core::effects core::admitted(admission verdict) {
  if (phase_ != phase::asking) return {};
  switch (verdict) {
  case admission::linked:
    return {ask_position{}};
  case admission::removed:
    return last_word(send_forget{});
  case admission::wrong_key:
    return refuse("link.bad_proof", "The server knows this box with another key.",
                  "Connect the box again with a new code.");
  case admission::copied:
    return refuse("link.copied",
                  "Another machine with the same key is linked: this disk was copied.",
                  "Decide on the server's page of this box which of the two it is.", copied_retry);
  case admission::unknown:
    break;
  }
  return refuse("link.unknown_box", "This box is not connected to this server.",
                "Connect it with the code that it shows.");
}

core::effects core::positioned(std::uint64_t last) {
  if (phase_ != phase::asking) return {};
  phase_ = phase::linked;
  seen_ = last;
  fetching_ = true;
  return {send_welcome{last}, fetch{0}};
}

core::effects core::published(std::uint64_t last) {
  if (in_flight_ > 0) --in_flight_;
  if (phase_ != phase::linked) return {};
  return {send_ack{last}};
}

core::effects core::offered(store::command_frame command) {
  if (phase_ != phase::linked) return {};
  if (fetching_) {
    more_commands_ = true;
    return {};
  }
  if (command.number <= last_command_) return {};
  last_command_ = command.number;
  effects out;
  out.emplace_back(send_command{std::move(command.frame)});
  return out;
}

core::effects core::offered_later() {
  if (phase_ != phase::linked) return {};
  more_commands_ = true;
  if (std::exchange(fetching_, true)) return {};
  more_commands_ = false;
  return {fetch{last_command_}};
}

core::effects core::fetched(const command_frames& commands) {
  fetching_ = false;
  if (phase_ != phase::linked) return {};
  effects out;
  for (const auto& each : commands) {
    if (each.number <= last_command_) continue;
    last_command_ = each.number;
    out.emplace_back(send_command{each.frame});
  }
  // An empty answer means that there are no more, unless one came meanwhile.
  if (!commands.empty() || std::exchange(more_commands_, false)) {
    fetching_ = true;
    out.emplace_back(fetch{last_command_});
  }
  return out;
}

core::effects core::probe() {
  if (phase_ != phase::linked) return {};
  return {send_probe{}};
}

core::effects core::end(link_end reason) {
  switch (reason) {
  case link_end::replaced:
    return last_word(close{close_code::policy, "The box came again."});
  case link_end::removed:
    return last_word(send_forget{});
  case link_end::expired:
    return refuse("pairing.expired", "The code has reached its end: it is valid for two hours.",
                  "Ask for a new code on the box's homepage, or switch the box off and on.");
  case link_end::retry:
    return failed({"link.busy", "The server could not write something down.", {}, 503});
  case link_end::copied:
    break;
  }
  return refuse("link.copied", "The owner decided that another machine is this box.",
                "Give this machine a disk of its own and connect it with a new code.",
                copied_retry);
}

core::effects core::goodbye(std::chrono::seconds come_back_in) {
  return last_word(send_bye{come_back_in, "The server is being stopped."});
}

core::effects core::failed(const fault& problem) {
  return last_word(send_bye{std::chrono::seconds{5}, problem.text});
}

core::effects core::closed() {
  phase_ = phase::ended;
  return {};
}

bool core::may_read() const {
  switch (phase_) {
  case phase::greeting:
  case phase::waiting:
    return true;
  case phase::linked:
    return in_flight_ < batches_in_flight;
  default:
    return false;
  }
}

void core::drop_greeting() {
  hello_.public_key = {};
  hello_.signature = {};
  hello_.token_proof = {};
  hello_.name = {};
  hello_.version = {};
}

} // namespace troupe::server
