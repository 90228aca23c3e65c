#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/send.hpp>

#include <vector>

namespace troupe::runtime {

/// Who wants to be told of an actor's changes until it ends. Lives in the actor's state; its down
/// handler calls `remove`.
class watcher_list {
public:
  template <class Self>
  void add(Self* self, const caf::actor& watcher) {
    self->monitor(watcher);
    watchers_.push_back(watcher);
  }
  void remove(const caf::actor_addr& gone) {
    std::erase_if(watchers_, [&](const caf::actor& each) { return each.address() == gone; });
  }
  template <class Message>
  void tell(const Message& message) const {
    for (const auto& each : watchers_)
      caf::anon_send(each, message);
  }
  bool empty() const { return watchers_.empty(); }

private:
  std::vector<caf::actor> watchers_;
};

} // namespace troupe::runtime
