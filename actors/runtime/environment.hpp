#pragma once

#include "messages/time.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
class local_actor;
} // namespace caf

namespace troupe::runtime {

/// What belongs to one actor system beside CAF's own: where its wall clock comes from, and which
/// actors live. The loop and the test fixture each install one; it outlives the actor system.
class environment {
public:
  using wall_source = std::function<time_point()>;

  explicit environment(wall_source wall);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  time_point wall_now() const { return wall_(); }

  /// Makes this the environment of a system; call before the first actor is spawned.
  void install(caf::actor_system& system);
  /// The one installed, or a process-wide one on the system clock.
  static environment& of(caf::actor_system& system);

  /// Called by `prepare`; the entry goes when the actor ends.
  void enlist(caf::local_actor* self, std::string name);
  std::string name_of(std::uint64_t actor) const; ///< empty when not enlisted
  std::vector<std::string> living() const;        ///< names of the actors still alive
  void stop_living();                             ///< kills them all, ahead of their mailboxes

private:
  struct census;
  wall_source wall_;
  std::shared_ptr<census> census_;
};

} // namespace troupe::runtime
