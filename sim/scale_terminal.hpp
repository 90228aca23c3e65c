#pragma once

#include "messages/result.hpp"
#include "sim/scale_device.hpp"

#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::sim {

/// A simulated scale on a pseudo-terminal: whoever opens the link speaks to it as over a serial
/// line. While the plug is out there is no terminal and no link. Lives on the loop's thread.
class scale_terminal {
public:
  virtual ~scale_terminal() = default;
  /// Ends it and takes the link away.
  virtual void close() = 0;

  /// Makes the terminal and the link (which may replace a link, never a file). Faults "sim.link"
  /// (409), "sim.terminal" (500).
  static result<std::shared_ptr<scale_terminal>>
  open(boost::asio::io_context& context, std::shared_ptr<scale_device> device, std::string link);
};

} // namespace troupe::sim
