#include "actors/runtime/environment.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace troupe::runtime {

struct environment::census {
  struct entry {
    std::string name;
    caf::actor_addr address;
  };
  mutable std::mutex mutex;
  std::unordered_map<std::uint64_t, entry> entries;
};

namespace {

constexpr auto settings_key = caf::atom("troupe_env");

environment& process_wide() {
  static environment instance([] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  });
  return instance;
}

} // namespace

environment::environment(wall_source wall)
    : wall_(std::move(wall)), census_(std::make_shared<census>()) {}
environment::~environment() = default;

void environment::install(caf::actor_system& system) {
  system.runtime_settings().set(settings_key, static_cast<void*>(this));
}

environment& environment::of(caf::actor_system& system) {
  const auto found = system.runtime_settings().get(settings_key);
  if (const auto* pointer = caf::get_if<void*>(&found)) return *static_cast<environment*>(*pointer);
  return process_wide();
}

void environment::enlist(caf::local_actor* self, std::string name) {
  const std::uint64_t id = self->id();
  {
    const std::lock_guard lock(census_->mutex);
    const auto [entry, added] =
        census_->entries.insert_or_assign(id, census::entry{std::move(name), self->address()});
    static_cast<void>(entry);
    if (!added) return;
  }
  self->attach_functor([kept = census_, id] {
    const std::lock_guard lock(kept->mutex);
    kept->entries.erase(id);
  });
}

std::string environment::name_of(std::uint64_t actor) const {
  const std::lock_guard lock(census_->mutex);
  const auto found = census_->entries.find(actor);
  return found == census_->entries.end() ? std::string() : found->second.name;
}

std::vector<std::string> environment::living() const {
  const std::lock_guard lock(census_->mutex);
  std::vector<std::string> names;
  names.reserve(census_->entries.size());
  for (const auto& [id, entry] : census_->entries)
    names.push_back(entry.name);
  return names;
}

void environment::stop_living() {
  std::vector<caf::actor> living;
  {
    const std::lock_guard lock(census_->mutex);
    for (const auto& [id, entry] : census_->entries)
      if (auto handle = caf::actor_cast<caf::actor>(entry.address))
        living.push_back(std::move(handle));
  }
  for (const auto& each : living)
    caf::anon_send<caf::message_priority::high>(
        each, caf::exit_msg{each.address(), caf::make_error(caf::exit_reason::kill)});
}

} // namespace troupe::runtime
