#pragma once

#include "transport/http.hpp"
#include "transport/websocket.hpp"

#include <functional>
#include <memory>

namespace troupe::transport {

/// What carries an exchange: a server's connection, or a test. Called on the loop's thread.
class exchange_carrier {
public:
  virtual ~exchange_carrier() = default;
  virtual const http_request& request() const = 0;
  virtual void respond(http_response response) = 0;
  /// Called instead of `respond` when the last handle goes without an answer.
  virtual void abandon() = 0;
  virtual bool client_gone() const = 0;
  virtual void on_gone(std::function<void()> gone) = 0;
  virtual bool upgrade(websocket_options options, std::function<void(websocket_ptr)> on_open) = 0;
};

/// The handle of one request: answered exactly once, at once or later. Movable; dropped without an
/// answer it answers 500 by itself. Use it on the loop's thread only. After the answer the request
/// and all views into it are gone.
class http_exchange {
public:
  http_exchange() = default;
  explicit http_exchange(std::shared_ptr<exchange_carrier> carrier)
      : carrier_(std::move(carrier)) {}
  http_exchange(http_exchange&&) noexcept = default;
  http_exchange& operator=(http_exchange&& other) noexcept;
  ~http_exchange() { drop(); }

  /// Whether it still waits for its answer.
  explicit operator bool() const { return carrier_ != nullptr; }
  const http_request& request() const { return carrier_->request(); }
  /// Sends the answer; later calls do nothing.
  void respond(http_response response);
  /// Whether the client closed its side. An answer is still written, since a client may have closed
  /// its sending side only.
  bool client_gone() const { return !carrier_ || carrier_->client_gone(); }
  /// `gone` is called once when the client closes before the answer (long polls end early by it).
  void on_gone(std::function<void()> gone);
  /// Turns the connection into a WebSocket (RFC 6455 section 4.2). False: the request was no valid
  /// handshake and was answered 400 or 426. `on_open` gets the session before any message is read.
  /// Check `request().origin()` before.
  bool upgrade_websocket(websocket_options options, std::function<void(websocket_ptr)> on_open);

private:
  void drop();
  std::shared_ptr<exchange_carrier> carrier_;
};

/// An exchange without a connection, for tests of handlers: `answered` gets the answer (500 when
/// the exchange is dropped). `request` and what it views must outlive the exchange.
http_exchange captured_exchange(http_request request, std::function<void(http_response)> answered);

} // namespace troupe::transport
