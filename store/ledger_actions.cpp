#include "messages/codec.hpp"
#include "store/action_row.hpp"
#include "store/crash_point.hpp"
#include "store/ledger.hpp"
#include "store/transitions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::store {

namespace {

/// The statements that differ by what they filter: [device given][state: none, held, settled].
using filtered_statements = std::array<std::array<std::string, 3>, 2>;
filtered_statements statements_of_list() {
  filtered_statements made;
  const std::array<std::string, 3> by_state = {"", "AND hold > 0 AND state = ?2 ",
                                               "AND state = ?2 "};
  for (std::size_t state = 0; state < 3; ++state)
    for (std::size_t device = 0; device < 2; ++device)
      made[device][state] = select_actions + "WHERE number < ?3 " + by_state[state] +
                            (device ? "AND device = ?1 " : "") + "ORDER BY number DESC LIMIT ?4";
  return made;
}

byte_vector trace_bytes(const trace_context& trace) {
  byte_vector bytes(trace.trace.begin(), trace.trace.end());
  bytes.insert(bytes.end(), trace.span.begin(), trace.span.end());
  return bytes;
}

fault not_found(const action_id& id) {
  return {"action.not_found", "There is no action " + id.text + ".",
          "Old actions are deleted after some time; look at the list of actions.", 404};
}

fault impossible(const action_record& record, action_state to) {
  return {"action.impossible",
          "The action is " + std::string(name_of(record.state)) + "; it cannot become " +
              std::string(name_of(to)) + ".",
          "Look at the action again: it has changed meanwhile.", 409};
}

fault document_broken() {
  return {"action.payload_broken", "What was to be done can no longer be read from the box's disk.",
          "Start it again from the till, and check the disk if this happens more often.", 410};
}

} // namespace

result<std::vector<action_row>> ledger::rows_of(query& found) {
  std::vector<action_row> rows;
  for (;;) {
    const auto more = found.step();
    if (!more) return more.error();
    if (!*more) return rows;
    rows.push_back(read_row(found));
  }
}

result<action_row> ledger::row_of(const action_id& id) {
  static const std::string statement = select_actions + "WHERE id = ?";
  auto asked = database_->ask(statement, id.text);
  auto rows = rows_of(asked);
  if (!rows) return std::move(rows.error());
  if (rows->empty()) return not_found(id);
  return std::move(rows->front());
}

result<std::optional<action_row>> ledger::known_action(const action_request& request) {
  if (!request.id.empty()) {
    auto same = row_of(request.id);
    if (same) return std::optional(std::move(*same));
    if (same.error().code != "action.not_found") return std::move(same.error());
  }
  if (request.key.empty()) return std::optional<action_row>();
  static const std::string statement =
      select_actions + "WHERE device = ? AND key = ? AND key <> '' ORDER BY number DESC LIMIT 1";
  auto asked = database_->ask(statement, request.device.text, request.key);
  auto rows = rows_of(asked);
  if (!rows) return std::move(rows.error());
  if (rows->empty() || releases_key(rows->front().record.state, rows->front().touched))
    return std::optional<action_row>();
  return std::optional(std::move(rows->front()));
}

result<action_accepted> ledger::accept(const action_request& request, time_point now,
                                       const action_id& repeats) {
  if (auto problem = needs_group()) return std::move(*problem);
  if (request.key.size() > key_limit)
    return fault{"action.bad_key",
                 "The idempotency key is longer than " + std::to_string(key_limit) + " bytes.",
                 "Use a shorter key, a UUID for example.", 400};
  auto known = known_action(request);
  if (!known) return spoil(std::move(known.error()));
  if (*known) return action_accepted{std::move((*known)->record), true};
  if (totals_.unfinished >= unfinished_limit)
    return fault{"action.too_many_waiting",
                 std::to_string(unfinished_limit) + " actions wait on this box already.",
                 "Look at the devices: one of them is probably in trouble.", 503};

  action_record record;
  record.id = request.id.empty() ? new_action_id() : request.id;
  record.key = request.key;
  record.device = request.device;
  record.action = request.action;
  record.session = request.session;
  record.origin = request.origin;
  record.trace = request.trace;
  record.accepted = record.updated = now;
  record.repeats = repeats;
  record.repeatable = true;
  if (auto problem = insert_action(record, request)) return spoil(std::move(*problem));
  crash_point("ledger.in_group");
  return action_accepted{std::move(record), false};
}

