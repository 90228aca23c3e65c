#include "actors/box/link_connection.hpp"

#include "actors/box/way_words.hpp"
#include "messages/codec.hpp"
#include "transport/url.hpp"
#include "transport/websocket_client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// After a change of the network a server that is silent for so long is not reached any more.
constexpr auto changed_patience = 5s;

/// Room for the batches in flight and for what stands beside them.
constexpr std::size_t queue_bytes = 8 * link::box_frame_bytes;

/// Callbacks of the session outlive the connection's owner by a turn; this tells them so.
struct socket_state {
  link_callbacks callbacks;
  transport::websocket_ptr session;
  std::string local_address;
  std::optional<fault> answered; ///< what an answer that is no WebSocket means
  std::unique_ptr<way_probe> probe;
  bool over = false;

  void end(fault why) {
    if (std::exchange(over, true)) return;
    session = nullptr;
    if (callbacks.ended) callbacks.ended(std::move(why));
  }
};

/// What a newer server says and this box does not know is left out, and the link goes on. A command
/// that holds such a thing is still answered: as one that nobody here can do.
std::optional<link::server_frame> of_newer_server(byte_span payload) {
  // Of the command only what its record on the server has too: this form skips all else.
  const auto head = from_msgpack<command_record>(payload);
  if (!head || head->id.empty() || head->action.empty()) return std::nullopt;
  link::command command;
  command.id = head->id;
  command.number = head->number;
  command.trace = head->trace;
  command.action = head->action + " as the server wants it";
  return command;
}

void take_message(const std::shared_ptr<socket_state>& state, byte_span payload, bool text) {
  if (state->over) return;
  auto frame = text ? result<link::server_frame>(fault{"link.bad_frame", "It is text."})
                    : from_msgpack<link::server_frame>(payload);
  if (frame) return state->callbacks.received(*std::move(frame));
  if (frame.error().code == "message.unknown_kind") {
    if (auto known = of_newer_server(payload)) state->callbacks.received(*std::move(known));
    return;
  }
  state->session->close(transport::close_code::bad_payload, "A frame that cannot be read.");
  state->end({"link.bad_frame",
              "The server said what this box does not understand: " + frame.error().text,
              "Use versions of box and server that fit together.", 502});
}

void take_session(const std::shared_ptr<socket_state>& state, transport::websocket_ptr session) {
  state->session = session;
  transport::websocket_session::callbacks callbacks;
  callbacks.on_message = [state](byte_span payload, bool text) {
    take_message(state, payload, text);
  };
  callbacks.on_close = [state](std::uint16_t code, std::string_view reason) {
    std::string text = code == transport::close_code::abnormal
                           ? "The connection to the server was cut."
                           : "The server closed the connection.";
    if (!reason.empty()) text += " (" + std::string(reason) + ")";
    state->end({"link.cut", std::move(text), "The box tries again by itself.", 503});
  };
  session->handle(std::move(callbacks));
}

/// Why the server was not reached, looked at more closely where that may tell more.
void attempt_failed(boost::asio::io_context& loop, const std::shared_ptr<socket_state>& state,
                    const way_out& way, const std::string& url, const fault& why) {
  if (state->answered) return state->end(*state->answered);
  if (!way_probe::is_worth_it(why)) return state->end(why);
  state->probe =
      std::make_unique<way_probe>(loop, way, url, why, [weak = std::weak_ptr(state)](fault found) {
        if (const auto known = weak.lock()) known->end(std::move(found));
      });
}

