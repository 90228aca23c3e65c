// links: troupe_transport troupe_messages
// Many readers of one stream of events: pages of troupe-server, or subscribers of an MQTT broker.
//
//   fan_out pages HOST:PORT TOKEN QUERY COUNT       WebSockets on /api/v1/events?QUERY
//   fan_out mqtt HOST:PORT TOPIC COUNT              subscribers, QoS 0
//   fan_out publish HOST:PORT TOPIC RATE BYTES      publishes to a broker, QoS 0; 0: as fast as
//   taken fan_out connect HOST:PORT COUNT                 MQTT connections that do nothing
//
// Writes one JSON line a second: readers open, events and bytes so far. Ends with SIGTERM.
#include "messages/bytes.hpp"
#include "transport/websocket_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace troupe;

namespace {

struct tally {
  std::uint64_t open = 0, closed = 0, events = 0, bytes = 0, gaps = 0, published = 0;
};

/// Events in one message of the server: a JSON array of CloudEvents, each with one "specversion".
std::uint64_t events_in(std::string_view text, std::string_view mark) {
  std::uint64_t count = 0;
  for (auto at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + mark.size()))
    ++count;
  return count;
}

class page {
public:
  page(asio::io_context& loop, std::string url, std::string token, tally& all)
      : loop_(loop), url_(std::move(url)), token_(std::move(token)), all_(all) {}
  void open() {
    transport::websocket_client_request request;
    request.url = url_;
    request.headers = {{"Authorization", "Bearer " + token_}};
    request.options.message_bytes = 64 << 20;
    request.options.deflate = false;
    attempt_ = transport::open_websocket(loop_, std::move(request), [this](auto opened) {
      if (!opened) {
        ++all_.closed;
        std::cerr << opened.error().text << "\n";
        return;
      }
      ++all_.open;
      session_ = *opened;
      transport::websocket_session::callbacks handlers;
      handlers.on_message = [this](byte_span payload, bool) {
        const auto text = as_text(payload);
        all_.events += events_in(text, "\"specversion\"");
        all_.gaps += events_in(text, "\"type\":\"gap\"");
        all_.bytes += text.size();
      };
      handlers.on_close = [this](std::uint16_t, std::string_view) {
        --all_.open;
        ++all_.closed;
      };
      session_->handle(std::move(handlers));
    });
  }

private:
  asio::io_context& loop_;
  std::string url_, token_;
  tally& all_;
  std::unique_ptr<transport::websocket_attempt> attempt_;
  transport::websocket_ptr session_;
};

std::string mqtt_text(std::string_view text) {
  std::string out{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)};
  return out.append(text);
}
/// A packet of MQTT 3.1.1: type and flags, the length in groups of seven bits, the content.
std::string mqtt_packet(std::uint8_t head, const std::string& content) {
  std::string out(1, static_cast<char>(head));
  auto length = content.size();
  do {
    auto digit = static_cast<std::uint8_t>(length % 128);
    length /= 128;
    out += static_cast<char>(length > 0 ? digit | 0x80 : digit);
  } while (length > 0);
  return out + content;
}
std::string mqtt_connect(const std::string& name) {
  std::string content = mqtt_text("MQTT");
  content += std::string("\x04\x02\x00\x00", 4); // version 4, clean session, no keep-alive
  return mqtt_packet(0x10, content + mqtt_text(name));
}

class subscriber : public std::enable_shared_from_this<subscriber> {
public:
  subscriber(asio::io_context& loop, tally& all) : socket_(loop), all_(all) {}
  /// An empty topic: only connects.
  void open(const tcp::endpoint& where, std::size_t number, const std::string& topic) {
    socket_.connect(where);
    auto hello = mqtt_connect("reader-" + std::to_string(number));
    if (!topic.empty())
      hello += mqtt_packet(0x82, std::string("\x00\x01", 2) + mqtt_text(topic) + '\0');
    asio::write(socket_, asio::buffer(hello));
    ++all_.open;
    read();
  }

private:
  void read() {
    if (filled_ == input_.size()) input_.resize(std::max<std::size_t>(512, input_.size() * 2));
    socket_.async_read_some(asio::buffer(input_.data() + filled_, input_.size() - filled_),
                            [self = shared_from_this()](auto error, std::size_t bytes) {
                              if (error) {
                                --self->all_.open;
                                ++self->all_.closed;
                                return;
                              }
                              self->filled_ += bytes;
                              self->all_.bytes += bytes;
                              self->parse();
                              self->read();
                            });
  }
  void parse() {
    std::size_t at = 0;
    for (;;) {
      std::size_t length = 0, shift = 0, head = at + 1;
      while (head < filled_ && (input_[head] & 0x80) != 0) {
        length |= std::size_t(input_[head++] & 0x7f) << shift;
        shift += 7;
      }
      if (head >= filled_) break;
      length |= std::size_t(input_[head++]) << shift;
      if (head + length > filled_) {
        if (head + length - at > input_.size()) input_.resize(head + length - at);
        break;
      }
      all_.events += (input_[at] & 0xf0) == 0x30;
      at = head + length;
    }
    std::memmove(input_.data(), input_.data() + at, filled_ - at);
    filled_ -= at;
  }
  tcp::socket socket_;
  tally& all_;
  std::vector<std::uint8_t> input_;
  std::size_t filled_ = 0;
};

