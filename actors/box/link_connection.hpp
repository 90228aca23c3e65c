#pragma once

#include "actors/box/way_probe.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/bytes.hpp"
#include "messages/link.hpp"
#include "messages/result.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

/// The wire under pairing and uplink: one connection to a server, real or in memory.
namespace troupe::box {

/// An open connection, or one that is being opened. On the loop's thread; dropping it ends it
/// without a word, and no callback comes any more.
class link_connection {
public:
  virtual ~link_connection() = default;
  /// False: it is not open (any more).
  virtual bool send(const link::box_frame& frame) = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Closes in order after what is queued.
  virtual void close(std::string_view reason) = 0;
  /// These are the machine's addresses now. A connection whose own address is gone has ended; any
  /// other is asked whether it still carries.
  virtual void network_changed(const std::vector<std::string>&) {}
};

/// Never called from within the opener, nor from `send` and `close`.
struct link_callbacks {
  std::function<void(link::server_frame)> received;
  /// Once: the attempt failed, or the connection ended. Codes: those of `open_websocket`, of
  /// `fault_of_answer` (actors/box/way_words.hpp), "link.clock", "link.cut", "link.address_gone",
  /// "link.bad_frame".
  std::function<void(fault)> ended;
};

/// Opens a connection to the server at this address ("http://server:8080").
using link_opener =
    std::function<std::unique_ptr<link_connection>(const std::string& url, link_callbacks)>;

/// By WebSocket, ws:// for http:// and wss:// for https://.
link_opener websocket_links(boost::asio::io_context& loop, way_out way = {});

/// The address of a server as people type it, made "scheme://host[:port]": http without a scheme.
/// Fault "server.bad_url" (422).
result<std::string> checked_server_url(std::string_view typed);

/// From the wire to the actor that holds a `link_line`.
struct link_frame_arrived {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  std::shared_ptr<const link::server_frame> frame;
};
struct link_ended {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  fault why;
};

/// The one connection of an actor: hands what comes to it as messages, and tells those of an
/// earlier connection apart.
class link_line {
public:
  /// Opens a new connection; the old one, if any, is dropped.
  void open(const caf::actor& owner, const link_opener& opener, const std::string& url);
  bool send(const link::box_frame& frame) { return connection_ && connection_->send(frame); }
  std::size_t queued_bytes() const { return connection_ ? connection_->queued_bytes() : 0; }
  /// Closes in order; nothing of it comes any more.
  void close(std::string_view reason = {});
  void network_changed(const std::vector<std::string>& addresses) {
    if (connection_) connection_->network_changed(addresses);
  }
  /// Whether this message is of the present connection.
  bool is_present(std::uint64_t connection) const {
    return connection_ != nullptr && connection == number_;
  }

private:
  std::unique_ptr<link_connection> connection_;
  std::uint64_t number_ = 0;
};

} // namespace troupe::box
