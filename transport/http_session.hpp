#pragma once

#include "transport/byte_stream.hpp"
#include "transport/output_queue.hpp"
#include "transport/request_reader.hpp"
#include "transport/server_context.hpp"
#include "transport/websocket_connection.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::transport {

/// The two ends of a connection.
struct connection_addresses {
  std::string remote;
  std::uint16_t remote_port = 0;
  std::string local;
  std::uint16_t local_port = 0;
  bool secure = false;
};

/// One connection of a server, from its first byte to its end or its upgrade. Requests are handled
/// one after the other; what the client sends ahead waits in the buffer, and in the socket.
class http_session final : public stream_user,
                           public exchange_carrier,
                           public managed_connection,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(std::shared_ptr<server_context> context, std::unique_ptr<byte_stream> stream,
               connection_addresses addresses);

  void start();

  void on_read(std::size_t bytes, stream_status status) override;
  void on_written(std::size_t bytes, stream_status status) override;

  const http_request& request() const override { return request_; }
  void respond(http_response response) override;
  void abandon() override;
  bool client_gone() const override { return ended_ || phase_ == phase::closed; }
  void on_gone(std::function<void()> gone) override;
  bool upgrade(websocket_options options, std::function<void(websocket_ptr)> on_open) override;

  void check_time(steady_time now) override;
  void finish() override;
  void cut() override;

private:
  enum class phase : std::uint8_t {
    header,    ///< waiting for a request, or for the rest of its header
    body,      ///< reading a body of known length
    chunks,    ///< reading a chunked body
    handling,  ///< waiting for the answer
    finishing, ///< writing the last answer
    lingering, ///< waiting for the client to close, so that it can read the last answer
    upgrading, ///< writing 101
    upgraded,  ///< the stream belongs to a WebSocket
    closed
  };
  enum class read_target : std::uint8_t { buffer, body, trash };

  void process();
  bool advance();
  bool read_request();
  bool begin_body();
  bool advance_body();
  bool advance_chunks();
  void handle_request();
  void refuse(const fault& error);
  void send(http_response response, bool keep_alive);
  void flush();
  void continue_after_flush();
  void arm_read();
  void arm_read_ahead();
  void read_into(read_target target, std::span<char> place);
  void on_end(stream_status status);
  void begin_linger();
  void complete_upgrade();
  void close_now();
  void tell_gone();
  void time_out(const fault& error);
  std::chrono::milliseconds body_time_allowed() const;

  std::string_view buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }
  std::size_t spare() const { return capacity_ - end_; }
  void make_room();

  std::shared_ptr<server_context> context_;
  std::unique_ptr<byte_stream> stream_;
  connection_addresses addresses_;
  request_reader reader_;
  http_request request_;
  output_queue output_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t begin_ = 0;   ///< first byte of the present request
  std::size_t end_ = 0;     ///< behind the last byte read
  std::size_t scanned_ = 0; ///< bytes behind `begin_` searched for the header's end
  std::size_t after_ = 0;   ///< first byte behind what the present request used so far

  std::size_t body_at_ = 0; ///< behind the present request's header

  byte_vector body_;
  std::size_t body_filled_ = 0;
  std::uint64_t body_limit_ = 0;

  phase phase_ = phase::header;
  read_target read_target_ = read_target::buffer;
  bool reading_ = false;
  bool writing_ = false;
  bool processing_ = false;
  bool ended_ = false;   ///< the client closed its sending side
  bool overdue_ = false; ///< answered without the handler, which still holds the exchange
  steady_time since_;    ///< start of the present phase
  steady_time write_since_;
  std::function<void()> gone_;

  struct pending_upgrade {
    websocket_options options;
    websocket_agreement agreement;
    std::function<void(websocket_ptr)> on_open;
  };
  std::unique_ptr<pending_upgrade> upgrade_;
  std::shared_ptr<websocket_connection> successor_;
};

} // namespace troupe::transport
