#include "messages/codec.hpp"
#include "store/action_row.hpp"
#include "store/crash_point.hpp"
#include "store/ledger.hpp"
#include "store/transitions.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace troupe::store {

result<std::uint64_t> ledger::reserve_sequences(std::uint32_t count) {
  if (auto problem = needs_group()) return std::move(*problem);
  const auto reserved = totals_.reserved + count;
  auto keep =
      database_->ask("INSERT OR REPLACE INTO about VALUES ('reserved_sequences', ?)", reserved);
  if (auto problem = keep.run()) return spoil(std::move(*problem));
  return std::exchange(totals_.reserved, reserved) + 1;
}

std::optional<fault> ledger::append(const event& happened) {
  if (auto problem = needs_group()) return problem;
  if (happened.sequence <= totals_.last_sequence || happened.sequence > totals_.reserved)
    return fault{"event.bad_sequence",
                 "The event " + std::to_string(happened.sequence) + " is not above " +
                     std::to_string(totals_.last_sequence) + " or not reserved (up to " +
                     std::to_string(totals_.reserved) + ").",
                 "Please report this with the box's log.", 500};
  const auto content = to_msgpack(happened);
  auto insert = database_->ask("INSERT INTO events VALUES (?, ?, ?, ?, ?)", happened.sequence,
                               to_microseconds(happened.time), happened.device.text,
                               checksum_of(content), content);
  if (auto problem = insert.run()) return spoil(std::move(*problem));
  if (auto problem = note_told(happened)) return spoil(std::move(*problem));
  ++totals_.events;
  totals_.last_sequence = happened.sequence;
  if (totals_.oldest_sequence == 0) totals_.oldest_sequence = happened.sequence;
  crash_point("ledger.in_group");
  return std::nullopt;
}

/// With its event an action's state is told.
std::optional<fault> ledger::note_told(const event& happened) {
  constexpr std::string_view of_action = "action.";
  action_state told{};
  if (happened.action.empty() || !happened.type.starts_with(of_action) ||
      !from_name(std::string_view(happened.type).substr(of_action.size()), told))
    return std::nullopt;
  return database_
      ->ask("UPDATE actions SET untold = untold & ~? WHERE id = ? AND untold > 0", untold_bit(told),
            happened.action.text)
      .run();
}

result<std::vector<action_record>> ledger::untold() {
  std::vector<std::pair<std::string, int>> found;
  {
    auto asked = database_->ask(
        "SELECT id, untold FROM actions WHERE untold > 0 ORDER BY number LIMIT ?", list_limit);
    for (;;) {
      const auto more = asked.step();
      if (!more) return more.error();
      if (!*more) break;
      found.emplace_back(asked.text(0), static_cast<int>(asked.integer(1)));
    }
  }
  std::vector<action_record> out;
  for (const auto& [id, bits] : found) {
    auto row = row_of(action_id(id));
    if (!row) return std::move(row.error());
    for (const auto past : {action_state::accepted, action_state::sent}) {
      if ((bits & untold_bit(past)) == 0) continue;
      out.push_back(row->record);
      out.back().state = past;
      if (past == row->record.state) continue;
      out.back().code.clear(); // these are of its end
      out.back().text.clear();
      out.back().result = {};
    }
    if ((bits & untold_bit(action_state::confirmed)) != 0) out.push_back(std::move(row->record));
  }
  return out;
}

result<std::vector<event>> ledger::read_events(std::uint64_t after, std::uint32_t limit,
                                               const device_id& device) {
  constexpr std::string_view of_all =
      "SELECT checksum, content FROM events WHERE sequence > ?1 ORDER BY sequence";
  constexpr std::string_view of_device = "SELECT checksum, content FROM events WHERE sequence > ?1 "
                                         "AND device = ?2 ORDER BY sequence";
  const auto above = static_cast<std::int64_t>(
      std::min<std::uint64_t>(after, std::numeric_limits<std::int64_t>::max()));
  auto asked = device.empty() ? database_->ask(of_all, above)
                              : database_->ask(of_device, above, device.text);
  std::vector<event> found;
  while (found.size() < std::min(limit, list_limit)) {
    const auto more = asked.step();
    if (!more) return more.error();
    if (!*more) break;
    const auto content = asked.blob(1);
    if (checksum_of(content) != asked.integer(0)) continue;
    if (auto kept = from_msgpack<event>(content)) found.push_back(std::move(*kept));
  }
  return found;
}

std::optional<fault> ledger::set_forwarded(std::optional<std::uint64_t> sequence) {
  if (auto problem = needs_group()) return problem;
  auto keep =
      sequence ? database_->ask("INSERT OR REPLACE INTO about VALUES ('forwarded', ?)", *sequence)
               : database_->ask("DELETE FROM about WHERE name = 'forwarded'");
  if (auto problem = keep.run()) return spoil(std::move(*problem));
  totals_.forwarded = sequence;
  return std::nullopt;
}

result<std::uint64_t> ledger::count_events_after(std::uint64_t sequence) {
  auto asked = database_->ask("SELECT count(*) FROM events WHERE sequence > ?", sequence);
  if (const auto row = asked.step(); !row) return row.error();
  return static_cast<std::uint64_t>(asked.integer(0));
}

result<std::optional<std::string>> ledger::get(std::string_view name) {
  auto asked = database_->ask("SELECT value FROM settings WHERE name = ?", name);
  const auto row = asked.step();
  if (!row) return row.error();
  return *row ? std::optional(asked.text(0)) : std::optional<std::string>();
}

std::optional<fault> ledger::put(std::string_view name, std::string_view json) {
  if (auto problem = needs_group()) return problem;
  if (name.empty() || name.size() > setting_name_limit || json.size() > setting_text_limit)
    return fault{"setting.too_large",
                 "The setting \"" + std::string(name.substr(0, setting_name_limit)) +
                     "\" is too long or has no name.",
                 "Use shorter names and texts.", 413};
  if (const auto parsed = from_json<value>(json); !parsed)
    return fault{"setting.bad_json", "The setting \"" + std::string(name) + "\" is not JSON.",
                 parsed.error().text, 400};
  auto keep = database_->ask("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json);
  if (auto problem = keep.run()) return spoil(std::move(*problem));
  return std::nullopt;
}

std::optional<fault> ledger::remove(std::string_view name) {
  if (auto problem = needs_group()) return problem;
  if (auto problem = database_->ask("DELETE FROM settings WHERE name = ?", name).run())
    return spoil(std::move(*problem));
  return std::nullopt;
}

result<std::vector<std::pair<std::string, std::string>>> ledger::all(std::string_view prefix) {
  const auto behind = std::string(prefix) + '\xff'; // no UTF-8 text has this byte
  auto asked =
      database_->ask("SELECT name, value FROM settings WHERE name >= ? AND name < ? ORDER BY name",
                     prefix, behind);
  std::vector<std::pair<std::string, std::string>> found;
  for (;;) {
    const auto more = asked.step();
    if (!more) return more.error();
    if (!*more) return found;
    found.emplace_back(asked.text(0), asked.text(1));
  }
}

} // namespace troupe::store
