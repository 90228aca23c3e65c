#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace troupe::transport {

/// What a server shows: chains with their key. New connections get what is shown at that moment;
/// those that are open keep what they began with, so a swap cuts nobody. On the loop's thread.
class tls_identity {
public:
  struct chain {
    std::vector<shared_bytes> certificates; ///< DER, the server's own first
    std::shared_ptr<evp_pkey_st> key;
    std::vector<std::string> names; ///< shown to who asks for one of these; "*." covers a label
  };

  /// The first chain is shown to who asks for no name or for none that is known. Fault
  /// "transport.tls": a certificate that is none, or that does not belong to its key; what was
  /// shown before stays.
  result<bool> show(std::span<const chain> chains);
  /// Null: nothing is shown yet, connections are cut.
  const std::shared_ptr<boost::asio::ssl::context>& shown() const { return shown_; }

private:
  std::shared_ptr<boost::asio::ssl::context> shown_;
};

} // namespace troupe::transport
