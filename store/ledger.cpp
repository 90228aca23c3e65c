#include "store/ledger.hpp"

#include "store/action_row.hpp"
#include "store/crash_point.hpp"
#include "store/schema.hpp"

#include <algorithm>
#include <utility>

namespace troupe::store {

result<std::unique_ptr<ledger>> ledger::open(const std::filesystem::path& folder,
                                             const ledger_options& options) {
  auto held = state_folder::open(folder);
  if (!held) return std::move(held.error());
  const auto file = folder / "ledger.db";
  auto opened = database::open(file, options.database);
  if (!opened) return std::move(opened.error());
  if (auto problem = migrate(**opened, file.string(), options.program_version))
    return std::move(*problem);
  return read_in(std::unique_ptr<ledger>(new ledger(std::move(*held), std::move(*opened))));
}

result<std::unique_ptr<ledger>> ledger::in_memory() {
  auto opened = database::in_memory();
  if (!opened) return std::move(opened.error());
  if (auto problem = migrate(**opened, "a ledger in memory", {})) return std::move(*problem);
  return read_in(std::unique_ptr<ledger>(new ledger(std::nullopt, std::move(*opened))));
}

result<std::unique_ptr<ledger>> ledger::read_in(std::unique_ptr<ledger> made) {
  if (auto problem = made->load_totals()) return std::move(*problem);
  if (auto problem = made->load_interrupted()) return std::move(*problem);
  return made;
}

ledger::ledger(std::optional<state_folder> folder, std::unique_ptr<database> database)
    : folder_(std::move(folder)), database_(std::move(database)) {
  if (folder_) file_ = folder_->path() / "ledger.db";
}

ledger::~ledger() {
  rollback();
}

std::optional<fault> ledger::load_totals() {
  auto actions = database_->ask("SELECT count(*) FROM actions");
  auto unfinished = database_->ask("SELECT count(*) FROM actions WHERE hold > 0 AND state IN "
                                   "('accepted', 'sent')");
  auto payloads = database_->ask("SELECT count(*), sum(payload_bytes) FROM actions INDEXED BY "
                                 "actions_kept WHERE payload_kept = 1");
  auto events = database_->ask("SELECT count(*) FROM events");
  auto reserved = database_->ask("SELECT value FROM about WHERE name = 'reserved_sequences'");
  auto pruned = database_->ask("SELECT value FROM about WHERE name = 'prune_time'");
  auto forwarded = database_->ask("SELECT value FROM about WHERE name = 'forwarded'");
  auto newest = database_->ask("SELECT updated FROM actions ORDER BY number DESC LIMIT 1");
  for (auto* asked : {&actions, &unfinished, &payloads, &events, &reserved, &pruned, &newest})
    if (const auto row = asked->step(); !row) return row.error();
  const auto count = [](const query& asked, int column = 0) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, asked.integer(column)));
  };
  totals_.actions = count(actions);
  totals_.unfinished = count(unfinished);
  totals_.payloads = count(payloads);
  totals_.payload_bytes = count(payloads, 1);
  totals_.events = count(events);
  totals_.reserved = count(reserved);
  totals_.prune_time_kept = pruned.integer(0);
  totals_.prune_time = totals_.prune_time_kept != 0 ? totals_.prune_time_kept : newest.integer(0);
  const auto has_server = forwarded.step();
  if (!has_server) return has_server.error();
  if (*has_server) totals_.forwarded = count(forwarded);
  return refresh_events();
}

std::optional<fault> ledger::refresh_events() {
  auto asked = database_->ask("SELECT (SELECT min(sequence) FROM events), "
                              "(SELECT max(sequence) FROM events)");
  if (const auto row = asked.step(); !row) return row.error();
  totals_.oldest_sequence = static_cast<std::uint64_t>(asked.integer(0));
  totals_.last_sequence = static_cast<std::uint64_t>(asked.integer(1));
  // A file put back from a backup may hold events above what it had reserved.
  totals_.reserved = std::max(totals_.reserved, totals_.last_sequence);
  return std::nullopt;
}

std::optional<fault> ledger::load_interrupted() {
  auto asked = database_->ask("SELECT number FROM actions WHERE hold > 0 AND state = 'sent'");
  for (;;) {
    const auto row = asked.step();
    if (!row) return row.error();
    if (!*row) break;
    interrupted_.push_back(static_cast<std::uint64_t>(asked.integer(0)));
  }
  std::sort(interrupted_.begin(), interrupted_.end());
  return std::nullopt;
}

std::optional<fault> ledger::begin() {
  if (in_group_)
    return fault{"ledger.group_open", "A group of changes is open already.",
                 "Please report this with the box's log.", 500};
  if (auto problem = database_->execute("BEGIN IMMEDIATE")) return problem;
  before_ = totals_;
  in_group_ = true;
  lost_.reset();
  return std::nullopt;
}

std::optional<fault> ledger::commit() {
  if (auto problem = needs_group()) {
    rollback();
    return problem;
  }
  crash_point("ledger.before_commit");
  if (auto problem = database_->commit()) {
    rollback();
    return problem;
  }
  in_group_ = false;
  crash_point("ledger.after_commit");
  // The group is on disk; a checkpoint that fails is tried again by the next commit.
  if (database_->log_pages() >= log_page_limit) static_cast<void>(database_->checkpoint());
  return std::nullopt;
}

void ledger::rollback() {
  if (!in_group_) return;
  if (!database_->idle()) static_cast<void>(database_->execute("ROLLBACK"));
  totals_ = before_;
  in_group_ = false;
  lost_.reset();
}

std::optional<fault> ledger::needs_group() const {
  if (!in_group_)
    return fault{"ledger.no_group", "A change was made outside of a group.",
                 "Please report this with the box's log.", 500};
  return lost_;
}

fault ledger::spoil(fault problem) {
  if (in_group_ && !lost_ && problem.code.starts_with("store.")) lost_ = problem;
  return problem;
}

ledger_size ledger::size() const {
  ledger_size filled;
  filled.actions = totals_.actions;
  filled.unfinished = totals_.unfinished;
  filled.payloads = totals_.payloads;
  filled.payload_bytes = totals_.payload_bytes;
  filled.events = totals_.events;
  std::error_code problem;
  const auto bytes = std::filesystem::file_size(file_, problem);
  filled.file_bytes = problem ? 0 : bytes;
  filled.log_bytes = database_->log_pages() * database::page_bytes;
  return filled;
}

std::optional<fault> ledger::checkpoint() {
  if (in_group_)
    return fault{"ledger.group_open", "The log cannot be copied while a group is open.",
                 "Please report this with the box's log.", 500};
  return database_->checkpoint();
}

} // namespace troupe::store
