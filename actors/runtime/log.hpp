#pragma once

#include "messages/describe.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// The log of the program. Lines are made of constant text and arguments; each carries the trace
/// that is current. Secrets (tokens, keys, setup codes, customers' data on receipts) never go into
/// a line: log what was done and to which thing, not what it contained.
namespace troupe::runtime {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };
constexpr auto names_of(log_level) {
  return std::array{enum_name<log_level>{log_level::trace, "trace"},
                    enum_name<log_level>{log_level::debug, "debug"},
                    enum_name<log_level>{log_level::info, "info"},
                    enum_name<log_level>{log_level::warning, "warning"},
                    enum_name<log_level>{log_level::error, "error"},
                    enum_name<log_level>{log_level::off, "off"}};
}
/// Also takes "warn", "err" and "critical", in either case.
std::optional<log_level> log_level_from(std::string_view name);

/// One value in a line: text, a number or a truth value. Views must live until the call returns.
class log_value {
public:
  log_value(std::string_view text) : kind_(kind::text), text_(text) {}
  log_value(const std::string& text) : log_value(std::string_view(text)) {}
  log_value(const char* text) : log_value(std::string_view(text)) {}
  log_value(bool value) : kind_(kind::boolean), unsigned_(value) {}
  log_value(double value) : kind_(kind::real), real_(value) {}
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) log_value(T value)
      : kind_(std::is_signed_v<T> ? kind::integer : kind::natural) {
    if constexpr (std::is_signed_v<T>)
      signed_ = value;
    else
      unsigned_ = value;
  }

  void append_text(std::string& out) const; ///< as in "{}"
  void append_json(std::string& out) const;

private:
  enum class kind : std::uint8_t { text, integer, natural, real, boolean };
  kind kind_;
  union {
    std::string_view text_;
    std::int64_t signed_;
    std::uint64_t unsigned_;
    double real_;
  };
};

struct log_field {
  std::string_view name;
  log_value value;
};

/// A line as kept in memory and given to subscribers.
struct log_line {
  std::uint64_t number = 0; ///< 1 for the first of this program
  time_point at{};
  log_level level = log_level::info;
  std::string logger; ///< "box.homepage"
  std::string text;   ///< with its arguments
  std::string fields; ///< `name=value name=value`, or empty
  trace_context trace;
  std::uint32_t left_out = 0; ///< lines like this that the rate limit held back before it
};

struct log_options {
  log_level level = log_level::info; ///< of the root
  bool json = false;                 ///< one JSON object a line instead of readable text
  bool to_stderr = true;
  std::string file{};                ///< empty: none
  std::size_t file_bytes = 10 << 20; ///< then it is rotated
  std::size_t files = 3;
  std::size_t lines_in_memory = 1000;
  std::uint32_t repeats = 20; ///< of one line within `repeat_window`, then held back
  std::chrono::milliseconds repeat_window{10'000};
  std::function<time_point()> now{}; ///< empty: the system clock
};

/// Sets up (again) where lines go. Before the first call: warnings and errors, to stderr.
/// False when the file cannot be opened; the rest then works all the same.
bool configure_log(log_options options);
/// Writes out what is buffered and reports lines held back.
void flush_log();

struct logger_level {
  std::string logger; ///< "" is the root
  log_level level = log_level::info;
  bool own = false; ///< set for this very logger; otherwise inherited from the nearest prefix
};
/// Every logger that exists or has a level of its own, sorted by name.
std::vector<logger_level> log_levels();
/// Sets the level of a logger and of all below it that have none of their own; empty: inherits
/// again.
void set_log_level(std::string_view logger, std::optional<log_level> level);

/// The last lines after `number`, oldest first, at most `most`.
std::vector<log_line> recent_log_lines(std::uint64_t after = 0, std::size_t most = SIZE_MAX);

/// Ends the subscription when it goes.
class log_subscription {
public:
  log_subscription() = default;
  explicit log_subscription(std::shared_ptr<void> entry) : entry_(std::move(entry)) {}

private:
  std::shared_ptr<void> entry_;
};
/// `callback` gets each line, on the thread that wrote it, and must be brief (hand it to an actor).
/// Lines it writes itself do not come back to it.
[[nodiscard]] log_subscription subscribe_log(std::function<void(const log_line&)> callback);

/// A named source of lines. Copies are cheap; a disabled line costs one atomic load.
///
///     const runtime::logger log("box.printer");
///     log.info("{} printed {} rows", device, rows);
///     log.write(log_level::warning, "Printer is slow", {{"device", device}, {"ms", elapsed}});
class logger {
public:
  explicit logger(std::string_view name);

  bool enabled(log_level level) const {
    return static_cast<std::uint8_t>(level) >= effective_->load(std::memory_order_relaxed);
  }
  const std::string& name() const;

  void write(log_level level, std::string_view text,
             std::initializer_list<log_field> fields = {}) const {
    if (enabled(level)) submit(level, text, {}, {fields.begin(), fields.size()});
  }
  /// `{}` in `text` stand for the arguments, in order.
  template <class... Args>
  void format(log_level level, std::string_view text, const Args&... args) const {
    if (!enabled(level)) return;
    const std::initializer_list<log_value> values{log_value(args)...};
    submit(level, text, {values.begin(), values.size()}, {});
  }
  template <class... Args>
  void trace(std::string_view text, const Args&... args) const {
    format(log_level::trace, text, args...);
  }
  template <class... Args>
  void debug(std::string_view text, const Args&... args) const {
    format(log_level::debug, text, args...);
  }
  template <class... Args>
  void info(std::string_view text, const Args&... args) const {
    format(log_level::info, text, args...);
  }
  template <class... Args>
  void warning(std::string_view text, const Args&... args) const {
    format(log_level::warning, text, args...);
  }
  template <class... Args>
  void error(std::string_view text, const Args&... args) const {
    format(log_level::error, text, args...);
  }

  struct node;

private:
  void submit(log_level level, std::string_view text, std::span<const log_value> values,
              std::span<const log_field> fields) const;

  node* node_;
  const std::atomic<std::uint8_t>* effective_;
};

} // namespace troupe::runtime
