#include "actors/box/uplink_state.hpp"
#include "actors/runtime/spans.hpp"
#include "messages/codec.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view command_prefix = "link.command.";

std::string setting_of(const command_id& id) {
  return std::string(command_prefix) + id.text;
}

link::command_result result_of(const command_id& id, const action_record& record) {
  link::command_result out;
  out.id = id;
  out.state = record.state;
  out.code = record.code;
  out.text = record.text;
  out.data = record.result;
  out.action = record.id;
  return out;
}

link::command_result result_of(const command_id& id, const box_command_state& state) {
  link::command_result out;
  out.id = id;
  out.state = state.state;
  out.code = state.code;
  out.text = state.text;
  return out;
}

box_command_state ended(const std::string& action, action_state state, std::string code = {},
                        std::string text = {}) {
  return {state, action, std::move(code), std::move(text)};
}

box_command_state failed(const std::string& action, const fault& problem) {
  return ended(action, action_state::failed, problem.code,
               problem.remedy.empty() ? problem.text : problem.text + " " + problem.remedy);
}

std::string to_setting(const box_command_state& state) {
  return to_json(value(value::object{{"state", std::string(name_of(state.state))},
                                     {"action", state.action},
                                     {"code", state.code},
                                     {"text", state.text}}));
}

std::optional<box_command_state> from_setting(const std::string& json) {
  const auto kept = from_json<value>(json);
  if (!kept) return std::nullopt;
  box_command_state out{action_state::accepted, kept->text_or("action"), kept->text_or("code"),
                        kept->text_or("text")};
  if (!from_name(kept->text_or("state"), out.state)) return std::nullopt;
  return out;
}

/// What may have happened or not, and is known again when the ledger answers.
bool is_uncertain(const fault& problem) {
  return problem.code.starts_with("actor.") || problem.code.starts_with("store.");
}

fault expired() {
  return {"command.expired", "The command came too late and was not begun.", "Ask again.", 410};
}

/// One command to the box itself, from the server's wish to its end.
class box_command {
public:
  box_command(uplink_state& up, link::command wanted) : up_(up), wanted_(std::move(wanted)) {}

  static void take(uplink_state& up, const link::command& wanted);

private:
  using self_ptr = std::shared_ptr<box_command>;
  static void found(const self_ptr& me, const std::optional<box_command_state>& known);
  static void remember(const self_ptr& me);
  static void carry_out(const self_ptr& me);
  static void end(const self_ptr& me, const box_command_state& state);
  template <class Handle, class Message>
  static void ask(const self_ptr& me, const Handle& whom, Message message);
  std::string argument(std::string_view name) const { return wanted_.arguments.text_or(name); }

  uplink_state& up_; ///< lives as long as the actor, in which all of this runs
  link::command wanted_;
};

void box_command::take(uplink_state& up, const link::command& wanted) {
  if (up.running.contains(wanted.id)) { // begun in this run and not ended
    up.send(link::command_result{wanted.id, action_state::accepted, {}, {}, {}, {}});
    return;
  }
  up.running.insert(wanted.id);
  const auto me = std::make_shared<box_command>(up, wanted);
  runtime::request_then(
      up.self, up.near.ledger, neighbour_timeout, get_settings{setting_of(wanted.id)},
      [me](const setting_list& list) {
        std::optional<box_command_state> known;
        for (const auto& [setting, json] : list.settings)
          if (setting == setting_of(me->wanted_.id)) known = from_setting(json);
        found(me, known);
      },
      [me](const fault& problem) {
        uplink_log.warning("Whether a command was done is not known yet: {}", problem.text);
        me->up_.running.erase(me->wanted_.id); // the server asks again after the next welcome
      });
}

void box_command::found(const self_ptr& me, const std::optional<box_command_state>& known) {
  const auto& action = me->wanted_.action;
  if (!known) {
    if (me->up_.is_expired(me->wanted_)) return end(me, failed(action, expired()));
    return remember(me);
  }
  if (is_final(known->state)) {
    me->up_.running.erase(me->wanted_.id);
    me->up_.send(result_of(me->wanted_.id, *known));
    return;
  }
  // Begun by an earlier run of the program, which ended before it could say how it went.
  if (action == "restart")
    return end(me, ended(action, action_state::confirmed, "", "The box has restarted."));
  if (action == "add_device" || action == "repeat")
    return end(me, ended(action, action_state::unknown, "command.interrupted",
                         "The box stopped in the middle of this. Look at what it did, and ask "
                         "again if it did not."));
  carry_out(me); // what may be done twice
}

