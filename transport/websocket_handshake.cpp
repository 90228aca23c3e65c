#include "transport/websocket_handshake.hpp"

#include "messages/base64.hpp"
#include "transport/query.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <vector>

namespace troupe::transport {

namespace {

constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr int least_window_bits = 8;
constexpr int zlib_least_window_bits = 9; // zlib's raw deflate cannot do 8
constexpr int largest_window_bits = 15;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text = text.substr(end + 1);
  }
}

fault broken(std::string text) {
  return {"websocket.handshake", std::move(text), "Open the WebSocket as RFC 6455 says.", 400};
}

struct parameter {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// "permessage-deflate; a; b=10" into its parameters; nothing when it is another extension.
std::optional<std::vector<parameter>> deflate_parameters(std::string_view extension) {
  const auto parts = split(extension, ';');
  if (parts.empty() || parts[0] != "permessage-deflate") return std::nullopt;
  std::vector<parameter> parameters;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    parameter one{trimmed(parts[i].substr(0, equals)), std::nullopt};
    if (equals != std::string_view::npos) {
      auto value = trimmed(parts[i].substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      one.value = value;
    }
    parameters.push_back(one);
  }
  return parameters;
}

/// 8..15, or 0 for anything else (RFC 7692 section 7.1.2).
int window_bits(std::string_view text) {
  int bits = 0;
  const auto end = text.data() + text.size();
  if (text.empty() || text[0] == '0' || std::from_chars(text.data(), end, bits).ptr != end)
    return 0;
  return bits >= least_window_bits && bits <= largest_window_bits ? bits : 0;
}

/// One parsed side of the negotiation. False: unknown, doubled or wrong parameters.
struct deflate_terms {
  bool server_no_takeover = false;
  bool client_no_takeover = false;
  std::optional<int> server_bits;
  std::optional<int> client_bits; ///< 0: named without a value

