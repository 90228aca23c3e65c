#include "apps/troupe/tail.hpp"

#include "messages/codec.hpp"
#include "transport/websocket_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 500ms;
constexpr auto longest_pause = 15'000ms;

class tailing {
public:
  tailing(caller& server, const tail_options& options)
      : server_(server), options_(options), after_(options.after), again_(server.loop()) {}

  result<bool> run() {
    connect();
    server_.loop().restart();
    while (!outcome_ && server_.loop().run_one() != 0) {
    }
    if (session_) session_->cut();
    return outcome_.value_or(fault{"transport.cut", "The connection was lost."});
  }

private:
  std::string address() const {
    const auto& origin = server_.where().server;
    auto query = options_.filter;
    if (after_) query += "&after=" + std::to_string(*after_);
    if (!query.empty()) query.front() = '?';
    return "ws" + origin.substr(4) + "/api/v1/events" + query; // http -> ws, https -> wss
  }

  void connect() {
    attempt_ = transport::open_websocket(
        server_.loop(),
        {.url = address(),
         .headers = {{"Authorization", "Bearer " + server_.where().token}},
         .options = {.message_bytes = 64 * 1024 * 1024}},
        [this](result<transport::websocket_ptr> opened) {
          if (!opened) return failed(opened.error());
          stood_ = true;
          pause_ = first_pause;
          session_ = *opened;
          transport::websocket_session::callbacks handlers;
          handlers.on_message = [this](byte_span payload, bool) { take(payload); };
          handlers.on_close = [this](std::uint16_t code, std::string_view reason) {
            closed(code, reason);
          };
          session_->handle(std::move(handlers));
        });
  }

  void failed(const fault& problem) {
    if (stood_) return later();
    auto told = connection_problem(problem, server_.where().server);
    if (told.code == "transport.handshake") {
      told.code = "server.refused";
      const bool unknown_person = told.text.find("401") != std::string::npos;
      told.status = unknown_person ? 401 : told.text.find("403") != std::string::npos ? 403 : 502;
      told.remedy = unknown_person ? "Run troupe login." : told.remedy;
    }
    outcome_ = told;
  }

  void closed(std::uint16_t code, std::string_view reason) {
    if (outcome_) return;
    options_.note("The server hung up (" + std::to_string(code) +
                  (reason.empty() ? "" : ", " + std::string(reason)) + "); trying again.");
    later();
  }

  void later() {
    again_.expires_after(pause_);
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, longest_pause);
    again_.async_wait([this](const boost::system::error_code& error) {
      if (!error) connect();
    });
  }

  void take(byte_span payload) {
    const auto content = from_json<value>(as_text(payload));
    const auto* events = content ? content->as_list() : nullptr;
    if (events == nullptr) {
      outcome_ = fault{"server.answer", "The server sent what is no list of events.",
                       "Is it of another version? troupe status shows it.", 502};
      return;
    }
    for (const auto& each : *events) {
      if (outcome_) break;
      options_.show(each);
      if (const auto number = sequence_of(each)) after_ = *number;
      if (++shown_ == options_.count) outcome_ = true;
    }
    options_.shown();
  }

  static std::optional<std::uint64_t> sequence_of(const value& event) {
    if (const auto* number = event["sequence"].as_integer())
      return static_cast<std::uint64_t>(*number);
    const auto text = event.text_or("sequence");
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    return std::stoull(text);
  }

  caller& server_;
  const tail_options& options_;
  std::optional<std::uint64_t> after_;
  boost::asio::steady_timer again_;
  std::unique_ptr<transport::websocket_attempt> attempt_;
  transport::websocket_ptr session_;
  std::chrono::milliseconds pause_ = first_pause;
  bool stood_ = false;
  std::uint64_t shown_ = 0;
  std::optional<result<bool>> outcome_;
};

} // namespace

result<bool> tail_events(caller& server, const tail_options& options) {
  if (server.where().token.empty())
    return fault{"login.missing", "You are not logged in to " + server.where().server + ".",
                 "Run troupe login, or set TROUPE_TOKEN.", 401};
  return tailing(server, options).run();
}

} // namespace troupe::apps
