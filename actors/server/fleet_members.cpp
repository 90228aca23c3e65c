#include "actors/runtime/log.hpp"
#include "actors/server/fleet_state.hpp"
#include "messages/codec.hpp"
#include "transport/names.hpp"
#include "transport/utf8.hpp"

namespace troupe::server {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view bad_name = "box.bad_name";
constexpr std::size_t longest_note = 2000;

/// Characters when it is text without control characters but ends of lines, else nothing.
std::optional<std::size_t> characters_of(std::string_view text) {
  if (!transport::is_utf8(text)) return std::nullopt;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const auto c = transport::next_character(text, at);
    const bool line = c == '\n' || c == '\r' || c == '\t';
    if ((c < 0x20 && !line) || c == 0x7f || (c >= 0x80 && c < 0xa0)) return std::nullopt;
  }
  return count;
}

} // namespace

std::string fit_name(const std::string& text, const box_id& id) {
  if (auto name = transport::checked_name(text, bad_name)) return *name;
  return "Box " + id.text.substr(0, 8);
}

namespace {

result<store::box_words> checked_words(const fleet_state& state, const change_box& message) {
  store::box_words words;
  if (message.name) {
    auto name = transport::checked_name(*message.name, bad_name);
    if (!name) return name.error();
    words.name = *std::move(name);
  }
  if (message.note) {
    const auto count = characters_of(*message.note);
    if (!count || *count > longest_note)
      return fault{"box.bad_note", "A note has at most 2000 characters.", "Shorten it.", 422};
    words.note = *message.note;
  }
  if (message.tags) {
    auto tags = checked_tags(*message.tags);
    if (!tags) return tags.error();
    words.tags = *std::move(tags);
  }
  if (message.point_of_sale) {
    if (!message.point_of_sale->empty() && state.points.count(*message.point_of_sale) == 0)
      return point_unknown();
    words.point_of_sale = *message.point_of_sale;
  }
  if (message.point_of_sale || message.answers_question) words.point_question = false;
  return words;
}

fleet_box_ptr changed_box(fleet_pointer self, const change_box& message,
                          const store::box_words& words) {
  auto& state = self->state;
  auto* found = state.find(message.id);
  if (found == nullptr) return std::make_shared<const fleet_box>();
  auto& box = found->box;
  const bool renamed = words.name && *words.name != box.name;
  if (words.name) box.name = *words.name;
  if (words.note) box.note = *words.note;
  if (words.tags) box.tags = *words.tags;
  if (words.point_question) box.point_question = *words.point_question;
  if (words.point_of_sale)
    box.point_of_sale = state.points.count(*words.point_of_sale) > 0 ? *words.point_of_sale : "";
  state.changed(*found);
  if (renamed) {
    send_command rename;
    rename.box = message.id;
    rename.action = "rename";
    rename.arguments = value::object{{"name", *words.name}};
    rename.person = message.person;
    rename.valid_for = 30 * 24h;
    state.command(rename, {});
  }
  state.publish(message.id, "box.changed", to_value(*state.shown(*found)));
  return state.shown(*found);
}

} // namespace

/// What a person or a decision changes goes to disk first, then it is shown. A question counts as
/// answered from the first answer on, so that of two people only one is heard.
void change(fleet_pointer self, const change_box& message,
            caf::typed_response_promise<fleet_box_ptr> promise) {
  auto* entry = self->state.find(message.id);
  if (entry == nullptr) return promise.deliver(runtime::to_error(box_unknown(message.id))), void();
  if (message.answers_question && !entry->box.point_question)
    return promise.deliver(runtime::to_error(
               {"box.point_answered", "Somebody said meanwhile at which point of sale it is.",
                "Its page shows it, and changes it.", 409})),
           void();
  auto words = checked_words(self->state, message);
  if (!words) return promise.deliver(runtime::to_error(words.error())), void();
  const bool asked =
      std::exchange(entry->box.point_question, entry->box.point_question && !words->point_question);
  run_in_store(
      self, self->state.store,
      [id = message.id, words = *words](store::sql_connection& connection) -> result<bool> {
        if (auto problem = store::write_box_words(connection, id, words)) return *problem;
        return true;
      },
      [self, message, words = *words, promise](bool) mutable {
        promise.deliver(changed_box(self, message, words));
      },
      [self, id = message.id, asked, promise](const fault& problem) mutable {
        if (auto* found = self->state.find(id)) found->box.point_question = asked;
        promise.deliver(runtime::to_error(problem));
      });
}

