#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"
#include "transport/proxy.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::transport {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// How far a connection being made has come.
struct connect_step {
  enum class kind : std::uint8_t {
    resolved,  ///< the name of the first hop (the proxy, if there is one) has `addresses`
    connected, ///< TCP to the first hop
    tunnelled, ///< the proxy has opened the way to the far end
    secured    ///< TLS with the far end
  };
  kind what = kind::resolved;
  bool to_proxy = false;                ///< the first hop is a proxy
  std::vector<std::string> addresses{}; ///< resolved
  std::string local_address{};          ///< connected
  std::string remote_address{};         ///< connected
};

/// How connections are made, for HTTP and WebSocket clients alike.
struct connect_options {
  proxy_settings proxy = proxy_from_environment();
  std::string ca_file{}; ///< PEM; empty: the system's store
  bool verify = true;    ///< check certificate and name of TLS peers
  bool tunnel = false;   ///< through a proxy by CONNECT also without TLS
  std::chrono::milliseconds connect_timeout{10'000}; ///< name, TCP, proxy and TLS together
  /// Told of each step; on the loop's thread, never from within the call.
  std::function<void(const connect_step&)> progress{};
};

struct http_client_options {
  connect_options connect{};
  std::size_t pooled_per_origin = 4; ///< idle connections kept
  std::size_t pooled_total = 32;
  std::chrono::milliseconds pooled_for{30'000};
  std::size_t waiting = 1024; ///< requests under way; above: "transport.busy"
};

struct client_request {
  std::string method = "GET";
  std::string url;
  header_list headers{};
  std::string body{};
  std::size_t redirects = 5;                   ///< followed; 0: the 3xx is the answer
  std::size_t answer_bytes = 16 * 1024 * 1024; ///< above: "transport.too_big"
  std::chrono::milliseconds timeout{30'000};   ///< whole request, redirects included
};

struct client_response {
  std::uint16_t status = 0;
  header_list headers{};
  std::string body{};
  std::string url{}; ///< after redirects
  /// First value of a field, name without case; empty when absent.
  std::string_view header(std::string_view name) const;
};

/// Asynchronous HTTP/1.1 client: http and https, proxies, redirects, keep-alive. On the loop's
/// thread only. Faults: "transport.url", "transport.dns", "transport.refused",
/// "transport.unreachable", "transport.timeout", "transport.tls" (also "transport.tls_date": not
/// valid now by this machine's clock; "transport.tls_name": made out for another name),
/// "transport.proxy" and those of `proxy_answer_fault`, "transport.cut", "transport.answer",
/// "transport.too_big", "transport.redirects", "transport.busy", "transport.cancelled".
class http_client {
public:
  using ticket = std::uint64_t;
  using answer_handler = std::function<void(result<client_response>)>;

  explicit http_client(boost::asio::io_context& loop, http_client_options options = {});
  /// Cancels what is under way; its handlers are not called any more.
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends; `answered` is called once, never from within `send`.
  ticket send(client_request request, answer_handler answered);
  /// The handler gets "transport.cancelled"; unknown tickets are ignored.
  void cancel(ticket which);

  class state;

private:
  std::shared_ptr<state> state_;
};

} // namespace troupe::transport
