#pragma once

#include "transport/mdns/service.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::transport::mdns {

/// Offers and finds services by multicast DNS, through Avahi: its daemon where one runs (also one
/// that starts later), else Avahi's own library inside this process. Avahi follows the interfaces
/// and their addresses. Its calls may block, so they run on one thread of their own; the callbacks
/// run on the loop, never from within a call, and not after the destructor.
class responder {
public:
  responder(boost::asio::io_context& loop, responder_options options);
  /// Takes back what was offered: the network is told.
  ~responder();
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;

  /// Offers this instead of what was offered before; `told` at each change of how it stands.
  void advertise(advertisement what, std::function<void(const advertised&)> told);

  struct browse_callbacks {
    /// New, or with another address or text.
    std::function<void(const found_service&)> found;
    std::function<void(const std::string& key)> gone;
  };
  /// Watches for services of a type ("_troupe._tcp"). One type a responder.
  void browse(std::string type, browse_callbacks callbacks);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace troupe::transport::mdns
