#include "transport/request_reader.hpp"

#include "transport/query.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <charconv>
#include <limits>
#include <utility>

namespace troupe::transport {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast_error = boost::beast::error_code;

namespace {

fault bad_request(std::string text) {
  return {"http.bad_request", std::move(text), "Send a request that follows RFC 9112.", 400};
}

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Whether the request line ends as one of HTTP does, with whatever version.
bool names_a_version(std::string_view header) {
  const auto line = header.substr(0, header.find_first_of("\r\n"));
  const auto version = line.substr(line.size() < 8 ? 0 : line.size() - 8);
  return version.starts_with("HTTP/") && header.substr(line.size()).starts_with("\r\n");
}

/// Gives what Beast's parser finds to the request, and refuses too many fields.
class parser_hooks : public http::basic_parser<true> {
public:
  parser_hooks(http_request& request, std::size_t most_fields)
      : request_(request), most_fields_(most_fields) {
    header_limit(static_cast<std::uint32_t>(-1));
    body_limit(std::numeric_limits<std::uint64_t>::max()); // checked by the user of this reader
  }
  bool folded = false;
  bool too_many = false;
  std::string_view header;

private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int version, beast_error&) override {
    request_.method_text = view_of(method);
    request_.method = method_from(request_.method_text);
    request_.target = view_of(target);
    request_.version = static_cast<std::uint8_t>(version);
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                     beast_error&) override {
    if (header_done_) return; // a trailer: nobody needs one, and it must not change the header
    if (request_.headers.size() >= most_fields_) {
      too_many = true;
      return;
    }
    // A folded value is put together elsewhere; RFC 9112 section 5.2 lets us refuse it.
    const auto inside = [&](const char* p) {
      return p >= header.data() && p <= header.data() + header.size();
    };
    folded = folded || (!value.empty() && !inside(value.data()));
    request_.headers.add(view_of(name), view_of(value));
  }
  void on_header_impl(beast_error&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast_error&) override {}
  std::size_t on_body_impl(beast::string_view text, beast_error&) override { return text.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view text, beast_error&) override {
    return text.size();
  }
  void on_finish_impl(beast_error&) override {}
  void on_response_impl(int, beast::string_view, int, beast_error&) override {}

  http_request& request_;
  std::size_t most_fields_;
  bool header_done_ = false;
};

} // namespace

std::optional<fault> request_reader::read_header(std::string_view header, std::size_t most_fields,
                                                 http_request& request) {
  request.headers.clear();
  request.body = {};
  request.large_body = {};
  parser_hooks hooks(request, most_fields);
  hooks.header = header;
  beast_error error;
  const auto used = hooks.put(boost::asio::const_buffer(header.data(), header.size()), error);
  if (error == http::error::bad_version && names_a_version(header))
    return fault{"http.version", "The request's HTTP version is not supported.", "Use HTTP/1.1.",
                 505};
  if (hooks.too_many)
    return fault{"http.too_many_fields", "The request has more header fields than allowed.",
                 "Send fewer header fields.", 431};
  if (error) return bad_request("The request cannot be read: " + error.message() + ".");
  if (used != header.size() || !hooks.is_header_done())
    return bad_request("The request's header cannot be read.");
  if (hooks.folded) return bad_request("A header field is folded over several lines.");
  keep_alive_ = hooks.keep_alive();
  return check(header, request);
}

std::optional<fault> request_reader::check(std::string_view header, http_request& request) {
  if (header.find('\0') != std::string_view::npos)
    return bad_request("The request's header contains a NUL.");
  const auto hosts = request.headers.count("host");
  if (hosts > 1 || (hosts == 0 && request.version == 11))
    return bad_request("The request needs exactly one Host field.");
  if (auto error = read_length(request)) return error;
  const auto expect = request.headers.find("expect");
  expects_continue_ = false;
  if (!expect.empty()) {
    if (!equal_ignoring_case(expect, "100-continue"))
      return fault{"http.expectation", "The request expects something that is not offered.",
                   "Leave out the Expect field.", 417};
    expects_continue_ = request.version == 11;
  }
  return read_target(request);
}

std::optional<fault> request_reader::read_length(const http_request& request) {
  chunked_ = false;
  chunks_ = {};
  content_length_ = 0;
  const auto lengths = request.headers.count("content-length");
  const auto codings = request.headers.count("transfer-encoding");
  if (lengths + codings > 1)
    return bad_request("The length of the request's body is given more than once.");
  if (codings == 1) {
    if (request.version == 10) return bad_request("HTTP/1.0 knows no Transfer-Encoding.");
    if (!equal_ignoring_case(request.headers.find("transfer-encoding"), "chunked"))
      return fault{"http.transfer_encoding", "The request's transfer encoding is not supported.",
                   "Send the body chunked or with a Content-Length.", 501};
    chunked_ = true;
  }
  if (lengths == 1) {
    const auto text = request.headers.find("content-length");
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), content_length_);
    if (text.empty() || text[0] == '-' || error != std::errc() || end != text.data() + text.size())
      return bad_request("The Content-Length is not a number.");
  }
  return std::nullopt;
}

std::optional<fault> request_reader::read_target(http_request& request) {
  auto target = request.target;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto slash = target.find('/', target.find("//") + 2);
    const auto query = target.find('?');
    target = slash == std::string_view::npos || slash > query ? "/" : target.substr(slash);
  }
  if (target.empty() || (target[0] != '/' && target != "*"))
    return bad_request("The request's target is no path.");
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
  if (request.path.find('%') == std::string_view::npos) return std::nullopt;
  auto decoded = percent_decode(request.path);
  if (!decoded) return bad_request("The request's path has a broken percent-encoding.");
  decoded_path_ = std::move(*decoded);
  request.path = decoded_path_;
  return std::nullopt;
}

result<std::size_t> request_reader::read_chunks(std::string_view data, std::uint64_t limit,
                                                byte_vector& body) {
  std::size_t used = 0;
  switch (chunks_.feed(data, limit, body, used)) {
  case chunk_outcome::broken:
    return bad_request("The request's chunked body cannot be read.");
  case chunk_outcome::too_big:
    return fault{"http.body_too_big", "The request's body is larger than allowed.",
                 "Send less at once.", 413};
  default:
    return used;
  }
}

std::size_t header_end(std::string_view data, std::size_t from) {
  const auto position = data.find("\r\n\r\n", from);
  return position == std::string_view::npos ? position : position + 4;
}

} // namespace troupe::transport
