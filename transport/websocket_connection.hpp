#pragma once

#include "transport/byte_stream.hpp"
#include "transport/managed_connection.hpp"
#include "transport/output_queue.hpp"
#include "transport/websocket.hpp"
#include "transport/websocket_frames.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::transport {

/// A WebSocket on a stream, either side. Writes of one turn of the loop are gathered.
class websocket_connection final : public websocket_session,
                                   public stream_user,
                                   public managed_connection,
                                   public frame_sink,
                                   public std::enable_shared_from_this<websocket_connection> {
public:
  websocket_connection(std::unique_ptr<byte_stream> stream, websocket_role role,
                       websocket_options options, websocket_agreement agreement,
                       std::string remote_address);

  /// `finished` is called once when the stream is closed.
  void on_finished(std::function<void(websocket_connection*)> finished);
  /// Adds bytes to counters kept alive by `owner`.
  void count_bytes(std::uint64_t* in, std::uint64_t* out, std::shared_ptr<void> owner);
  /// Begins with bytes that came behind the handshake. `read`: nobody else reads the stream.
  void start(std::span<const char> initial, bool read);
  /// Takes over from a read that was pending when the stream was handed over.
  void take_over(std::span<const char> bytes, stream_status status);

  void handle(callbacks handlers) override;
  bool send_text(outgoing_message message) override;
  bool send_binary(outgoing_message message) override;
  void close(std::uint16_t code, std::string_view reason) override;
  void cut() override;
  void probe(std::chrono::milliseconds patience) override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  bool is_open() const override { return state_ == state::open; }
  std::size_t queued_bytes() const override { return output_.size(); }
  std::string_view subprotocol() const override { return agreement_.subprotocol; }
  std::string_view remote_address() const override { return remote_address_; }

  void on_read(std::size_t bytes, stream_status status) override;
  void on_written(std::size_t bytes, stream_status status) override;
  void on_turn() override;
  void check_time(steady_time now) override;
  void finish() override;

private:
  enum class state : std::uint8_t {
    open,
    closing,   ///< our close frame is queued, the peer's awaited
    finishing, ///< both sides said goodbye, or the peer broke the rules: last bytes go out
    lingering, ///< waiting for the peer to close the stream
    closed
  };

  void on_message(byte_span payload, bool text) override;
  void on_ping(byte_span payload) override;
  void on_pong(byte_span) override {}
  void on_close_frame(std::uint16_t code, std::string_view reason) override;
  void on_violation(std::uint16_t code, std::string_view text) override;
  bool wants_more() const override { return !paused_ && state_ <= state::closing; }

  bool send(opcode code, outgoing_message message);
  void push_frame(opcode code, byte_span payload, std::shared_ptr<const void> owner, bool packed);
  void push_close(std::uint16_t code, std::string_view reason);
  std::array<std::uint8_t, 4> next_mask();
  void arrived(std::size_t bytes, stream_status status, bool full);
  void read_some();
  void process_input();
  void want_flush();
  void flush();
  void after_flush();
  void tell_closed(std::uint16_t code, std::string_view reason);
  void begin_finishing();
  void close_stream();

  std::unique_ptr<byte_stream> stream_;
  websocket_role role_;
  websocket_options options_;
  websocket_agreement agreement_;
  std::string remote_address_;
  frame_reader reader_;
  std::optional<message_deflater> deflater_;
  output_queue output_;
  std::shared_ptr<const callbacks> handlers_ = std::make_shared<callbacks>();
  std::function<void(websocket_connection*)> finished_;
  std::uint64_t* bytes_in_ = nullptr;
  std::uint64_t* bytes_out_ = nullptr;
  std::shared_ptr<void> counters_owner_;

  byte_vector input_;
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;

  state state_ = state::open;
  bool reading_ = false;
  bool writing_ = false;
  bool turn_asked_ = false;
  bool in_feed_ = false;
  bool paused_ = false;
  bool full_read_ = false;
  bool was_half_full_ = false;
  bool told_closed_ = false;
  bool peer_ended_ = false;
  std::uint16_t own_code_ = 0; ///< when we closed first
  std::string own_reason_;
  steady_time heard_;
  steady_time pinged_;
  std::optional<steady_time> probed_until_; ///< something must come by then
  steady_time probed_at_;
  steady_time wrote_;
  steady_time closing_since_;
  std::array<std::uint8_t, 256> masks_{};
  std::size_t masks_left_ = 0;
};

} // namespace troupe::transport
