#pragma once

#include "transport/http.hpp"
#include "transport/output_queue.hpp"

#include <ctime>
#include <string>

namespace troupe::transport {

/// Writes answers in wire form. One per server: `Server` and `Date` are formatted once a second.
class response_writer {
public:
  explicit response_writer(const std::string& server_name);

  struct mode {
    bool head_only = false;   ///< the answer to HEAD: length without body
    bool close = false;       ///< say "Connection: close"
    bool old_version = false; ///< HTTP/1.0 client that asked to keep the connection
  };
  void write(output_queue& out, http_response response, mode how);

private:
  void refresh(std::time_t now);

  std::string server_line_;
  std::string common_lines_; ///< Server and Date
  std::time_t formatted_at_ = 0;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::time_t time);

} // namespace troupe::transport
