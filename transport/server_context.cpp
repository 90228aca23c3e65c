#include "transport/server_context.hpp"

#include <algorithm>

namespace troupe::transport {

server_context::server_context(http_server_options server_options,
                               http_server::handler server_handler)
    : options(std::move(server_options)), handler(std::move(server_handler)),
      writer(options.server_name) {
  for (const auto timeout : {options.header_timeout, options.idle_timeout, options.body_grace,
                             options.write_timeout, options.answer_timeout, options.linger_timeout})
    want_precision(timeout);
}

void server_context::want_precision(std::chrono::milliseconds timeout) {
  using namespace std::chrono_literals;
  if (timeout <= 0ms) return;
  const auto interval = std::max(timeout / 4, 5ms);
  if (interval >= sweep_interval_) return;
  sweep_interval_ = interval;
  if (on_precision) on_precision();
}

bool server_context::full(const std::string& address) const {
  if (connections_.size() >= options.connections) return true;
  const auto found = per_address_.find(address);
  return found != per_address_.end() && found->second >= options.connections_per_address;
}

void server_context::add(std::shared_ptr<managed_connection> connection,
                         const std::string& address) {
  ++counters.connections_accepted;
  ++counters.connections_open;
  ++per_address_[address];
  const auto key = connection.get();
  connections_.emplace(key, entry{std::move(connection), address});
}

void server_context::replace(managed_connection* old,
                             std::shared_ptr<managed_connection> successor) {
  auto node = connections_.extract(old);
  if (node.empty()) return;
  node.key() = successor.get();
  node.mapped().connection = std::move(successor);
  node.mapped().websocket = true;
  ++counters.websockets_open;
  connections_.insert(std::move(node));
}

void server_context::remove(managed_connection* connection) {
  const auto node = connections_.extract(connection);
  if (node.empty()) return;
  --counters.connections_open;
  if (node.mapped().websocket) --counters.websockets_open;
  if (const auto found = per_address_.find(node.mapped().address); --found->second == 0)
    per_address_.erase(found);
  if (connections_.empty() && on_empty) on_empty();
}

std::vector<std::shared_ptr<managed_connection>> server_context::all() const {
  std::vector<std::shared_ptr<managed_connection>> list;
  list.reserve(connections_.size());
  for (const auto& [key, value] : connections_)
    list.push_back(value.connection);
  return list;
}

void server_context::sweep(steady_time time) {
  now = time;
  for (const auto& connection : all())
    connection->check_time(time);
}

void server_context::finish_all() {
  for (const auto& connection : all())
    connection->finish();
}

void server_context::cut_all() {
  for (const auto& connection : all())
    connection->cut();
}

} // namespace troupe::transport
