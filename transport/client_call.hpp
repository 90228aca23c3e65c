#pragma once

#include "transport/byte_stream.hpp"
#include "transport/connector.hpp"
#include "transport/http_client.hpp"
#include "transport/output_queue.hpp"
#include "transport/response_reader.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::transport {

/// A connection that can carry another request.
struct pooled_connection {
  std::string origin;
  connected_stream connection;
};

/// What a call needs of its client.
class call_owner {
public:
  virtual ~call_owner() = default;
  virtual std::unique_ptr<connection_attempt>
  connect(const url& where, std::function<void(result<connected_stream>)> done) = 0;
  virtual std::optional<pooled_connection> take_pooled(const std::string& origin) = 0;
  virtual void give_pooled(pooled_connection connection) = 0;
  virtual void ended(http_client::ticket which, result<client_response> answer) = 0;
};

/// One request with its redirects, over as many connections as they need.
class client_call final : public stream_user, public std::enable_shared_from_this<client_call> {
public:
  client_call(call_owner& owner, http_client::ticket ticket, client_request request);

  void start();
  /// Ends with a fault; the owner hears of it.
  void fail(fault error);
  /// Ends without a word to the owner.
  void drop();

  void on_read(std::size_t bytes, stream_status status) override;
  void on_written(std::size_t bytes, stream_status status) override;

private:
  void go();
  void connected(result<connected_stream> made);
  void send_request();
  void write_head();
  void flush();
  void read_some();
  void lost_connection(fault error);
  void answered();
  bool redirect(client_response& answer);
  void finish(result<client_response> answer);
  void let_go_of_connection();

  call_owner* owner_;
  http_client::ticket ticket_;
  client_request request_;
  std::shared_ptr<const std::string> body_; ///< of the request; outlives pending writes
  url where_;
  std::size_t redirects_left_;
  std::unique_ptr<connection_attempt> attempt_;
  connected_stream connection_;
  bool reused_ = false;
  bool writing_ = false;
  bool reading_ = false;
  bool got_bytes_ = false;
  output_queue output_;
  std::optional<response_reader> reader_;
  std::string input_;
  std::size_t input_filled_ = 0;
};

} // namespace troupe::transport
