#include "actors/server/bus_group.hpp"

#include "messages/codec.hpp"
#include "store/fleet_commands.hpp"
#include "transport/dialects/cloud_events.hpp"
#include "transport/utf8.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {

namespace {

/// A name from a box as a database takes it; the event itself stays as it came.
std::string for_column(const std::string& text) {
  constexpr std::size_t bound = 128;
  std::string out = text.substr(0, bound);
  if (!transport::is_utf8(out) || out.find('\0') != std::string::npos)
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c <= 0; }, '?');
  return out;
}

} // namespace

std::shared_ptr<const std::string> cloud_event_of(const fleet_event& content,
                                                  std::uint64_t passing) {
  auto shown = content.content;
  shown.sequence = content.sequence;
  return std::make_shared<const std::string>(
      dialects::to_cloud_event_json(shown, content.box, passing));
}

std::optional<fault> event_group::write(store::sql_connection& connection) {
  fresh.clear();
  rows_.clear();
  sources_.clear();
  repeated = 0;
  const auto bounds = store::bounds_of_events(connection);
  if (!bounds) return bounds.error();
  last = bounds->newest;
  for (auto& each : batches)
    if (auto problem = add(connection, each)) return problem;
  if (auto problem = store::write_events(connection, rows_)) return problem;
  for (const auto& [box, source] : sources_)
    if (!source.epoch.empty())
      if (auto problem = store::move_source(connection, source)) return problem;
  rows_.clear();
  return std::nullopt;
}

std::optional<fault> event_group::add(store::sql_connection& connection, batch& from) {
  const auto& message = from.content;
  if (message.tells) {
    const auto fresh_news =
        store::mark_command_told(connection, message.tells->id, message.tells->state);
    if (!fresh_news) return fresh_news.error();
    if (message.tells->again && !*fresh_news) {
      repeated += message.events.size();
      from.answer = last;
      return std::nullopt;
    }
  }
  auto known = sources_.find(message.box);
  if (known == sources_.end()) {
    auto found = store::take_source(connection, message.box);
    if (!found) return found.error();
    known = sources_.emplace(message.box, std::move(*found)).first;
  }
  auto& source = known->second;
  if (!message.epoch.empty() && message.epoch != source.epoch) {
    source.epoch = message.epoch;
    source.last = 0;
  }
  if (!message.epoch.empty() && source.last < message.after) {
    from.refused = fault{"bus.gap", "Events before these could not be written.",
                         "The box sends them again by itself.", 503};
    return std::nullopt;
  }
  for (const auto& each : message.events) {
    if (!message.epoch.empty()) {
      if (each.sequence <= source.last) {
        ++repeated;
        continue;
      }
      source.last = each.sequence;
    }
    number(each, message.box, source.number);
  }
  from.answer = message.epoch.empty() ? last : source.last;
  return std::nullopt;
}

void event_group::number(event content, const box_id& box, std::int64_t source) {
  auto made = std::make_shared<numbered_event>();
  made->content = {++last, box, std::move(content)};
  const auto& kept = made->content.content;
  const auto packed = to_msgpack(kept);
  rows_.push_back({last,
                   {},
                   source,
                   now,
                   for_column(kept.device.text),
                   for_column(kept.type),
                   std::string(as_text(packed))});
  if (make_json) made->json = cloud_event_of(made->content);
  fresh.push_back(std::move(made));
}

} // namespace troupe::server