  bool read(const std::vector<parameter>& parameters) {
    std::set<std::string_view> seen;
    for (const auto& [name, value] : parameters) {
      if (!seen.insert(name).second) return false;
      if (name == "server_no_context_takeover" && !value)
        server_no_takeover = true;
      else if (name == "client_no_context_takeover" && !value)
        client_no_takeover = true;
      else if (name == "server_max_window_bits" && value && window_bits(*value))
        server_bits = window_bits(*value);
      else if (name == "client_max_window_bits" && !value)
        client_bits = 0;
      else if (name == "client_max_window_bits" && window_bits(*value))
        client_bits = window_bits(*value);
      else
        return false;
    }
    return true;
  }
};

std::string joined_fields(const http_headers& headers, std::string_view name) {
  std::string all;
  for (const auto& field : headers) {
    if (!equal_ignoring_case(field.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += field.value;
  }
  return all;
}

std::string choose_subprotocol(const http_request& request, const websocket_options& options) {
  const auto offered = joined_fields(request.headers, "sec-websocket-protocol");
  for (const auto& ours : options.subprotocols)
    for (const auto theirs : split(offered, ','))
      if (theirs == ours) return ours;
  return {};
}

} // namespace

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += accept_guid;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return to_base64({digest.data(), size});
}

std::string make_websocket_key() {
  std::array<std::uint8_t, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return to_base64(bytes);
}

deflate_agreement accept_deflate(std::string_view offers, std::string& answer) {
  deflate_agreement agreed;
  for (const auto offer : split(offers, ',')) {
    const auto parameters = deflate_parameters(offer);
    deflate_terms terms;
    if (!parameters || !terms.read(*parameters)) continue;
    if (terms.server_bits && *terms.server_bits < zlib_least_window_bits) continue;
    agreed.enabled = true;
    agreed.own_no_takeover = terms.server_no_takeover;
    agreed.peer_no_takeover = terms.client_no_takeover;
    answer = "permessage-deflate";
    if (terms.server_no_takeover) answer += "; server_no_context_takeover";
    if (terms.client_no_takeover) answer += "; client_no_context_takeover";
    if (terms.server_bits) {
      agreed.own_window_bits = std::min(agreed.own_window_bits, *terms.server_bits);
      answer += "; server_max_window_bits=" + std::to_string(agreed.own_window_bits);
    }
    break;
  }
  return agreed;
}

result<accepted_websocket> accept_websocket(const http_request& request,
                                            const websocket_options& options) {
  const auto& headers = request.headers;
  if (!headers.has_token("upgrade", "websocket") || !headers.has_token("connection", "upgrade"))
    return fault{"websocket.expected", "This address speaks WebSocket only.",
                 "Open it as a WebSocket.", 426};
  if (request.method != http_method::get || request.version != 11)
    return broken("A WebSocket is opened with GET and HTTP/1.1.");
  if (headers.find("sec-websocket-version") != "13")
    return fault{"websocket.version", "Only version 13 of WebSocket is spoken here.",
                 "Open it with Sec-WebSocket-Version 13.", 426};
  const auto key = headers.find("sec-websocket-key");
  const auto decoded = from_base64(key);
  // 24 characters: 16 bytes leave no room for the blanks that the decoder would skip.
  if (headers.count("sec-websocket-key") != 1 || key.size() != 24 || !decoded ||
      decoded->size() != 16)
    return broken("The Sec-WebSocket-Key is not 16 bytes in Base64.");
  accepted_websocket accepted;
  accepted.answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                    websocket_accept(key) + "\r\n";
  accepted.agreement.subprotocol = choose_subprotocol(request, options);
  if (!accepted.agreement.subprotocol.empty())
    accepted.answer += "Sec-WebSocket-Protocol: " + accepted.agreement.subprotocol + "\r\n";
  if (options.deflate) {
    std::string extension;
    accepted.agreement.deflate =
        accept_deflate(joined_fields(headers, "sec-websocket-extensions"), extension);
    if (!extension.empty()) accepted.answer += "Sec-WebSocket-Extensions: " + extension + "\r\n";
  }
  accepted.answer += options.header_lines + "\r\n";
  return accepted;
}

std::string websocket_request_lines(std::string_view key, const websocket_options& options) {
  std::string lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: ";
  lines += key;
  lines += "\r\n";
  std::string protocols;
  for (const auto& protocol : options.subprotocols)
    protocols += (protocols.empty() ? "" : ", ") + protocol;
  if (!protocols.empty()) lines += "Sec-WebSocket-Protocol: " + protocols + "\r\n";
  if (options.deflate)
    lines += "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
  return lines + options.header_lines;
}

result<websocket_agreement> check_websocket_answer(const http_headers& headers,
                                                   std::string_view key,
                                                   const websocket_options& options) {
  const auto refused = [](std::string text) {
    return fault{"transport.handshake", std::move(text),
                 "Check that the address is a WebSocket and no proxy changes the answer.", 502};
  };
  if (!headers.has_token("upgrade", "websocket") || !headers.has_token("connection", "upgrade"))
    return refused("The server did not switch to WebSocket.");
  if (headers.find("sec-websocket-accept") != websocket_accept(key))
    return refused("The server's answer does not belong to this handshake.");
  websocket_agreement agreement;
  agreement.subprotocol = headers.find("sec-websocket-protocol");
  if (!agreement.subprotocol.empty()) {
    bool known = false;
    for (const auto& ours : options.subprotocols)
      known = known || ours == agreement.subprotocol;
    if (!known) return refused("The server chose a subprotocol that was not offered.");
  }
  const auto extensions = joined_fields(headers, "sec-websocket-extensions");
  if (extensions.empty()) return agreement;
  const auto parameters = deflate_parameters(extensions);
  deflate_terms terms;
  if (!options.deflate || !parameters || !terms.read(*parameters) || terms.client_bits == 0 ||
      terms.client_bits == least_window_bits)
    return refused("The server chose an extension that was not offered.");
  auto& deflate = agreement.deflate;
  deflate.enabled = true;
  deflate.own_no_takeover = terms.client_no_takeover;
  deflate.peer_no_takeover = terms.server_no_takeover;
  if (terms.client_bits)
    deflate.own_window_bits = std::min(deflate.own_window_bits, *terms.client_bits);
  return agreement;
}

} // namespace troupe::transport