class socket_connection final : public link_connection {
public:
  socket_connection(boost::asio::io_context& loop, const way_out& way, const std::string& url,
                    link_callbacks callbacks)
      : state_(std::make_shared<socket_state>()) {
    state_->callbacks = std::move(callbacks);
    transport::websocket_client_request request;
    request.url = url.starts_with("https:") ? "wss" + url.substr(5) : "ws" + url.substr(4);
    request.url += link::path;
    request.options.subprotocols = {std::string(link::subprotocol)};
    request.options.message_bytes = link::server_frame_bytes;
    request.options.queue_bytes = queue_bytes;
    request.options.deflate = false;
    request.connect.proxy = way.proxy();
    request.connect.progress = [state = state_](const transport::connect_step& step) {
      if (step.what == transport::connect_step::kind::connected)
        state->local_address = step.local_address;
    };
    request.refused = [state = state_, url](const transport::client_response& answer) {
      if (const auto asked = transport::parse_url(url))
        state->answered = fault_of_answer(answer, *asked);
    };
    attempt_ = transport::open_websocket(
        loop, std::move(request),
        [&loop, way, url, state = state_](result<transport::websocket_ptr> opened) {
          if (state->over) {
            if (opened) (*opened)->cut();
          } else if (opened) {
            take_session(state, *opened);
          } else {
            attempt_failed(loop, state, way, url, opened.error());
          }
        });
  }
  ~socket_connection() override {
    state_->over = true;
    state_->probe.reset();
    if (auto session = std::exchange(state_->session, nullptr)) session->cut();
  }
  bool send(const link::box_frame& frame) override {
    return state_->session && state_->session->send_binary(shared_bytes(to_msgpack(frame)));
  }
  std::size_t queued_bytes() const override {
    return state_->session ? state_->session->queued_bytes() : 0;
  }
  void network_changed(const std::vector<std::string>& addresses) override {
    if (!state_->session) return; // an attempt finds out by itself
    if (std::find(addresses.begin(), addresses.end(), state_->local_address) != addresses.end())
      return state_->session->probe(changed_patience);
    const auto session = state_->session;
    state_->end({"link.address_gone", "The box's address changed.",
                 "The box connects again by itself.", 503});
    session->cut();
  }
  void close(std::string_view reason) override {
    state_->over = true;
    if (auto session = std::exchange(state_->session, nullptr))
      session->close(transport::close_code::normal, reason);
  }

private:
  std::shared_ptr<socket_state> state_;
  std::unique_ptr<transport::websocket_attempt> attempt_;
};

} // namespace

link_opener websocket_links(boost::asio::io_context& loop, way_out way) {
  return [&loop, way = std::move(way)](const std::string& url, link_callbacks callbacks) {
    return std::make_unique<socket_connection>(loop, way, url, std::move(callbacks));
  };
}

result<std::string> checked_server_url(std::string_view typed) {
  while (!typed.empty() && static_cast<unsigned char>(typed.front()) <= ' ')
    typed.remove_prefix(1);
  while (!typed.empty() && static_cast<unsigned char>(typed.back()) <= ' ')
    typed.remove_suffix(1);
  const std::string text(typed);
  const auto parsed =
      transport::parse_url(text.find("://") == std::string::npos ? "http://" + text : text);
  if (text.size() > 512 || !parsed || (parsed->scheme != "http" && parsed->scheme != "https") ||
      parsed->host.empty() || !parsed->user.empty() || parsed->target != "/")
    return fault{"server.bad_url", "\"" + text.substr(0, 100) + "\" is no address of a server.",
                 "Write it as in the browser: http://server.example:8080.", 422};
  return parsed->origin();
}

void link_line::open(const caf::actor& owner, const link_opener& opener, const std::string& url) {
  close();
  const auto number = ++number_;
  // A weak address: a connection under way does not keep its actor alive.
  const auto address = caf::actor_cast<caf::actor_addr>(owner);
  link_callbacks callbacks;
  callbacks.received = [address, number](link::server_frame frame) {
    if (const auto to = caf::actor_cast<caf::actor>(address))
      caf::anon_send(to, link_frame_arrived{
                             number, std::make_shared<const link::server_frame>(std::move(frame))});
  };
  callbacks.ended = [address, number](fault why) {
    if (const auto to = caf::actor_cast<caf::actor>(address))
      caf::anon_send(to, link_ended{number, std::move(why)});
  };
  connection_ = opener(url, std::move(callbacks));
}

void link_line::close(std::string_view reason) {
  if (auto connection = std::move(connection_)) connection->close(reason);
}

} // namespace troupe::box
