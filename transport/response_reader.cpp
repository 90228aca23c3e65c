#include "transport/response_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <limits>
#include <optional>
#include <utility>

namespace troupe::transport {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast_error = boost::beast::error_code;

namespace {

constexpr std::uint32_t header_bytes = 64 * 1024;
constexpr std::size_t interim_answers = 16;

/// What the parser finds goes into the answer.
class parser_hooks final : public http::basic_parser<false> {
public:
  parser_hooks(client_response& answer, bool bodiless, std::size_t limit)
      : answer_(answer), limit_(limit) {
    header_limit(header_bytes);
    body_limit(std::numeric_limits<std::uint64_t>::max()); // checked by the user of this reader
    eager(true);
    skip(bodiless);
  }
  bool too_big() const { return too_big_; }

private:
  void on_response_impl(int code, beast::string_view, int, beast_error&) override {
    answer_.status = static_cast<std::uint16_t>(code);
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                     beast_error&) override {
    if (!header_done_) answer_.headers.emplace_back(std::string(name), std::string(value));
  }
  void on_header_impl(beast_error&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         beast_error& error) override {
    if (length && *length > limit_) refuse(error);
  }
  std::size_t on_body_impl(beast::string_view text, beast_error& error) override {
    return take(text, error);
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view text,
                                 beast_error& error) override {
    return take(text, error);
  }
  void on_finish_impl(beast_error&) override {}
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int,
                       beast_error&) override {}

  std::size_t take(beast::string_view text, beast_error& error) {
    if (answer_.body.size() + text.size() > limit_)
      refuse(error);
    else
      answer_.body.append(text.data(), text.size());
    return text.size();
  }
  void refuse(beast_error& error) {
    too_big_ = true;
    error = http::error::body_limit;
  }

  client_response& answer_;
  std::size_t limit_;
  bool header_done_ = false;
  bool too_big_ = false;
};

} // namespace

struct response_reader::parser {
  bool bodiless;
  std::size_t limit;
  client_response answer;
  std::optional<parser_hooks> hooks;
  std::size_t interim = 0;

  void restart() {
    answer = {};
    hooks.emplace(answer, bodiless, limit);
  }
};

response_reader::response_reader(bool bodiless, std::size_t answer_bytes)
    : parser_(new parser{bodiless, answer_bytes, {}, std::nullopt, 0}) {
  parser_->restart();
}
response_reader::~response_reader() = default;

result<std::size_t> response_reader::feed(std::string_view data) {
  std::size_t used = 0;
  while (used < data.size() && !done()) {
    beast_error error;
    used += parser_->hooks->put(boost::asio::const_buffer(data.data() + used, data.size() - used),
                                error);
    if (error == http::error::need_more) break;
    if (parser_->hooks->too_big())
      return fault{"transport.too_big", "The answer is larger than allowed.",
                   "Ask for less, or allow more.", 502};
    if (error)
      return fault{"transport.answer", "The answer cannot be read: " + error.message() + ".",
                   "Check that this port speaks HTTP.", 502};
    const auto status = parser_->answer.status;
    if (done() && status < 200 && status != 101) {
      if (++parser_->interim > interim_answers)
        return fault{"transport.answer", "The answer never comes to its end.",
                     "Check what runs there.", 502};
      parser_->restart();
    }
  }
  return used;
}

result<bool> response_reader::feed_end() {
  beast_error error;
  if (parser_->hooks->got_some() && parser_->hooks->is_header_done()) {
    if (done()) return true;
    parser_->hooks->put_eof(error);
    if (!error) return true;
  }
  return fault{"transport.cut", "The connection was cut before the answer was complete.",
               "Try again.", 502};
}

bool response_reader::header_done() const {
  return parser_->hooks->is_header_done();
}
bool response_reader::done() const {
  return parser_->hooks->is_done();
}
bool response_reader::keep_alive() const {
  return done() && parser_->hooks->keep_alive();
}
bool response_reader::switched() const {
  return done() && parser_->answer.status == 101;
}
client_response& response_reader::answer() {
  return parser_->answer;
}

} // namespace troupe::transport
