#include "messages/codec.hpp"
#include "store/action_row.hpp"
#include "store/crash_point.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace troupe::store {

namespace {

/// How far the age of the past may lag behind on disk.
constexpr std::int64_t prune_time_slack =
    std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::hours(1)).count();

/// Before 2024 there was no Troupe: a time below is of a clock that was not set yet (a box without
/// a battery starts at 1970), and tells no age.
constexpr std::int64_t clocks_begin = 1'704'067'200'000'000;

std::int64_t microseconds(std::chrono::microseconds span) {
  return span.count();
}

struct candidate {
  std::uint64_t number;
  std::uint64_t bytes;
  bool payload_kept;
};

result<std::vector<candidate>> candidates(query& found) {
  std::vector<candidate> rows;
  for (;;) {
    const auto more = found.step();
    if (!more) return more.error();
    if (!*more) return rows;
    rows.push_back({static_cast<std::uint64_t>(found.integer(0)),
                    static_cast<std::uint64_t>(found.integer(1)), found.integer(2) != 0});
  }
}

std::uint64_t above(std::uint64_t count, std::uint64_t bound) {
  return count > bound ? count - bound : 0;
}

// The oldest come first; `hold` and a bound of examined rows keep the work of one call small.
constexpr std::string_view old_payloads =
    "SELECT number, payload_bytes, 1 FROM (SELECT number, payload_bytes, updated FROM actions "
    "INDEXED BY actions_kept WHERE payload_kept = 1 AND hold = ?1 ORDER BY number LIMIT ?3) "
    "WHERE updated < ?2";
constexpr std::string_view oldest_payloads =
    "SELECT number, payload_bytes, 1 FROM actions INDEXED BY actions_kept WHERE payload_kept = 1 "
    "AND hold < 2 ORDER BY hold, number LIMIT ?1";
constexpr std::string_view old_actions =
    "SELECT number, payload_bytes, payload_kept FROM (SELECT number, payload_bytes, payload_kept, "
    "updated FROM actions WHERE hold = ?1 AND number <= ?4 ORDER BY number LIMIT ?3) "
    "WHERE updated < ?2";
constexpr std::string_view oldest_actions =
    "SELECT number, payload_bytes, payload_kept FROM actions WHERE hold = ?1 ORDER BY number "
    "LIMIT ?2";

} // namespace

void ledger::advance_prune_time(time_point now) {
  const auto clock = to_microseconds(now);
  auto& time = totals_.prune_time;
  if (time == 0)
    time = clock;
  else if (clock > time)
    time = std::min(clock, time + microseconds(prune_step));
}

std::optional<fault> ledger::keep_prune_time() {
  if (totals_.prune_time < totals_.prune_time_kept + prune_time_slack) return std::nullopt;
  totals_.prune_time_kept = totals_.prune_time;
  return database_->ask("INSERT OR REPLACE INTO about VALUES ('prune_time', ?)", totals_.prune_time)
      .run();
}

std::optional<fault> ledger::drop_payload(std::uint64_t number, std::uint64_t bytes, pruned& done) {
  if (auto problem = database_->ask("DELETE FROM payloads WHERE number = ?", number).run())
    return problem;
  auto mark = database_->ask("UPDATE actions SET payload_kept = 0 WHERE number = ?", number);
  if (auto problem = mark.run()) return problem;
  totals_.payloads -= std::min<std::uint64_t>(1, totals_.payloads);
  totals_.payload_bytes -= std::min(bytes, totals_.payload_bytes);
  ++done.payloads;
  done.payload_bytes += bytes;
  return std::nullopt;
}

std::optional<fault> ledger::prune_payloads(const prune_limits& limits, std::int64_t now,
                                            pruned& done) {
  for (const int hold : {0, 1}) {
    const auto age = microseconds(limits.payload_age) * (hold == 1 ? unknown_patience : 1);
    auto asked = database_->ask(old_payloads, hold, now - age, prune_batch);
    const auto rows = candidates(asked);
    if (!rows) return rows.error();
    for (const auto& row : *rows) {
      if (done.payload_bytes >= prune_byte_batch) break;
      if (auto problem = drop_payload(row.number, row.bytes, done)) return problem;
    }
  }
  if (totals_.payload_bytes <= limits.payload_bytes) return std::nullopt;
  auto asked = database_->ask(oldest_payloads, prune_batch);
  const auto rows = candidates(asked);
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    if (totals_.payload_bytes <= limits.payload_bytes || done.payload_bytes >= prune_byte_batch)
      break;
    if (auto problem = drop_payload(row.number, row.bytes, done)) return problem;
  }
  return std::nullopt;
}

