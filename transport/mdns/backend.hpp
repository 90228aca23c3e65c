#pragma once

#include "transport/mdns/avahi_thread.hpp"
#include "transport/mdns/service.hpp"

#include <functional>
#include <memory>
#include <string>

/// Avahi's two libraries, as one. Everything here runs on the thread of `avahi_thread`.
namespace troupe::transport::mdns {

enum class backend_state : std::uint8_t {
  running,
  waiting, ///< for the daemon, and takes note when it comes
  ended    ///< of no further use
};
struct backend_events {
  /// With the reason when it does not run.
  std::function<void(backend_state state, const std::string& problem)> state;
  std::function<void(const advertised&)> advertised_;
  std::function<void(const found_service&)> found;
  std::function<void(const std::string& key)> gone;
};

class backend {
public:
  virtual ~backend() = default;
  virtual void advertise(const advertisement& what) = 0;
  virtual void browse(const std::string& type) = 0;
};

/// By the machine's Avahi.
std::unique_ptr<backend> make_daemon_backend(avahi_thread& thread, const responder_options& options,
                                             backend_events events);
/// By a responder inside this process.
std::unique_ptr<backend> make_own_backend(avahi_thread& thread, const responder_options& options,
                                          backend_events events);

} // namespace troupe::transport::mdns
