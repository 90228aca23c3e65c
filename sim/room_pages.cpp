#include "sim/room_pages.hpp"

#include "sim/room_json.hpp"

#include <algorithm>

namespace troupe::sim {

void room_pages::add(session socket) {
  pages_.push_back({std::move(socket), {}});
}

void room_pages::remove(const transport::websocket_session* socket) {
  std::erase_if(pages_, [&](const page& each) { return each.socket.get() == socket; });
}

static std::string state_message(const printer_snapshot& seen) {
  transport::json_value json;
  json["type"] = "state";
  json["printer"] = seen.id;
  json["snapshot"] = to_json(seen);
  return dump(json);
}

void room_pages::welcome(const session& socket, const printer_snapshot& seen,
                         const strip_picture& strip) {
  flush(seen.id); // what was gathered is part of the strip already
  auto found = std::find_if(pages_.begin(), pages_.end(),
                            [&](const page& each) { return each.socket == socket; });
  if (found == pages_.end()) return;
  socket->send_text(state_message(seen));
  found->follows[seen.id] = {};
  auto first = strip.height - std::min(strip.height, first_rows);
  if (first > 0) found->follows[seen.id] = {strip.number, 0, first};
  auto row_bytes = (strip.width + 7) / 8;
  while (first < strip.height) {
    auto count = std::min(rows_a_message, strip.height - first);
    auto message = std::make_shared<const std::string>(
        rows_message(seen.id, strip.number, first, count, strip.width,
                     strip.bits.view().subspan(first * row_bytes, count * row_bytes)));
    send_rows(*found, seen.id, strip.number, first, count, message);
    first += count;
  }
}

void room_pages::gather(const std::string& printer, const rows_printed& rows) {
  if (pages_.empty() || rows.count == 0) return;
  auto& all = gathered_[printer];
  if (all.count == 0 && all.left_out == 0) {
    all = {rows.receipt, rows.first, 0, 0, rows.bits.size() / rows.count, {}};
  } else if (all.receipt != rows.receipt) {
    flush(printer);
    return gather(printer, rows);
  }
  auto room = gathered_rows - all.count;
  auto kept = all.left_out > 0 ? 0 : std::min(room, rows.count);
  all.bits.insert(all.bits.end(), rows.bits.begin(),
                  rows.bits.begin() + static_cast<std::ptrdiff_t>(kept * all.row_bytes));
  all.count += kept;
  all.left_out += rows.count - kept;
}

void room_pages::flush(const std::string& printer) {
  auto found = gathered_.extract(printer);
  if (found.empty()) return;
  const auto& all = found.mapped();
  for (std::size_t done = 0; done < all.count;) {
    auto count = std::min(rows_a_message, all.count - done);
    auto bits = byte_span(all.bits).subspan(done * all.row_bytes, count * all.row_bytes);
    auto first = all.first + done;
    auto message = std::make_shared<const std::string>(
        rows_message(printer, all.receipt, first, count, all.row_bytes * 8, bits));
    for (auto& each : pages_)
      if (each.follows.contains(printer))
        send_rows(each, printer, all.receipt, first, count, message);
    done += count;
  }
  if (all.left_out == 0) return;
  for (auto& each : pages_) {
    auto follows = each.follows.find(printer);
    if (follows == each.follows.end()) continue;
    missing_rows missing{all.receipt, all.first + all.count, all.left_out};
    if (follows->second.count > 0) { // an older gap lies right before
      missing.count += missing.first - follows->second.first;
      missing.first = follows->second.first;
    }
    follows->second = missing;
  }
}

void room_pages::flush_all() {
  while (!gathered_.empty())
    flush(std::string(gathered_.begin()->first));
}

bool room_pages::send_gap(page& to, const std::string& printer, missing_rows& missing) {
  if (missing.count == 0) return true;
  if (!to.socket->send_text(gap_message(printer, missing.receipt, missing.first, missing.count)))
    return false;
  missing = {};
  return true;
}

void room_pages::send_rows(page& to, const std::string& printer, std::uint64_t receipt,
                           std::size_t first, std::size_t count,
                           const std::shared_ptr<const std::string>& message) {
  auto& missing = to.follows[printer];
  if (missing.receipt != receipt) missing = {};
  if (send_gap(to, printer, missing) && to.socket->send_text(message)) return;
  if (missing.count == 0) missing = {receipt, first, 0};
  missing.count = first + count - missing.first;
}

void room_pages::tell(const std::string& printer, const std::string& message) {
  auto shared = std::make_shared<const std::string>(message);
  auto pages = pages_; // closing may take a page away
  for (auto& each : pages)
    if (each.follows.contains(printer) && !each.socket->send_text(shared))
      each.socket->close(transport::close_code::try_later, "too slow");
}

void room_pages::tell_state(const printer_snapshot& seen) {
  auto shared = std::make_shared<const std::string>(state_message(seen));
  for (auto& each : pages_)
    if (each.follows.contains(seen.id)) each.socket->send_text(shared);
}

void room_pages::tell_all(const std::string& message) {
  auto shared = std::make_shared<const std::string>(message);
  for (auto& each : pages_)
    each.socket->send_text(shared);
}

void room_pages::close_all() {
  for (auto& each : std::exchange(pages_, {}))
    each.socket->close(transport::close_code::going_away, "the paper room closes");
}

} // namespace troupe::sim