std::optional<fault> ledger::drop_actions(query& found, pruned& done) {
  const auto rows = candidates(found);
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    if (row.payload_kept)
      if (auto problem = drop_payload(row.number, row.bytes, done)) return problem;
    if (auto problem = database_->ask("DELETE FROM actions WHERE number = ?", row.number).run())
      return problem;
    totals_.actions -= std::min<std::uint64_t>(1, totals_.actions);
    ++done.actions;
  }
  return std::nullopt;
}

std::optional<fault> ledger::prune_actions(const prune_limits& limits, std::int64_t now,
                                           pruned& done) {
  const auto newest = [this] {
    auto asked = database_->ask("SELECT max(number) FROM actions");
    const auto row = asked.step();
    return row && *row ? asked.integer(0) : 0;
  }();
  const auto last = newest - static_cast<std::int64_t>(kept_whatever_age);
  for (const int hold : {0, 1}) {
    const auto age = microseconds(limits.age) * (hold == 1 ? unknown_patience : 1);
    auto asked = database_->ask(old_actions, hold, now - age, prune_batch, last);
    if (auto problem = drop_actions(asked, done)) return problem;
  }
  for (const int hold : {0, 1}) {
    const auto excess = above(totals_.actions, limits.actions);
    const auto room = above(prune_batch, done.actions);
    if (excess == 0 || room == 0) continue;
    auto asked = database_->ask(oldest_actions, hold, std::min(excess, room));
    if (auto problem = drop_actions(asked, done)) return problem;
  }
  return std::nullopt;
}

