#include "actors/runtime/log.hpp"

#include "actors/runtime/log_format.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace troupe::runtime {

/// A logger's place in the tree of dotted names. Never destroyed.
struct logger::node {
  std::string name;
  std::optional<log_level> own;
  std::atomic<std::uint8_t> effective{static_cast<std::uint8_t>(log_level::warning)};
};

namespace {

using callback = std::function<void(const log_line&)>;

/// How often one kind of line came lately.
struct repetition {
  time_point since;
  std::uint32_t written = 0;
  std::uint32_t held_back = 0;
  logger::node* source = nullptr;
  log_level level = log_level::info;
  std::string pattern;
};

/// So many kinds of lines are watched for repetition at a time; more pass unwatched.
constexpr std::size_t watched_kinds = 256;

struct log_core {
  std::mutex mutex;
  log_options options = [] {
    log_options first;
    first.level = log_level::warning;
    return first;
  }();
  std::map<std::string, std::unique_ptr<logger::node>, std::less<>> nodes;
  std::vector<std::shared_ptr<spdlog::sinks::sink>> sinks;
  std::deque<log_line> lines;
  std::uint64_t last_number = 0;
  std::vector<std::weak_ptr<callback>> subscribers;
  std::unordered_map<std::size_t, repetition> repetitions;
  time_point next_sweep{};

  log_core() {
    node_of("").own = options.level;
    open_sinks();
  }

  logger::node& node_of(std::string_view name);
  void inherit_levels();
  bool open_sinks();
  time_point now() const;
  void emit(log_line line, std::string_view json_fields);
  bool hold_back(logger::node& source, log_level level, std::string_view pattern, log_line& line);
  void report_held_back(time_point at, bool all);
  void report(repetition& kind, time_point at);
  std::vector<std::shared_ptr<callback>> listeners();
};

/// Lives as long as the program, so that the last destructor may still log.
log_core& core() {
  static auto& instance = *new log_core;
  return instance;
}

logger::node& log_core::node_of(std::string_view name) {
  const auto found = nodes.find(name);
  if (found != nodes.end()) return *found->second;
  auto& made = *nodes.emplace(name, std::make_unique<logger::node>()).first->second;
  made.name = name;
  inherit_levels();
  return made;
}

void log_core::inherit_levels() {
  for (auto& [name, node] : nodes) {
    const logger::node* source = node.get();
    std::string_view prefix = name;
    while (!source->own && !prefix.empty()) {
      const auto dot = prefix.rfind('.');
      prefix = prefix.substr(0, dot == std::string_view::npos ? 0 : dot);
      const auto above = nodes.find(prefix);
      if (above != nodes.end()) source = above->second.get();
    }
    node->effective = static_cast<std::uint8_t>(source->own.value_or(options.level));
  }
}

bool log_core::open_sinks() {
  sinks.clear();
  bool opened = true;
  if (options.to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (!options.file.empty()) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          options.file, options.file_bytes, options.files));
    } catch (const spdlog::spdlog_ex&) {
      opened = false;
    }
  }
  for (auto& each : sinks)
    each->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  return opened;
}