std::optional<fault> ledger::insert_action(action_record& record, const action_request& request) {
  auto complete = request;
  complete.id = record.id;
  const auto payload = to_msgpack(complete);
  if (payload.size() > payload_limit)
    return fault{"action.too_large",
                 "What is to be done is larger than " + std::to_string(payload_limit >> 20) +
                     " MiB.",
                 "Split it, or send smaller pictures.", 413};
  record.payload_bytes = payload.size();
  const auto trace = trace_bytes(record.trace);
  auto insert = database_->ask(
      "INSERT INTO actions (id, key, device, action, state, hold, session, origin, trace, repeats, "
      "accepted, updated, payload_bytes, payload_kept, untold) "
      "VALUES (?1, ?2, ?3, ?4, 'accepted', 2, ?5, ?6, ?7, ?8, ?9, ?9, ?10, 1, ?11)",
      record.id.text, record.key, record.device.text, record.action, record.session.text,
      record.origin, trace, record.repeats.text, to_microseconds(record.accepted),
      record.payload_bytes, untold_bit(action_state::accepted));
  if (auto problem = insert.run()) return problem;
  record.number = static_cast<std::uint64_t>(database_->last_row());
  auto keep = database_->ask("INSERT INTO payloads VALUES (?, ?, ?)", record.number,
                             checksum_of(payload), payload);
  if (auto problem = keep.run()) return problem;
  ++totals_.actions;
  ++totals_.unfinished;
  ++totals_.payloads;
  totals_.payload_bytes += payload.size();
  return std::nullopt;
}

result<action_record> ledger::change_state(action_row found, action_state to, std::string_view code,
                                           std::string_view text, time_point now, bool touched,
                                           const value& result) {
  auto& record = found.record;
  auto update = database_->ask(
      "UPDATE actions SET state = ?, hold = ?, touched = ?, code = ?, text = ?, result = ?, "
      "updated = ?, untold = untold | ? WHERE number = ?",
      name_of(to), static_cast<int>(hold_of(to)), touched, code, text,
      result.is_null() ? std::string() : to_json(result), to_microseconds(now), untold_bit(to),
      record.number);
  if (auto problem = update.run()) return spoil(std::move(*problem));
  crash_point("ledger.in_group");
  if (!is_final(record.state) && is_final(to) && totals_.unfinished > 0) --totals_.unfinished;
  record.state = to;
  record.code = code;
  record.text = text;
  record.result = result;
  record.updated = now;
  return std::move(record);
}

result<action_record> ledger::transition(const action_id& id, action_state to,
                                         std::string_view code, std::string_view text,
                                         time_point now, first_byte touched, const value& result) {
  if (auto problem = needs_group()) return std::move(*problem);
  auto found = row_of(id);
  if (!found) return spoil(std::move(found.error()));
  if (!may_become(found->record.state, to)) return impossible(found->record, to);
  const bool out = found->record.state == action_state::accepted
                       ? to == action_state::sent
                       : touched == first_byte::perhaps_out;
  return change_state(std::move(*found), to, code, text, now, out, result);
}

result<action_record> ledger::mark_sent(const action_id& id, time_point now) {
  return transition(id, action_state::sent, {}, {}, now, first_byte::perhaps_out);
}

result<action_record> ledger::finish(const action_id& id, action_state state, std::string_view code,
                                     std::string_view text, time_point now, first_byte touched,
                                     const value& found) {
  if (!is_final(state) || state == action_state::canceled)
    return fault{"action.impossible",
                 "An action does not end as " + std::string(name_of(state)) + ".",
                 "Please report this with the box's log.", 409};
  return transition(id, state, code, text, now, touched, found);
}

result<action_record> ledger::cancel(const action_id& id, std::string_view text, time_point now) {
  return transition(id, action_state::canceled, {}, text, now, first_byte::not_out);
}

result<action_record> ledger::confirm_by_hand(const action_id& id, time_point now) {
  if (auto problem = needs_group()) return std::move(*problem);
  auto found = row_of(id);
  if (!found) return spoil(std::move(found.error()));
  if (found->record.state != action_state::unknown)
    return fault{"action.not_unknown",
                 "The action is " + std::string(name_of(found->record.state)) +
                     "; only one whose end is unknown can be confirmed by hand.",
                 "Look at the action again: it has changed meanwhile.", 409};
  return change_state(std::move(*found), action_state::confirmed, {}, "Somebody saw it printed.",
                      now, true);
}

result<action_request> ledger::read_payload(const action_record& record) {
  auto asked =
      database_->ask("SELECT checksum, content FROM payloads WHERE number = ?", record.number);
  const auto row = asked.step();
  if (!row || !*row) return document_broken();
  const auto content = asked.blob(1);
  if (checksum_of(content) != asked.integer(0)) return document_broken();
  auto request = from_msgpack<action_request>(content);
  if (!request) return document_broken();
  return request;
}