std::optional<fault> ledger::prune_events(const prune_limits& limits, std::int64_t now,
                                          pruned& done) {
  // The newest event always stays: `last_sequence` is read from it.
  const auto excess = above(totals_.events, std::max<std::uint64_t>(limits.events, 1));
  const auto aged = std::min<std::uint64_t>(above(totals_.events, kept_whatever_age), prune_batch);
  const auto last =
      std::min<std::uint64_t>(totals_.forwarded.value_or(totals_.last_sequence),
                              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  std::int64_t deleted = 0;
  if (aged > 0) {
    auto by_age = database_->ask(
        "DELETE FROM events WHERE sequence IN (SELECT sequence FROM (SELECT sequence, time FROM "
        "events WHERE sequence <= ?3 ORDER BY sequence LIMIT ?1) WHERE time < ?2)",
        aged, now - microseconds(limits.age), last);
    if (auto problem = by_age.run()) return problem;
    deleted += database_->changes();
  }
  const auto still = above(excess, static_cast<std::uint64_t>(deleted));
  if (still > 0) {
    auto by_count =
        database_->ask("DELETE FROM events WHERE sequence IN (SELECT sequence FROM "
                       "events WHERE sequence <= ?2 AND sequence < ?3 ORDER BY "
                       "sequence LIMIT ?1)",
                       std::min<std::uint64_t>(still, prune_batch), last, totals_.last_sequence);
    if (auto problem = by_count.run()) return problem;
    deleted += database_->changes();
  }
  done.events = static_cast<std::uint64_t>(deleted);
  totals_.events = above(totals_.events, done.events);
  if (totals_.forwarded)
    if (auto problem = prune_buffer(limits, now, done)) return problem;
  return done.events == 0 ? std::nullopt : refresh_events();
}

/// The buffer for the server: what is too old, then what is too much of the greediest device.
std::optional<fault> ledger::prune_buffer(const prune_limits& limits, std::int64_t now,
                                          pruned& done) {
  const auto waiting = count_events_after(*totals_.forwarded);
  if (!waiting) return waiting.error();
  auto oldest = database_->ask("SELECT device, time FROM events WHERE sequence > ? ORDER BY "
                               "sequence LIMIT 1",
                               *totals_.forwarded);
  const auto first = oldest.step();
  if (!first) return first.error();
  if (*first && *waiting > kept_whatever_age && oldest.integer(1) >= clocks_begin &&
      oldest.integer(1) < now - microseconds(limits.buffer_age)) {
    auto aged = database_->ask("SELECT count(*) FROM (SELECT time FROM events WHERE device = ?1 "
                               "AND sequence > ?2 ORDER BY sequence LIMIT ?3) WHERE time < ?4",
                               oldest.text(0), *totals_.forwarded, prune_batch,
                               now - microseconds(limits.buffer_age));
    if (const auto row = aged.step(); !row) return row.error();
    return drop_unforwarded(oldest.text(0), static_cast<std::uint64_t>(aged.integer(0)), done);
  }
  const auto excess = above(*waiting, std::max<std::uint64_t>(limits.buffer_events, 1));
  if (excess == 0) return std::nullopt;
  auto greediest = database_->ask("SELECT device, count(*) FROM events WHERE sequence > ? GROUP BY "
                                  "device ORDER BY 2 DESC, 1 LIMIT 1",
                                  *totals_.forwarded);
  if (const auto row = greediest.step(); !row) return row.error();
  return drop_unforwarded(greediest.text(0), std::min<std::uint64_t>(excess, prune_batch), done);
}

/// Deletes the oldest of a device that no server has, and adds them to what is noted as lost.
std::optional<fault> ledger::drop_unforwarded(const std::string& device, std::uint64_t count,
                                              pruned& done) {
  auto range = database_->ask(
      "SELECT min(sequence), max(sequence), count(*) FROM (SELECT sequence FROM events WHERE "
      "device = ?1 AND sequence > ?2 AND sequence < ?4 ORDER BY sequence LIMIT ?3)",
      device, *totals_.forwarded, count, totals_.last_sequence);
  if (const auto row = range.step(); !row) return row.error();
  const auto first = range.integer(0), last = range.integer(1), found = range.integer(2);
  if (found == 0) return std::nullopt;
  auto drop = database_->ask("DELETE FROM events WHERE device = ?1 AND sequence BETWEEN ?2 AND ?3",
                             device, first, last);
  if (auto problem = drop.run()) return problem;
  done.events += static_cast<std::uint64_t>(found);
  done.lost += static_cast<std::uint64_t>(found);
  totals_.events = above(totals_.events, static_cast<std::uint64_t>(found));
  const auto setting = "link.lost." + device;
  const auto noted = get(setting);
  if (!noted) return noted.error();
  value::object lost{{"lost", found}, {"after", first - 1}, {"before", last + 1}};
  if (const auto kept = from_json<value>(*noted ? **noted : "null"); kept && kept->as_object())
    if (const auto* before = (*kept)["lost"].as_integer()) {
      lost["lost"] = found + *before;
      lost["after"] = (*kept)["after"];
    }
  return put(setting, to_json(value(std::move(lost))));
}

std::optional<fault> ledger::shrink() {
  auto asked = database_->ask("PRAGMA freelist_count");
  const auto row = asked.step();
  if (!row) return row.error();
  if (asked.integer(0) <= free_pages_kept) return std::nullopt;
  return database_->execute(
      ("PRAGMA incremental_vacuum(" + std::to_string(vacuum_batch) + ")").c_str());
}

result<pruned> ledger::prune(time_point now, const prune_limits& limits) {
  if (auto problem = needs_group()) return std::move(*problem);
  advance_prune_time(now);
  // A clock that went back makes nothing older than it is.
  const auto time = std::min(totals_.prune_time, to_microseconds(now));
  pruned done;
  auto problem = prune_payloads(limits, time, done);
  if (!problem) problem = prune_actions(limits, time, done);
  if (!problem) problem = prune_events(limits, time, done);
  if (!problem) problem = keep_prune_time();
  if (!problem) problem = shrink();
  if (problem) return spoil(std::move(*problem));
  done.more = done.payloads >= prune_batch || done.payload_bytes >= prune_byte_batch ||
              done.actions >= prune_batch || done.events >= prune_batch;
  if (done.payloads + done.actions + done.events > 0) crash_point("ledger.in_prune");
  return done;
}

} // namespace troupe::store
