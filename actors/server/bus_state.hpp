#pragma once

#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/bus.hpp"
#include "actors/server/bus_group.hpp"
#include "actors/server/event_history.hpp"

#include <caf/all.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

/// The bus from inside: writing in bus.cpp, readers in bus_readers.cpp, searches in bus_search.cpp.
namespace troupe::server {

inline const runtime::logger bus_log("server.bus");

using bus_self = bus_actor::extend<caf::reacts_to<runtime::tick>>;

/// An event of the disk with its text; to be made away from the loop.
event_ptr event_of(const store::event_row& row);

struct bus_state {
  bus_state();
  static inline const char* name = "bus";

  struct subscriber {
    caf::actor handle;
    std::uint64_t after = 0;  ///< it was given everything up to here
    std::uint64_t number = 0; ///< of the subscription: who came first is served first
    bool live = false;        ///< gets what is new; otherwise it is behind and comes again
    bool waits = false;       ///< for the block of the past that begins at or before `after`
  };

  bus_self::stateful_pointer<bus_state> self = nullptr;
  const services* shared = nullptr;
  store_actor store;
  bool ready = false; ///< the store told where its numbers stand
  std::uint64_t passing = 0;
  std::uint64_t subscriptions = 0;
  std::vector<std::function<void()>> when_ready;
  std::deque<event_group::batch> waiting;
  bool writing = false;
  event_history history;
  std::vector<subscriber> subscribers;
  bool reading = false; ///< one block is read at a time
  runtime::timer retry{1};
  runtime::timer prune{2};
  runtime::timer again{3}; ///< armed while the store takes no changes

  runtime::limit* queue = nullptr;
  runtime::limit* in_memory = nullptr;
  runtime::limit* listeners = nullptr;
  runtime::limit* kept = nullptr;
  runtime::counter* taken = nullptr;
  runtime::counter* repeated = nullptr;
  runtime::counter* live = nullptr;
  runtime::counter* blocks_read = nullptr;

  // bus.cpp
  void load();
  void add(publish_batch content, caf::typed_response_promise<std::uint64_t> promise);
  void write();
  void written(event_group& group);
  void unwritten(event_group& group, const fault& problem);
  void prune_some();

  // bus_readers.cpp
  void deliver(const event_run& fresh);
  void publish(const publish_live& message);
  void subscribe(const subscribe_events& message,
                 caf::typed_response_promise<std::uint64_t> promise);
  void hold(const caf::actor& handle);
  void drop(const caf::actor_addr& gone);
  void serve(subscriber& to);
  void give(subscriber& to, const event_run& run);
  void give_gap(subscriber& to, std::uint64_t last);
  void read_next_block();
  void give_block(std::uint64_t oldest, const event_run& block);
  void block_unread(std::uint64_t block, const fault& problem);
  template <class Give>
  void end_wait_for(std::uint64_t block, Give&& give_to);

  // bus_search.cpp
  void find(const find_events& message, caf::typed_response_promise<event_list_ptr> promise);
};

} // namespace troupe::server