/// On disk before it takes effect: a restart cannot loop, a device is not added twice.
void box_command::remember(const self_ptr& me) {
  auto& up = me->up_;
  runtime::request_then(
      up.self, up.near.ledger, neighbour_timeout,
      put_setting{setting_of(me->wanted_.id),
                  to_setting({action_state::accepted, me->wanted_.action, {}, {}})},
      [me](bool) {
        auto& mine = me->up_;
        mine.remembered.push_back(me->wanted_.id);
        while (mine.remembered.size() > remembered_commands_bound) {
          caf::anon_send(mine.near.ledger, put_setting{setting_of(mine.remembered.front()), ""});
          mine.remembered.pop_front();
        }
        mine.send(link::command_result{me->wanted_.id, action_state::accepted, {}, {}, {}, {}});
        carry_out(me);
      },
      [me](const fault& problem) {
        uplink_log.warning("A command could not be written down, so it was not begun: {}",
                           problem.text);
        me->up_.running.erase(me->wanted_.id);
      });
}

template <class Handle, class Message>
void box_command::ask(const self_ptr& me, const Handle& whom, Message message) {
  const auto on_fault = [me](const fault& problem) {
    if (!is_uncertain(problem)) return end(me, failed(me->wanted_.action, problem));
    end(me, ended(me->wanted_.action, action_state::unknown, problem.code, problem.text));
  };
  const auto done = [me] { end(me, ended(me->wanted_.action, action_state::confirmed)); };
  auto* self = me->up_.self;
  if constexpr (std::is_same_v<Message, rename_box>)
    runtime::request_then(
        self, whom, neighbour_timeout, std::move(message), [done](const identity_info&) { done(); },
        on_fault);
  else if constexpr (std::is_same_v<Message, remove_device> || std::is_same_v<Message, blink> ||
                     std::is_same_v<Message, decide_origin>)
    runtime::request_then(
        self, whom, neighbour_timeout, std::move(message), [done](bool) { done(); }, on_fault);
  else if constexpr (std::is_same_v<Message, cancel_action>)
    runtime::request_then(
        self, whom, neighbour_timeout, std::move(message), [done](const action_record&) { done(); },
        on_fault);
  else if constexpr (std::is_same_v<Message, repeat_action>)
    runtime::request_then(
        self, whom, neighbour_timeout, std::move(message),
        [done](const action_accepted&) { done(); }, on_fault);
  else
    runtime::request_then(
        self, whom, neighbour_timeout, std::move(message),
        [done](const device_snapshot&) { done(); }, on_fault);
}

void box_command::carry_out(const self_ptr& me) {
  auto& up = me->up_;
  const auto& action = me->wanted_.action;
  uplink_log.info("{} asks from the server: {}", me->wanted_.person, action);
  if (action == "blink") return ask(me, up.near.blinker, blink{"server: " + me->wanted_.person});
  if (action == "rename") return ask(me, up.near.identity, rename_box{me->argument("name")});
  if (action == "rename_device") {
    change_device change;
    change.id = device_id(me->argument("device"));
    change.name = me->argument("name");
    return ask(me, up.near.directory, std::move(change));
  }
  if (action == "remove_device")
    return ask(me, up.near.directory, remove_device{device_id(me->argument("device"))});
  if (action == "add_device") {
    add_device added;
    added.description.name = me->argument("name");
    added.description.address = me->argument("address");
    added.description.subtype = me->argument("subtype");
    added.description.language = me->argument("language");
    return ask(me, up.near.directory, std::move(added));
  }
  if (action == "cancel")
    return ask(me, up.near.directory, cancel_action{action_id(me->argument("action"))});
  if (action == "repeat") {
    repeat_action again;
    again.id = action_id(me->argument("action"));
    again.origin = "server: " + me->wanted_.person;
    return ask(me, up.near.directory, std::move(again));
  }
  if (const auto keeper = up.origins_now(); action == "decide_origin" && keeper) {
    decide_origin decided{me->argument("origin"), {}, "server: " + me->wanted_.person};
    if (from_name(me->argument("change"), decided.change))
      return ask(me, keeper, std::move(decided));
  }
  if (action == "forget") {
    end(me, ended(action, action_state::confirmed));
    return up.forget({});
  }
  if (action == "restart" && up.options.restart) {
    up.restart.arm(up.self, restart_delay);
    return; // its end is told by the program that comes after
  }
  end(me, failed(action,
                 {"command.unknown_action", "This box cannot do \"" + action.substr(0, 64) + "\".",
                  "Look whether its program is up to date.", 422}));
}

