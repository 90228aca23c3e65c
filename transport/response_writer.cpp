#include "transport/response_writer.hpp"

#include <charconv>

namespace troupe::transport {

std::string http_date(std::time_t time) {
  // Names are fixed by the standard, whatever the locale.
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&time, &parts);
  const auto two = [](int value) { return std::to_string(100 + value).substr(1); };
  return std::string(days[parts.tm_wday]) + ", " + two(parts.tm_mday) + ' ' + months[parts.tm_mon] +
         ' ' + std::to_string(parts.tm_year + 1900) + ' ' + two(parts.tm_hour) + ':' +
         two(parts.tm_min) + ':' + two(parts.tm_sec) + " GMT";
}

response_writer::response_writer(const std::string& server_name) {
  if (!server_name.empty()) server_line_ = "Server: " + server_name + "\r\n";
}

void response_writer::refresh(std::time_t now) {
  formatted_at_ = now;
  common_lines_ = server_line_ + "Date: " + http_date(now) + "\r\n";
}

namespace {

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_status_line(std::string& out, std::uint16_t status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

} // namespace

void response_writer::write(output_queue& out, http_response response, mode how) {
  if (const auto now = std::time(nullptr); now != formatted_at_) refresh(now);
  const bool bodiless = response.status == 204 || response.status == 304;
  auto& text = out.text();
  append_status_line(text, response.status);
  text += common_lines_;
  if (!response.content_type.empty()) {
    text += "Content-Type: ";
    text += response.content_type;
    text += "\r\n";
  }
  if (!bodiless) {
    text += "Content-Length: ";
    append_number(text, response.body.size());
    text += "\r\n";
  }
  text += response.lines();
  if (how.close)
    text += "Connection: close\r\n";
  else if (how.old_version)
    text += "Connection: keep-alive\r\n";
  text += "\r\n";
  if (!how.head_only && !bodiless) out.append(std::move(response.body));
}

} // namespace troupe::transport
