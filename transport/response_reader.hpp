#pragma once

#include "transport/http_client.hpp"

#include <memory>
#include <string_view>

namespace troupe::transport {

/// Reads one HTTP/1.1 answer out of bytes (Beast's parser underneath); interim answers are skipped.
class response_reader {
public:
  /// `bodiless`: the answer to HEAD.
  response_reader(bool bodiless, std::size_t answer_bytes);
  ~response_reader();

  /// Reads on; gives the bytes used, the rest must be shown again. Faults: "transport.answer",
  /// "transport.too_big".
  result<std::size_t> feed(std::string_view data);
  /// The stream ended orderly. Fault: "transport.cut" when that ends nothing.
  result<bool> feed_end();
  bool header_done() const;
  bool done() const;
  /// Whether the connection can carry another request.
  bool keep_alive() const;
  /// Stops behind a header of status 101, whose stream speaks something else then.
  bool switched() const;
  client_response& answer();

private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

} // namespace troupe::transport
