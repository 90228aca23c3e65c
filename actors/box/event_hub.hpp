#pragma once

#include "actors/box/ledger.hpp"
#include "actors/box/services.hpp"
#include "messages/event.hpp"

#include <caf/actor.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>
#include <vector>

/// Numbers the events of the box, gives them to who listens, and to the ledger to keep.
namespace troupe::box {

/// An event with its wire forms, made once for all readers.
struct numbered_event {
  event content;
  /// 0 for a numbered event. Otherwise it is transient, the n-th of this run of the program, and
  /// `content.sequence` is the number of the newest numbered event.
  std::uint64_t passing = 0;
  std::shared_ptr<const std::string> json; ///< CloudEvents in JSON
  mutable shared_bytes msgpack_form;       ///< see `msgpack()`

  /// The same in msgpack, made when first asked for; on the loop's thread only.
  const shared_bytes& msgpack(const box_id& box) const;
  bool transient() const { return passing != 0; }
};
using event_ptr = std::shared_ptr<const numbered_event>;

/// Something happened; `sequence` and `time` are filled in here. Local delivery comes first, the
/// ledger's copy follows.
struct publish_event {
  static constexpr bool local_message = true;
  event content;
  /// A live value (type "device.value"): given at once to who listens now, without a number of its
  /// own, and then forgotten. Nobody is told it later: its maker repeats what still holds.
  bool transient = false;
};
/// What tells of an action that it came into its present state: "action.confirmed" …
event action_event(const action_record& record);

/// The subscriber gets `event_arrived` for each event behind `after` (missing: from now on), in
/// order, without a gap, until it ends or unsubscribes. What is no longer kept is told by an event
/// of type "gap". Transient events come between them as they happen. Answered by the number of the
/// newest event.
struct subscribe_events {
  static constexpr bool local_message = true;
  caf::actor subscriber;
  std::optional<std::uint64_t> after;
  std::vector<device_id> devices; ///< empty: all
};
struct unsubscribe_events {
  static constexpr bool local_message = true;
  caf::actor subscriber;
};
struct event_arrived {
  static constexpr bool local_message = true;
  event_ptr content;
};
/// For a reader that takes events at its own pace: numbered ones behind `after`, in order, at most
/// `limit`; none when there is nothing new. What could not be kept is told by an event of type
/// "gap".
struct get_events {
  static constexpr bool local_message = true;
  std::uint64_t after = 0;
  std::uint32_t limit = 500;
};
struct event_list {
  static constexpr bool local_message = true;
  std::vector<std::shared_ptr<const event>> events;
};
struct get_last_sequence {
  static constexpr bool local_message = true;
};

using event_hub_actor = caf::typed_actor<
    caf::reacts_to<publish_event>, caf::replies_to<subscribe_events>::with<std::uint64_t>,
    caf::reacts_to<unsubscribe_events>, caf::replies_to<get_events>::with<event_list>,
    caf::replies_to<get_last_sequence>::with<std::uint64_t>>;

/// Events kept in memory for quick resuming; older ones come from the ledger.
inline constexpr std::size_t event_ring_size = 1000;
/// Events held when the ledger cannot write; beyond this the oldest are dropped with a gap.
inline constexpr std::size_t event_ring_bound = 20'000;

event_hub_actor spawn_event_hub(caf::actor_system& system, const services& shared, box_id box,
                                ledger_actor ledger);

} // namespace troupe::box
