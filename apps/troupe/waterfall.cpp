#include "apps/troupe/waterfall.hpp"

#include "apps/troupe/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;
using span_id = std::array<std::uint8_t, 8>;

constexpr std::size_t narrowest_bar = 20;
constexpr std::size_t duration_columns = 10;

struct placed {
  const waterfall_span* span = nullptr;
  std::size_t depth = 0;
};

/// Parents before children, siblings by start. A span whose parent is not here stands at the top.
std::vector<placed> in_order(const std::vector<waterfall_span>& spans) {
  std::map<span_id, std::vector<const waterfall_span*>> children;
  std::set<span_id> present;
  for (const auto& each : spans)
    present.insert(each.content.context.span);
  std::vector<placed> order;
  std::vector<placed> waiting;
  for (const auto& each : spans) {
    const bool inner =
        present.contains(each.content.parent) && each.content.parent != each.content.context.span;
    if (inner)
      children[each.content.parent].push_back(&each);
    else
      waiting.push_back({&each, 0});
  }
  std::reverse(waiting.begin(), waiting.end());
  std::set<const waterfall_span*> shown;
  while (!waiting.empty()) {
    const auto next = waiting.back();
    waiting.pop_back();
    if (!shown.insert(next.span).second) continue;
    order.push_back(next);
    auto& under = children[next.span->content.context.span];
    for (auto at = under.rbegin(); at != under.rend(); ++at)
      waiting.push_back({*at, next.depth + 1});
  }
  // Spans that are each other's parents hang under nothing; they are shown all the same.
  for (const auto& each : spans)
    if (shown.insert(&each).second) order.push_back({&each, 0});
  return order;
}

std::string bar(std::chrono::microseconds start, std::chrono::microseconds duration,
                std::chrono::microseconds whole, std::size_t width) {
  const auto scale = [&](std::chrono::microseconds at) {
    const auto of = std::max<std::int64_t>(whole.count(), 1);
    return static_cast<std::size_t>(std::clamp<std::int64_t>(at.count(), 0, of) *
                                    static_cast<std::int64_t>(width) / of);
  };
  const auto first = std::min(scale(start), width - 1);
  const auto last = std::max(scale(start + duration), first + 1);
  std::string out = "|" + std::string(first, ' ');
  for (auto at = first; at < last; ++at)
    out += "█";
  return out + std::string(width - last, ' ') + "|";
}

bool clocks_differ(const std::vector<waterfall_span>& spans) {
  std::map<span_id, const waterfall_span*> by_id;
  for (const auto& each : spans)
    by_id[each.content.context.span] = &each;
  return std::any_of(spans.begin(), spans.end(), [&](const waterfall_span& each) {
    const auto parent = by_id.find(each.content.parent);
    return parent != by_id.end() && parent->second->place != each.place &&
           each.content.start + 1ms < parent->second->content.start;
  });
}

struct extent {
  time_point start = time_point::max();
  time_point end = time_point::min();
  void take(time_point from, time_point to) {
    start = std::min(start, from);
    end = std::max(end, to);
  }
};

std::string span_rows(const std::vector<waterfall_span>& spans, const extent& all,
                      std::size_t columns) {
  const auto order = in_order(spans);
  std::size_t place_width = 5, name_width = 4;
  for (const auto& each : order) {
    place_width = std::max(place_width, columns_of(printable(each.span->place)));
    name_width =
        std::max(name_width, 2 * each.depth + columns_of(printable(each.span->content.name)) + 2);
  }
  place_width = std::min<std::size_t>(place_width, 20);
  const auto fixed = place_width + 2 + 2 + duration_columns + 2;
  const auto room = columns > fixed + 2 * narrowest_bar ? columns - fixed : 2 * narrowest_bar;
  name_width = std::min(name_width, room - narrowest_bar);
  const auto bar_width = room - name_width;
  std::string out;
  for (const auto& each : order) {
    const auto& content = each.span->content;
    const auto name =
        std::string(2 * each.depth, ' ') + (content.failed ? "✗ " : "") + printable(content.name);
    out += padded(shortened(printable(each.span->place), place_width), place_width + 2) +
           padded(shortened(name, name_width), name_width + 2) +
           bar(content.start - all.start, content.duration, all.end - all.start, bar_width) + " " +
           precise(content.duration) + "\n";
    if (!content.note.empty())
      out +=
          std::string(place_width + 2 + 2 * each.depth + 2, ' ') + printable(content.note) + "\n";
  }
  return out;
}

/// 16 hex digits; all zero when there are none.
span_id read_span_id(const std::string& text) {
  const auto context = from_traceparent("00-00000000000000000000000000000001-" + text + "-01");
  return context ? context->span : span_id{};
}

} // namespace

std::optional<span> read_span(const value& written) {
  span read;
  const auto start = from_rfc3339(written.text_or("start"));
  const auto* duration = written["duration_us"].as_integer();
  if (!start || duration == nullptr) return std::nullopt;
  read.context.span = read_span_id(written.text_or("span"));
  read.parent = read_span_id(written.text_or("parent"));
  read.name = written.text_or("name");
  read.place = written.text_or("place");
  read.start = *start;
  read.duration = std::chrono::microseconds(*duration);
  const auto* failed = written["failed"].as_bool();
  read.failed = failed != nullptr && *failed;
  read.note = written.text_or("note");
  return read;
}

std::optional<log_record> read_line(const value& written) {
  const auto time = from_rfc3339(written.text_or("time"));
  if (!time) return std::nullopt;
  return log_record{
      *time, written.text_or("level"), written.text_or("logger"), written.text_or("text"), {}};
}

std::string waterfall(const std::string& trace, std::vector<waterfall_span> spans,
                      std::vector<waterfall_line> lines, std::size_t columns) {
  std::stable_sort(spans.begin(), spans.end(),
                   [](const auto& a, const auto& b) { return a.content.start < b.content.start; });
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.content.time < b.content.time; });
  extent all;
  for (const auto& each : spans)
    all.take(each.content.start, each.content.start + each.content.duration);
  if (spans.empty())
    for (const auto& each : lines)
      all.take(each.content.time, each.content.time);
  std::string out = "Trace " + trace + "\n";
  if (spans.empty() && lines.empty()) return out + "Nothing is kept of it.\n";
  out += local_time(all.start, true) + ", " + std::to_string(spans.size()) +
         (spans.size() == 1 ? " span, " : " spans, ") + precise(all.end - all.start) + "\n\n";
  out += span_rows(spans, all, columns);
  if (clocks_differ(spans))
    out +=
        "\nThe clocks of these machines differ: where a bar begins is by each one's own clock.\n";
  if (lines.empty()) return out;
  out += "\n";
  for (const auto& each : lines) {
    const auto since = each.content.time - all.start;
    const auto shown = (since < 0us ? "-" : "+") + precise(since < 0us ? -since : since);
    out += padded(shown, duration_columns + 2) + padded(shortened(printable(each.place), 20), 14) +
           " " + padded(printable(each.content.level), 8) + printable(each.content.logger) + ": " +
           printable(each.content.text) + "\n";
  }
  return out;
}

} // namespace troupe::apps