result<action_request> ledger::load_request(const action_id& id) {
  const auto found = row_of(id);
  if (!found) return found.error();
  if (!found->record.repeatable)
    return fault{"action.payload_gone", "The document of this action is no longer kept.",
                 "Print it again from the till.", 410};
  return read_payload(found->record);
}

std::optional<fault> ledger::fail_broken(std::vector<action_row> rows,
                                         std::vector<action_record>& failed, time_point now) {
  const bool own_group = !in_group_;
  if (own_group)
    if (auto problem = begin()) return problem;
  const auto reason = document_broken();
  for (auto& row : rows) {
    auto changed = change_state(std::move(row), action_state::failed, "ERROR_DOCUMENT_BROKEN",
                                reason.text + " " + reason.remedy, now, false);
    if (!changed) {
      if (own_group) rollback();
      failed.clear();
      return std::move(changed.error());
    }
    failed.push_back(std::move(*changed));
  }
  auto problem = own_group ? commit() : std::nullopt;
  if (problem) failed.clear();
  return problem;
}

result<pending_actions> ledger::pending(const device_id& device, time_point now,
                                        std::uint32_t limit, std::uint64_t after) {
  static const std::string waiting =
      select_actions + "WHERE hold > 0 AND state = 'accepted' AND number > ?1 ";
  static const std::string of_all = waiting + "ORDER BY number LIMIT ?2";
  static const std::string of_device = waiting + "AND device = ?3 ORDER BY number LIMIT ?2";
  const auto bound = std::min(limit, list_limit);
  auto rows = [&] {
    auto asked = device.empty() ? database_->ask(of_all, after, bound)
                                : database_->ask(of_device, after, bound, device.text);
    return rows_of(asked);
  }();
  if (!rows) return std::move(rows.error());
  pending_actions waits;
  std::vector<action_row> broken;
  std::uint64_t bytes = 0;
  waits.more = rows->size() == bound;
  for (auto& row : *rows) {
    if (bytes >= pending_byte_limit) {
      waits.more = true;
      break;
    }
    bytes += row.record.payload_bytes;
    waits.last = row.record.number;
    auto request = read_payload(row.record);
    if (request)
      waits.ready.push_back({std::move(row.record), std::move(*request)});
    else
      broken.push_back(std::move(row));
  }
  // When these cannot be marked now they are met again; the others go on.
  if (!broken.empty()) static_cast<void>(fail_broken(std::move(broken), waits.broken, now));
  return waits;
}

result<std::vector<action_record>> ledger::interrupted() {
  static const std::string statement = select_actions + "WHERE number = ? AND state = 'sent'";
  std::vector<action_record> found;
  for (const auto number : interrupted_) {
    auto asked = database_->ask(statement, number);
    auto rows = rows_of(asked);
    if (!rows) return std::move(rows.error());
    for (auto& row : *rows)
      found.push_back(std::move(row.record));
  }
  return found;
}

result<std::optional<action_record>> ledger::find(const action_id& id) {
  auto row = row_of(id);
  if (row) return std::optional(std::move(row->record));
  if (row.error().code == "action.not_found") return std::optional<action_record>();
  return std::move(row.error());
}

result<std::optional<action_record>> ledger::find_key(const device_id& device,
                                                      std::string_view key) {
  static const std::string statement =
      select_actions + "WHERE device = ? AND key = ? AND key <> '' ORDER BY number DESC LIMIT 1";
  auto asked = database_->ask(statement, device.text, key);
  auto rows = rows_of(asked);
  if (!rows) return std::move(rows.error());
  if (rows->empty()) return std::optional<action_record>();
  return std::optional(std::move(rows->front().record));
}

result<std::vector<action_record>> ledger::list(const action_filter& filter) {
  static const filtered_statements statements = statements_of_list();
  const std::size_t by_state = !filter.state ? 0 : hold_of(*filter.state) != hold::settled ? 1 : 2;
  const auto before = filter.before == 0 ? INT64_MAX : static_cast<std::int64_t>(filter.before);
  auto asked =
      database_->ask(statements[filter.device.empty() ? 0 : 1][by_state], filter.device.text,
                     filter.state ? name_of(*filter.state) : std::string_view(), before,
                     std::min(filter.limit, list_limit));
  auto rows = rows_of(asked);
  if (!rows) return std::move(rows.error());
  std::vector<action_record> records;
  records.reserve(rows->size());
  for (auto& row : *rows)
    records.push_back(std::move(row.record));
  return records;
}

} // namespace troupe::store