class publisher {
public:
  publisher(asio::io_context& loop, tally& all) : socket_(loop), timer_(loop), all_(all) {}
  void open(const tcp::endpoint& where, const std::string& topic, double rate, std::size_t bytes) {
    socket_.connect(where);
    asio::write(socket_, asio::buffer(mqtt_connect("publisher")));
    packet_ = mqtt_packet(0x30, mqtt_text(topic) + std::string(bytes, 'x'));
    rate_ = rate;
    begun_ = std::chrono::steady_clock::now();
    next();
  }

private:
  void next() {
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begun_;
    std::uint64_t due = rate_ > 0 ? std::uint64_t(since.count() * rate_) : all_.published + 64;
    due = std::min(due, all_.published + 256);
    if (due == all_.published) {
      timer_.expires_after(std::chrono::milliseconds(1));
      return timer_.async_wait([this](auto) { next(); });
    }
    batch_.clear();
    for (auto i = all_.published; i < due; ++i)
      batch_ += packet_;
    asio::async_write(socket_, asio::buffer(batch_), [this, due](auto error, std::size_t) {
      if (error) return;
      all_.published = due;
      next();
    });
  }
  tcp::socket socket_;
  asio::steady_timer timer_;
  tally& all_;
  std::string packet_, batch_;
  double rate_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

class reporter {
public:
  reporter(asio::io_context& loop, const tally& all) : timer_(loop), all_(all) { again(); }

private:
  void again() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](auto error) {
      if (error) return;
      const std::chrono::duration<double> at = std::chrono::steady_clock::now().time_since_epoch();
      std::cout << std::fixed << "{\"at\":" << at.count() << ",\"open\":" << all_.open
                << ",\"closed\":" << all_.closed << ",\"events\":" << all_.events
                << ",\"bytes\":" << all_.bytes << ",\"gaps\":" << all_.gaps
                << ",\"published\":" << all_.published << "}" << std::endl;
      again();
    });
  }
  asio::steady_timer timer_;
  const tally& all_;
};

tcp::endpoint endpoint_of(const std::string& text) {
  const auto colon = text.rfind(':');
  return {asio::ip::make_address(text.substr(0, colon)),
          static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3) return 2;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  asio::io_context loop;
  tally all;
  std::vector<std::unique_ptr<page>> pages;
  std::vector<std::shared_ptr<subscriber>> subscribers;
  publisher publishing(loop, all);
  const auto& kind = words[0];
  if (kind == "pages") {
    for (int i = 0; i < std::stoi(words.at(4)); ++i) {
      pages.push_back(std::make_unique<page>(
          loop, "ws://" + words[1] + "/api/v1/events?" + words[3], words[2], all));
      pages.back()->open();
    }
  } else if (kind == "mqtt" || kind == "connect") {
    const bool reads = kind == "mqtt";
    for (int i = 0; i < std::stoi(words.at(reads ? 3 : 2)); ++i) {
      subscribers.push_back(std::make_shared<subscriber>(loop, all));
      subscribers.back()->open(endpoint_of(words[1]), std::size_t(i), reads ? words[2] : "");
    }
  } else if (kind == "publish") {
    publishing.open(endpoint_of(words[1]), words[2], std::stod(words.at(3)),
                    std::stoul(words.at(4)));
  } else {
    return 2;
  }
  reporter telling(loop, all);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](auto, int) { loop.stop(); });
  loop.run();
}
