#include "transport/client_call.hpp"

#include "messages/base64.hpp"
#include "transport/http.hpp"

#include <algorithm>

namespace troupe::transport {

namespace {

constexpr std::size_t first_input = 8 * 1024;
constexpr std::size_t largest_input = 64 * 1024;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool may_repeat(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" ||
         method == "DELETE";
}

bool is_credential(std::string_view name) {
  return equal_ignoring_case(name, "authorization") || equal_ignoring_case(name, "cookie") ||
         equal_ignoring_case(name, "proxy-authorization");
}

bool has_field(const header_list& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

} // namespace

std::string_view client_response::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return {};
}

client_call::client_call(call_owner& owner, http_client::ticket ticket, client_request request)
    : owner_(&owner), ticket_(ticket), request_(std::move(request)),
      body_(std::make_shared<const std::string>(std::move(request_.body))),
      redirects_left_(request_.redirects) {}

void client_call::start() {
  auto parsed = parse_url(request_.url);
  if (!parsed) return fail(parsed.error());
  bool clean = is_token(request_.method);
  for (const auto& [name, value] : request_.headers)
    clean = clean && is_token(name) && is_field_value(value);
  if (!clean)
    return fail({"transport.request", "The request's method or a header field is no valid text.",
                 "Send it without control characters.", 500});
  where_ = std::move(*parsed);
  go();
}

void client_call::go() {
  reader_.reset();
  input_filled_ = 0;
  got_bytes_ = false;
  if (auto pooled = owner_->take_pooled(where_.origin())) {
    reused_ = true;
    connection_ = std::move(pooled->connection);
    return send_request();
  }
  reused_ = false;
  attempt_ = owner_->connect(where_, [weak = weak_from_this()](result<connected_stream> made) {
    if (const auto self = weak.lock()) self->connected(std::move(made));
  });
}

void client_call::connected(result<connected_stream> made) {
  if (!owner_) return;
  if (!made) return fail(made.error());
  connection_ = std::move(*made);
  send_request();
}

void client_call::send_request() {
  reader_.emplace(request_.method == "HEAD", request_.answer_bytes);
  output_ = {};
  write_head();
  if (!body_->empty()) output_.append(http_body(body_));
  read_some();
  flush();
}

void client_call::write_head() {
  auto& out = output_.text();
  out += request_.method;
  out += ' ';
  out += connection_.by_proxy ? where_.origin() + where_.target : where_.target;
  out += " HTTP/1.1\r\n";
  add_field(out, "Host", where_.authority());
  if (!has_field(request_.headers, "user-agent")) add_field(out, "User-Agent", "troupe");
  if (!has_field(request_.headers, "accept")) add_field(out, "Accept", "*/*");
  if (!where_.user.empty() && !has_field(request_.headers, "authorization"))
    add_field(out, "Authorization",
              "Basic " + to_base64(as_bytes(where_.user + ':' + where_.password)));
  if (connection_.by_proxy && !connection_.proxy_authorization.empty())
    add_field(out, "Proxy-Authorization", connection_.proxy_authorization);
  for (const auto& [name, value] : request_.headers)
    if (!equal_ignoring_case(name, "host") && !equal_ignoring_case(name, "content-length"))
      add_field(out, name, value);
  const bool carries = request_.method == "POST" || request_.method == "PUT" ||
                       request_.method == "PATCH" || !body_->empty();
  if (carries) add_field(out, "Content-Length", std::to_string(body_->size()));
  out += "\r\n";
}

void client_call::flush() {
  while (!writing_ && !output_.empty() && connection_.stream) {
    const auto pieces = output_.pieces();
    const auto written = connection_.stream->write_now(pieces);
    if (written == 0) {
      writing_ = true;
      connection_.stream->write(pieces, shared_from_this());
      return;
    }
    output_.consume(written);
  }
}

void client_call::on_written(std::size_t bytes, stream_status status) {
  writing_ = false;
  if (!owner_ || !connection_.stream) return;
  if (status != stream_status::ok) return; // the read tells what happened, perhaps an early answer
  output_.consume(bytes);
  flush();
}

void client_call::read_some() {
  if (reading_ || !connection_.stream) return;
  if (input_.size() - input_filled_ < first_input / 2)
    input_.resize(
        std::max(first_input, std::min(input_.size() * 2, largest_input) + input_filled_));
  reading_ = true;
  connection_.stream->read({input_.data() + input_filled_, input_.size() - input_filled_},
                           shared_from_this());
}

void client_call::on_read(std::size_t bytes, stream_status status) {
  const auto keep = shared_from_this();
  reading_ = false;
  if (!owner_ || !reader_) return;
  got_bytes_ = got_bytes_ || bytes > 0;
  input_filled_ += bytes;
  if (status != stream_status::ok) {
    auto ended = status == stream_status::end
                     ? reader_->feed_end()
                     : result<bool>(fault{"transport.cut",
                                          "The connection was cut before the answer was complete.",
                                          "Try again.", 502});
    return ended ? answered() : lost_connection(ended.error());
  }
  const auto used = reader_->feed({input_.data(), input_filled_});
  if (!used) return fail(used.error());
  input_.erase(0, *used);
  input_filled_ -= *used;
  if (reader_->done()) return answered();
  read_some();
}

/// A kept connection may have been closed by the server in the very moment: then once more.
void client_call::lost_connection(fault error) {
  if (!reused_ || got_bytes_ || !may_repeat(request_.method)) return fail(std::move(error));
  connection_.stream->close();
  connection_ = {};
  writing_ = false;
  go();
}

void client_call::answered() {
  auto answer = std::move(reader_->answer());
  const bool reusable = reader_->keep_alive() && !writing_ && output_.empty() && input_filled_ == 0;
  if (reusable)
    owner_->give_pooled({where_.origin(), std::move(connection_)});
  else
    connection_.stream->close();
  connection_ = {};
  reader_.reset();
  writing_ = false;
  if (redirect(answer)) return;
  answer.url = where_.text();
  finish(std::move(answer));
}

/// Follows a redirect (RFC 9110 section 15.4). False: the answer is the last one.
bool client_call::redirect(client_response& answer) {
  const auto status = answer.status;
  if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
    return false;
  const auto location = answer.header("location");
  if (request_.redirects == 0 || location.empty()) return false;
  if (redirects_left_-- == 0) {
    fail({"transport.redirects", "The address redirects too often.", "Check the address.", 502});
    return true;
  }
  auto next = resolve_url(where_, location);
  if (!next || (next->scheme != "http" && next->scheme != "https")) {
    fail({"transport.redirects", "The address redirects to one that cannot be used.",
          "Check the address.", 502});
    return true;
  }
  const bool to_get =
      status == 303 ? request_.method != "HEAD" : status <= 302 && request_.method == "POST";
  if (to_get) {
    request_.method = "GET";
    body_ = std::make_shared<const std::string>();
    std::erase_if(request_.headers, [](const auto& field) {
      return equal_ignoring_case(std::string_view(field.first).substr(0, 8), "content-");
    });
  }
  if (next->origin() != where_.origin())
    std::erase_if(request_.headers, [](const auto& field) { return is_credential(field.first); });
  else if (next->user.empty())
    next->user = where_.user, next->password = where_.password;
  where_ = std::move(*next);
  go();
  return true;
}

void client_call::fail(fault error) {
  const auto keep = shared_from_this();
  let_go_of_connection();
  finish(std::move(error));
}

void client_call::drop() {
  owner_ = nullptr;
  let_go_of_connection();
}

void client_call::let_go_of_connection() {
  attempt_.reset();
  if (connection_.stream) connection_.stream->close();
  reader_.reset();
}

void client_call::finish(result<client_response> answer) {
  if (auto* owner = std::exchange(owner_, nullptr)) owner->ended(ticket_, std::move(answer));
}

} // namespace troupe::transport