void box_command::end(const self_ptr& me, const box_command_state& state) {
  auto& up = me->up_;
  const auto tell = [me, state] {
    me->up_.running.erase(me->wanted_.id);
    me->up_.send(result_of(me->wanted_.id, state));
    me->up_.trace_moved(me->wanted_.id, true);
  };
  runtime::request_then(
      up.self, up.near.ledger, neighbour_timeout,
      put_setting{setting_of(me->wanted_.id), to_setting(state)}, [tell](bool) { tell(); },
      [tell](const fault& problem) {
        uplink_log.warning("How a command ended could not be written down: {}", problem.text);
        tell();
      });
}

} // namespace

/// Which box commands are remembered from earlier runs.
void uplink_state::load_commands() {
  runtime::request_then(
      self, near.ledger, neighbour_timeout, get_settings{std::string(command_prefix)},
      [this](const setting_list& list) {
        for (const auto& [setting, json] : list.settings)
          remembered.emplace_back(setting.substr(command_prefix.size()));
      },
      [](const fault& problem) {
        uplink_log.warning("Old commands are not known: {}", problem.text);
      });
}

/// By the server's watch, carried on by our own steady one: the box's wall clock may be wrong.
bool uplink_state::is_expired(const link::command& wanted) const {
  return wanted.expires != time_point{} && server_now() > wanted.expires;
}

time_point uplink_state::server_now() const {
  return server_time + std::chrono::duration_cast<std::chrono::microseconds>(now() - up_at);
}

void uplink_state::take_command(const link::command& wanted) {
  follow_trace(wanted);
  if (wanted.device.empty()) return box_command::take(*this, wanted);
  runtime::request_then(
      self, near.ledger, neighbour_timeout,
      find_action{wanted.device, std::string(command_key) + wanted.id.text},
      [this, wanted](const std::optional<action_record>& known) {
        if (known) return tell_action(wanted.id, *known);
        if (is_expired(wanted)) return tell_failure(wanted.id, expired());
        begin_action(wanted);
      },
      [](const fault& problem) {
        uplink_log.warning("Whether a command was done is not known yet: {}", problem.text);
      });
}

void uplink_state::begin_action(const link::command& wanted) {
  auto span = std::make_shared<runtime::open_span>("command " + wanted.action, "box", wanted.trace);
  action_request request;
  request.trace = span->context();
  request.key = std::string(command_key) + wanted.id.text;
  request.device = wanted.device;
  request.action = wanted.action;
  request.document = wanted.document;
  request.arguments = wanted.arguments;
  request.origin = "server: " + wanted.person;
  // Said by its document it may go ahead of receipts that wait for paper.
  if (request.action == "cashbox" && request.document.operations.empty())
    request.document.operations = {printing::drawer_pulse{}};
  runtime::request_then(
      self, near.directory, neighbour_timeout, std::move(request),
      [this, id = wanted.id, span](const action_accepted& accepted) {
        span->end();
        // The steps of what was begun are told by its events.
        if (accepted.duplicate) tell_action(id, accepted.record);
      },
      [this, id = wanted.id, span](const fault& problem) {
        span->fail(problem.text);
        span->end();
        if (!is_uncertain(problem)) return tell_failure(id, problem);
        // It may have been taken all the same; the server asks again after the next welcome.
        uplink_log.warning("How a command stands is not known: {}", problem.text);
      });
}

void uplink_state::tell_action(const command_id& id, const action_record& record) {
  if (linked()) send(result_of(id, record));
  trace_moved(id, is_final(record.state));
}

void uplink_state::tell_failure(const command_id& id, const fault& problem) {
  if (linked()) send(result_of(id, failed("", problem)));
  trace_moved(id, true);
}

/// The events of an action carry its record with the key that we gave it.
void uplink_state::follow_action(const event& happened) {
  const auto key = happened.data.text_or("key");
  if (!key.starts_with(command_key)) return;
  action_record record;
  if (!from_name(happened.data.text_or("state"), record.state)) return;
  record.id = happened.action;
  record.code = happened.data.text_or("code");
  record.text = happened.data.text_or("text");
  record.result = happened.data["result"];
  tell_action(command_id(key.substr(command_key.size())), record);
}

} // namespace troupe::box