void remove(fleet_pointer self, const delete_box& message,
            caf::typed_response_promise<bool> promise) {
  if (self->state.find(message.id) == nullptr)
    return promise.deliver(runtime::to_error(box_unknown(message.id))), void();
  write_then<bool>(
      self,
      [id = message.id](store::sql_connection& connection) {
        return store::mark_box_deleted(connection, id);
      },
      promise,
      [self, message]() -> bool {
        auto& state = self->state;
        auto* entry = state.find(message.id);
        if (entry == nullptr) return true;
        state.cancel_all(*entry, "box.removed", "The box was taken out of the fleet.");
        if (entry->session) {
          caf::anon_send(entry->session, end_link{link_end::removed});
          state.offline(*entry);
        }
        entry->deleted = true;
        state.list = nullptr;
        state.untold.erase(message.id);
        if (!state.watchers.empty()) {
          state.untold_gone.push_back(message.id);
          if (!state.tell.armed()) state.tell.arm(self, tell_period);
        }
        state.publish(message.id, "box.removed", value::object{{"person", message.person}});
        return true;
      });
}

void add(fleet_pointer self, const add_box& message,
         caf::typed_response_promise<fleet_box_ptr> promise) {
  auto& state = self->state;
  const auto known = state.boxes.find(message.box);
  if (known == state.boxes.end() && state.boxes.size() >= box_bound) {
    state.box_limit->count_hit();
    return promise.deliver(
               runtime::to_error({"fleet.full", "This fleet has as many boxes as it takes.",
                                  "Take out boxes that are gone.", 503})),
           void();
  }
  const bool is_in = known != state.boxes.end() && !known->second.deleted;
  // A code was seen on the box itself; a token may be in anybody's hands.
  if (message.token && is_in && !(known->second.public_key == message.public_key))
    return promise.deliver(runtime::to_error(
               {"token.box_known", "The server has this box with another key.",
                "Connect it with its code, or take the old one out of the fleet first.", 409})),
           void();
  auto made = std::make_shared<store::box_row>(); // the store's thread adds who connected it
  if (is_in) made->box = known->second.box;
  made->last_command = known == state.boxes.end() ? 0 : known->second.last_command;
  made->box.id = message.box;
  if (made->box.name.empty()) made->box.name = fit_name(message.name, message.box);
  made->box.alert.clear();
  made->box.disconnected = {};
  made->box.connected = made->box.online_since = runtime::wall_now(self);
  made->box.connected_by = message.person;
  made->box.point_question = made->box.point_of_sale.empty() && !state.points.empty();
  made->box.stage = connect_stage::taken;
  made->box.stage_problem = {};
  made->public_key = message.public_key;
  write_then<fleet_box_ptr>(
      self,
      [made, token = message.token](store::sql_connection& connection) -> std::optional<fault> {
        if (token) {
          auto maker = redeem_token(connection, *token, *made, made->box.connected);
          if (!maker) return maker.error();
          made->box.connected_by = *std::move(maker);
        }
        return store::put_box(connection, *made);
      },
      promise,
      [self, made]() -> fleet_box_ptr {
        auto& fleet = self->state;
        const auto& row = *made;
        auto& entry = fleet.boxes[row.box.id];
        if (entry.session) { // another machine had this identifier
          caf::anon_send(entry.session, end_link{link_end::replaced});
          fleet.offline(entry);
        }
        entry.box = row.box;
        entry.box.online = false;
        entry.public_key = row.public_key;
        entry.deleted = false;
        entry.locked_out.clear();
        entry.copy.clear();
        entry.meter = {};
        entry.meter.begin(row.box.connected);
        fleet.box_limit->set_fill(fleet.boxes.size());
        fleet.changed(entry);
        fleet.publish(row.box.id, "box.connected", to_value(*fleet.shown(entry)));
        fleet_log.info("Box {} came into the fleet by \"{}\"", row.box.id.text,
                       row.box.connected_by);
        return fleet.shown(entry);
      });
}

} // namespace troupe::server