time_point log_core::now() const {
  if (options.now) return options.now();
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void log_core::emit(log_line line, std::string_view json_fields) {
  line.number = ++last_number;
  const auto text = options.json ? json_line(line, json_fields) : readable_line(line);
  const spdlog::details::log_msg message("", spdlog::level::info, text);
  for (auto& each : sinks) {
    try {
      each->log(message);
      each->flush();
    } catch (const spdlog::spdlog_ex&) {
      continue; // a full disk must not stop the program; the ring and the other sinks go on
    }
  }
  lines.push_back(std::move(line));
  while (lines.size() > std::max<std::size_t>(1, options.lines_in_memory))
    lines.pop_front();
}

bool log_core::hold_back(logger::node& source, log_level level, std::string_view pattern,
                         log_line& line) {
  auto key = std::hash<std::string_view>{}(pattern);
  key ^= reinterpret_cast<std::uintptr_t>(&source) + static_cast<std::size_t>(level);
  if (repetitions.size() >= watched_kinds && !repetitions.contains(key)) return false;
  auto& kind = repetitions[key];
  if (kind.source == nullptr || line.at < kind.since ||
      line.at - kind.since >= options.repeat_window) {
    line.left_out = kind.held_back;
    kind = {line.at, 1, 0, &source, level, std::string(pattern)};
    return false;
  }
  if (kind.written < options.repeats) {
    ++kind.written;
    return false;
  }
  ++kind.held_back;
  return true;
}

void log_core::report(repetition& kind, time_point at) {
  log_line line;
  line.at = at;
  line.level = kind.level;
  line.logger = kind.source->name;
  line.text = "Left out " + std::to_string(kind.held_back) + " more like: " + kind.pattern;
  emit(std::move(line), {});
}

void log_core::report_held_back(time_point at, bool all) {
  if (!all && at < next_sweep) return;
  next_sweep = at + options.repeat_window;
  for (auto kind = repetitions.begin(); kind != repetitions.end();) {
    if (!all && at - kind->second.since < options.repeat_window) {
      ++kind;
      continue;
    }
    if (kind->second.held_back > 0) report(kind->second, at);
    kind = repetitions.erase(kind);
  }
}

std::vector<std::shared_ptr<callback>> log_core::listeners() {
  std::vector<std::shared_ptr<callback>> out;
  std::erase_if(subscribers, [&](const std::weak_ptr<callback>& each) {
    auto alive = each.lock();
    if (alive) out.push_back(std::move(alive));
    return each.expired();
  });
  return out;
}

} // namespace

std::optional<log_level> log_level_from(std::string_view name) {
  std::string lower(name);
  for (auto& each : lower)
    each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  if (lower == "warn") lower = "warning";
  if (lower == "err" || lower == "critical") lower = "error";
  log_level out{};
  if (from_name(lower, out)) return out;
  return {};
}

bool configure_log(log_options options) {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  log.options = std::move(options);
  log.node_of("").own = log.options.level;
  log.inherit_levels();
  log.repetitions.clear();
  log.next_sweep = {};
  return log.open_sinks();
}

void flush_log() {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  log.report_held_back(log.now(), true);
  for (auto& each : log.sinks)
    each->flush();
}

std::vector<logger_level> log_levels() {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  std::vector<logger_level> out;
  for (const auto& [name, node] : log.nodes)
    out.push_back({name, static_cast<log_level>(node->effective.load()), node->own.has_value()});
  return out;
}

void set_log_level(std::string_view logger, std::optional<log_level> level) {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  if (logger.empty()) log.options.level = level.value_or(log_level::info);
  log.node_of(logger).own = logger.empty() ? std::optional(log.options.level) : level;
  log.inherit_levels();
}

std::vector<log_line> recent_log_lines(std::uint64_t after, std::size_t most) {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  auto first = std::find_if(log.lines.begin(), log.lines.end(),
                            [&](const log_line& each) { return each.number > after; });
  const auto count = static_cast<std::size_t>(log.lines.end() - first);
  if (count > most) first += static_cast<std::ptrdiff_t>(count - most);
  return {first, log.lines.end()};
}

log_subscription subscribe_log(std::function<void(const log_line&)> listener) {
  auto entry = std::make_shared<callback>(std::move(listener));
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  log.subscribers.push_back(entry);
  return log_subscription(std::move(entry));
}

logger::logger(std::string_view name) {
  auto& log = core();
  const std::lock_guard lock(log.mutex);
  node_ = &log.node_of(name);
  effective_ = &node_->effective;
}

const std::string& logger::name() const {
  return node_->name;
}

void logger::submit(log_level level, std::string_view text, std::span<const log_value> values,
                    std::span<const log_field> fields) const {
  auto& log = core();
  log_line line;
  line.level = level;
  line.logger = node_->name;
  line.trace = current_trace();
  std::vector<std::shared_ptr<callback>> listeners;
  {
    const std::lock_guard lock(log.mutex);
    line.at = log.now();
    log.report_held_back(line.at, false);
    if (log.hold_back(*node_, level, text, line)) return;
    line.text = compose_text(text, values);
    line.fields = compose_fields(fields);
    log.emit(line, log.options.json ? compose_json_fields(fields) : std::string());
    line.number = log.last_number;
    if (!log.subscribers.empty()) listeners = log.listeners();
  }
  thread_local bool telling = false;
  if (telling) return;
  telling = true;
  for (const auto& each : listeners)
    (*each)(line);
  telling = false;
}

} // namespace troupe::runtime
