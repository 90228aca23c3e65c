#pragma once

#include "apps/troupe/login.hpp"
#include "messages/result.hpp"
#include "messages/value.hpp"
#include "transport/http_client.hpp"

#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace troupe::apps {

/// Asks the server and waits for the answer: a command line has nothing else to do meanwhile.
class caller {
public:
  explicit caller(login where);
  ~caller();

  /// The answer's body; a refusal as the fault it carries (RFC 9457).
  result<std::string> get(const std::string& path) { return send("GET", path, {}); }
  result<std::string> send(const std::string& method, const std::string& path,
                           const std::string& body, transport::header_list headers = {});
  /// The answer whatever its status; for log-in, which wants its cookie.
  result<transport::client_response> exchange(transport::client_request request);

  const login& where() const { return login_; }
  boost::asio::io_context& loop() { return *loop_; }

private:
  login login_;
  std::unique_ptr<boost::asio::io_context> loop_;
  std::unique_ptr<transport::http_client> client_;
};

/// The fault that an answer of status 400 and above carries.
fault refusal(const transport::client_response& answer);
/// A fault of the connection in words of somebody who typed a command.
fault connection_problem(const fault& problem, const std::string& server);

} // namespace troupe::apps
