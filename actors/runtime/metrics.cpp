#include "actors/runtime/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace troupe::runtime {

namespace {

enum kind { counting, measuring, spreading };
constexpr std::array<std::string_view, 3> kind_names{"counter", "gauge", "histogram"};

void append_escaped(std::string& out, std::string_view text) {
  for (const char each : text) {
    if (each == '\\' || each == '"') out += '\\';
    if (each == '\n')
      out += "\\n";
    else
      out += each;
  }
}

void append_number(std::string& out, double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

std::string text_of(metrics::labels labels, bool overflow) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    append_escaped(out, overflow ? "other" : value);
    out += '"';
  }
  return out;
}

void append_line(std::string& out, std::string_view name, std::string_view suffix,
                 std::string_view labels, std::string_view last_label, double value) {
  out.append(name).append(suffix);
  if (!labels.empty() || !last_label.empty()) {
    out.append("{").append(labels);
    if (!labels.empty() && !last_label.empty()) out += ',';
    out.append(last_label).append("}");
  }
  out += ' ';
  append_number(out, value);
  out += '\n';
}

} // namespace

histogram::histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {}

void histogram::observe(double value) {
  const auto index = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(index)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::span<const double> seconds_bounds() {
  static constexpr std::array bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                     0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
  return bounds;
}

struct metrics::member {
  std::string labels;
  counter count;
  gauge level;
  std::optional<histogram> spread;
};

struct metrics::family {
  std::string name;
  std::string help;
  int kind = counting;
  std::vector<std::unique_ptr<member>> members;
};

metrics::metrics() = default;
metrics::~metrics() = default;

metrics::member& metrics::find(std::string_view name, std::string_view help, int kind,
                               labels labels) {
  auto known = std::find_if(families_.begin(), families_.end(), [&](const auto& each) {
    return each->name == name && each->kind == kind;
  });
  if (known == families_.end()) {
    families_.push_back(
        std::make_unique<family>(family{std::string(name), std::string(help), kind, {}}));
    known = std::prev(families_.end());
  }
  auto& members = (*known)->members;
  const auto with = [&](const std::string& text) {
    return std::find_if(members.begin(), members.end(),
                        [&](const auto& each) { return each->labels == text; });
  };
  auto text = text_of(labels, false);
  auto found = with(text);
  if (found == members.end() && members.size() >= label_sets) {
    text = text_of(labels, true);
    found = with(text);
  }
  if (found != members.end()) return **found;
  members.push_back(std::make_unique<member>());
  members.back()->labels = std::move(text);
  return *members.back();
}

counter& metrics::count(std::string_view name, std::string_view help, labels labels) {
  const std::lock_guard lock(mutex_);
  return find(name, help, counting, labels).count;
}

gauge& metrics::measure(std::string_view name, std::string_view help, labels labels) {
  const std::lock_guard lock(mutex_);
  return find(name, help, measuring, labels).level;
}

histogram& metrics::spread(std::string_view name, std::string_view help, labels labels,
                           std::span<const double> bounds) {
  const std::lock_guard lock(mutex_);
  auto& found = find(name, help, spreading, labels);
  if (!found.spread) found.spread.emplace(bounds);
  return *found.spread;
}

std::string metrics::exposition() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& each : families_) {
    out.append("# HELP ").append(each->name).append(" ").append(each->help);
    out.append("\n# TYPE ").append(each->name).append(" ");
    out.append(kind_names[static_cast<std::size_t>(each->kind)]).append("\n");
    for (const auto& one : each->members) {
      if (each->kind == counting) {
        append_line(out, each->name, "", one->labels, "", static_cast<double>(one->count.value()));
      } else if (each->kind == measuring) {
        append_line(out, each->name, "", one->labels, "", static_cast<double>(one->level.value()));
      } else {
        const auto& spread = *one->spread;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < spread.bounds().size(); ++i) {
          std::string bound = "le=\"";
          append_number(bound, spread.bounds()[i]);
          sum += spread.bucket(i);
          append_line(out, each->name, "_bucket", one->labels, bound + '"',
                      static_cast<double>(sum));
        }
        append_line(out, each->name, "_bucket", one->labels, "le=\"+Inf\"",
                    static_cast<double>(sum + spread.bucket(spread.bounds().size())));
        append_line(out, each->name, "_sum", one->labels, "", spread.sum());
        append_line(out, each->name, "_count", one->labels, "",
                    static_cast<double>(spread.count()));
      }
    }
  }
  return out;
}

} // namespace troupe::runtime
