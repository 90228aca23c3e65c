#include "sim/room.hpp"

#include "actors/runtime/clock.hpp"
#include "sim/room_json.hpp"
#include "sim/room_pages.hpp"
#include "sim/room_request.hpp"
#include "transport/http_server.hpp"
#include "transport/static_files.hpp"

#include <caf/all.hpp>

#include "web/embedded.hpp"
#include <algorithm>
#include <optional>
#include <set>

namespace troupe::sim {

using namespace std::chrono_literals;
using transport::http_exchange;
using transport::json_value;

constexpr auto round = 33ms;        // rows go out 30 times a second
constexpr auto state_round = 100ms; // a printer's state at most 10 times a second
constexpr auto answer_wait = 2s;    // for a printer actor

using exchange_ptr = std::shared_ptr<http_exchange>;

struct page_opened {
  static constexpr bool local_message = true;
  transport::websocket_ptr socket;
};
struct page_closed {
  static constexpr bool local_message = true;
  const transport::websocket_session* socket = nullptr;
};

using room_interface =
    room_actor::extend<caf::reacts_to<exchange_ptr>, caf::reacts_to<page_opened>,
                       caf::reacts_to<page_closed>, caf::reacts_to<printer_update>,
                       caf::reacts_to<scale_update>, caf::reacts_to<runtime::tick>>;

struct room_state {
  room_options options;
  std::unique_ptr<transport::http_server> server;
  std::optional<transport::static_files> files;
  std::uint16_t port = 0;
  room_pages pages;
  std::size_t opening = 0;       // pages between handshake and `page_opened`
  std::set<std::string> changed; // printers whose state is to be told
  runtime::actor_time last_state{};
  runtime::timer next_round{1};
};
using self_pointer = room_interface::stateful_pointer<room_state>;

static void respond(const exchange_ptr& exchange, const json_value& json) {
  exchange->respond(transport::json_response(dump(json)));
}

static void refuse(const exchange_ptr& exchange, const fault& why) {
  exchange->respond(transport::problem(why));
}

/// Asks a printer and answers the exchange with what `answer` makes of it, or with the fault.
template <class Message, class Answer>
static void ask(self_pointer self, const exchange_ptr& exchange, const std::string& printer,
                Message message, Answer answer) {
  auto found = self->state.options.printers.find(printer);
  if (found == self->state.options.printers.end()) return refuse(exchange, no_printer(printer));
  runtime::request_then(self, found->second, answer_wait, std::move(message), std::move(answer),
                        [exchange](const fault& why) { refuse(exchange, why); });
}

static void list_printers(self_pointer self, const exchange_ptr& exchange) {
  struct gathering {
    std::map<std::string, json_value> found;
    std::size_t missing = 0;
  };
  auto all = std::make_shared<gathering>();
  all->missing = self->state.options.printers.size();
  if (all->missing == 0) return respond(exchange, json_value{{"printers", json_value::array()}});
  auto finish = [exchange, all] {
    if (--all->missing > 0) return;
    json_value list;
    list["printers"] = json_value::array();
    for (auto& [name, json] : all->found)
      list["printers"].push_back(std::move(json));
    respond(exchange, list);
  };
  for (const auto& [name, printer] : self->state.options.printers)
    runtime::request_then(
        self, printer, answer_wait, get_snapshot{},
        [all, finish](const printer_snapshot& seen) {
          all->found[seen.id] = to_json(seen);
          finish();
        },
        [finish](const fault&) { finish(); });
}

static void answer_png(const exchange_ptr& exchange, std::size_t width, std::size_t height,
                       byte_span bits, std::string_view cache) {
  auto png = encode_png(width, height, bits);
  if (!png) return refuse(exchange, png.error());
  transport::http_response response;
  response.content_type = "image/png";
  response.body = transport::http_body(shared_bytes(std::move(*png)));
  response.header("Cache-Control", cache);
  exchange->respond(std::move(response));
}

static void get_from_printer(self_pointer self, const exchange_ptr& exchange,
                             const room_request& request) {
  if (request.what.empty())
    return ask(self, exchange, request.printer, get_snapshot{},
               [exchange](const printer_snapshot& seen) { respond(exchange, to_json(seen)); });
  if (request.what == "strip.png")
    return ask(self, exchange, request.printer, get_strip{},
               [exchange](const strip_picture& strip) {
                 answer_png(exchange, strip.width, strip.height, strip.bits.view(), "no-store");
               });
  ask(self, exchange, request.printer, get_receipts{},
      [exchange](const std::vector<kept_receipt_ptr>& kept) {
        json_value list;
        list["receipts"] = json_value::array();
        for (auto each = kept.rbegin(); each != kept.rend(); ++each)
          list["receipts"].push_back(to_json(**each));
        respond(exchange, list);
      });
}

static void get_picture(self_pointer self, const exchange_ptr& exchange,
                        const room_request& request) {
  auto printer = request.receipt.substr(0, request.receipt.rfind('-'));
  ask(self, exchange, printer, get_receipt{request.receipt},
      [exchange](const kept_receipt_ptr& kept) {
        answer_png(exchange, kept->paper.width, kept->paper.height, kept->paper.bits.view(),
                   "private, max-age=31536000, immutable");
      });
}

static void play_with_printer(self_pointer self, const exchange_ptr& exchange,
                              const room_request& request) {
  auto action = read_play(request.what, exchange->request().body_text());
  if (!action) return refuse(exchange, action.error());
  ask(self, exchange, request.printer, std::move(*action),
      [exchange](const printer_snapshot& seen) { respond(exchange, to_json(seen)); });
}

static std::string scale_message(const scale_snapshot& seen) {
  json_value message;
  message["type"] = "scale";
  message["snapshot"] = to_json(seen);
  return dump(message);
}

template <class Message>
static void ask_scale(self_pointer self, const exchange_ptr& exchange, const std::string& scale,
                      Message message) {
  auto found = self->state.options.scales.find(scale);
  if (found == self->state.options.scales.end()) return refuse(exchange, no_scale(scale));
  runtime::request_then(
      self, found->second, answer_wait, std::move(message),
      [exchange](const scale_snapshot& seen) { respond(exchange, to_json(seen)); },
      [exchange](const fault& why) { refuse(exchange, why); });
}

static void list_scales(self_pointer self, const exchange_ptr& exchange) {
  struct gathering {
    json_value list = json_value::array();
    std::size_t missing = 0;
  };
  auto all = std::make_shared<gathering>();
  all->missing = self->state.options.scales.size();
  auto finish = [exchange, all] {
    if (all->missing > 0) return;
    json_value answer;
    answer["scales"] = std::move(all->list);
    respond(exchange, answer);
  };
  if (all->missing == 0) return finish();
  for (const auto& [name, scale] : self->state.options.scales)
    runtime::request_then(
        self, scale, answer_wait, get_scale{},
        [all, finish](const scale_snapshot& seen) {
          all->list.push_back(to_json(seen));
          --all->missing;
          finish();
        },
        [all, finish](const fault&) {
          --all->missing;
          finish();
        });
}

static void play_with_scale(self_pointer self, const exchange_ptr& exchange,
                            const room_request& request) {
  auto action = read_scale_play(request.what, exchange->request().body_text());
  if (!action) return refuse(exchange, action.error());
  ask_scale(self, exchange, request.printer, std::move(*action));
}

static void open_page(self_pointer self, const exchange_ptr& exchange) {
  auto& state = self->state;
  if (state.pages.size() + state.opening >= room_pages_limit)
    return refuse(exchange, {"room.full", "Too many pages already watch the paper room.",
                             "Close one of the other pages.", 503});
  transport::websocket_options options;
  options.queue_bytes = page_queue_bytes;
  options.message_bytes = 4096;
  auto to_room = caf::actor_cast<caf::actor_addr>(self);
  auto opened = exchange->upgrade_websocket(options, [to_room](transport::websocket_ptr socket) {
    transport::websocket_session::callbacks callbacks;
    callbacks.on_overflow = [](std::size_t) { return transport::overflow::drop; };
    callbacks.on_close = [to_room, key = socket.get()](std::uint16_t, std::string_view) {
      if (auto room = caf::actor_cast<caf::actor>(to_room)) caf::anon_send(room, page_closed{key});
    };
    socket->handle(std::move(callbacks));
    if (auto room = caf::actor_cast<caf::actor>(to_room))
      caf::anon_send(room, page_opened{socket});
    else
      socket->cut();
  });
  if (opened) ++state.opening;
}

static void handle(self_pointer self, const exchange_ptr& exchange) {
  auto request = read_room_request(exchange->request(), self->state.options.hosts);
  if (!request) return refuse(exchange, request.error());
  switch (request->kind) {
  case room_request::page:
    return exchange->respond(self->state.files->answer(exchange->request()));
  case room_request::health:
    return exchange->respond(transport::text_response("ok\n"));
  case room_request::printers:
    return list_printers(self, exchange);
  case room_request::printer_state:
    return get_from_printer(self, exchange, *request);
  case room_request::picture:
    return get_picture(self, exchange, *request);
  case room_request::play:
    return play_with_printer(self, exchange, *request);
  case room_request::events:
    return open_page(self, exchange);
  case room_request::scales:
    return list_scales(self, exchange);
  case room_request::scale_state:
    return ask_scale(self, exchange, request->printer, get_scale{});
  case room_request::scale_play:
    return play_with_scale(self, exchange, *request);
  }
}

/// Asks each printer for its state and then its strip. What comes out before the strip's answer is
/// part of the strip; from then on the page follows.
static void welcome(self_pointer self, const transport::websocket_ptr& socket) {
  auto& state = self->state;
  if (state.opening > 0) --state.opening;
  if (!socket->is_open()) return;
  state.pages.add(socket);
  for (const auto& [name, scale] : state.options.scales)
    runtime::request_then(
        self, scale, answer_wait, get_scale{},
        [socket](const scale_snapshot& seen) { socket->send_text(scale_message(seen)); },
        [](const fault&) {});
  for (const auto& [name, printer] : state.options.printers)
    runtime::request_then(
        self, printer, answer_wait, get_snapshot{},
        [self, socket, printer = printer](const printer_snapshot& seen) {
          runtime::request_then(
              self, printer, answer_wait, get_strip{},
              [self, socket, seen](const strip_picture& strip) {
                self->state.pages.welcome(socket, seen, strip);
              },
              [](const fault&) {});
        },
        [](const fault&) {});
}

static void arm(self_pointer self) {
  if (!self->state.next_round.armed()) self->state.next_round.arm(self, round);
}

static void note(self_pointer self, const printer_update& update) {
  auto& pages = self->state.pages;
  if (pages.size() == 0) return;
  json_value json;
  json["printer"] = update.printer;
  if (auto* rows = std::get_if<rows_printed>(update.event.get())) {
    pages.gather(update.printer, *rows);
    return arm(self);
  }
  if (std::holds_alternative<state_changed>(*update.event)) {
    self->state.changed.insert(update.printer);
    return arm(self);
  }
  if (auto* cut = std::get_if<receipt_cut>(update.event.get())) {
    pages.flush(update.printer);
    json["type"] = "cut";
    json["receipt"] = to_json(*cut->receipt);
  } else if (std::holds_alternative<drawer_opened>(*update.event)) {
    json["type"] = "drawer";
    json["drawer"] = "open";
  } else if (std::holds_alternative<beeped>(*update.event)) {
    json["type"] = "beep";
  } else {
    json["type"] = "cleared";
  }
  pages.tell(update.printer, dump(json));
}

static void tell_states(self_pointer self) {
  auto& state = self->state;
  if (state.changed.empty()) return;
  if (runtime::now(self) - state.last_state < state_round) return arm(self);
  state.last_state = runtime::now(self);
  for (const auto& name : std::exchange(state.changed, {}))
    if (auto found = state.options.printers.find(name); found != state.options.printers.end())
      runtime::request_then(
          self, found->second, answer_wait, get_snapshot{},
          [self](const printer_snapshot& seen) { self->state.pages.tell_state(seen); },
          [](const fault&) {});
}

static room_interface::behavior_type
behave(self_pointer self, room_options options,
       std::shared_ptr<std::unique_ptr<transport::http_server>> server, std::uint16_t port) {
  runtime::prepare(self, "sim.room");
  auto& state = self->state;
  state.options = std::move(options);
  state.server = std::move(*server);
  state.port = port;
  transport::static_files_options files;
  files.header_lines = transport::security_headers(web::content_security_policy);
  if (state.options.pages.empty())
    state.files.emplace(web::room_assets(), files);
  else
    state.files.emplace(std::filesystem::path(state.options.pages), files);
  for (const auto& [name, printer] : state.options.printers)
    runtime::request_then(
        self, printer, answer_wait, watch_printer{caf::actor_cast<caf::actor>(self)},
        [](const printer_snapshot&) {}, [](const fault&) {});
  for (const auto& [name, scale] : state.options.scales)
    runtime::request_then(
        self, scale, answer_wait, watch_scale{caf::actor_cast<caf::actor>(self)},
        [](const scale_snapshot&) {}, [](const fault&) {});
  return {
      [self](const get_room_port&) { return self->state.port; },
      [self](const exchange_ptr& exchange) { handle(self, exchange); },
      [self](const page_opened& page) { welcome(self, page.socket); },
      [self](const page_closed& page) { self->state.pages.remove(page.socket); },
      [self](const printer_update& update) { note(self, update); },
      [self](const scale_update& update) {
        if (self->state.pages.size() > 0) self->state.pages.tell_all(scale_message(update.seen));
      },
      [self](const runtime::tick& tick) {
        if (!self->state.next_round.due(self, tick)) return;
        self->state.pages.flush_all();
        tell_states(self);
      },
  };
}

result<room_actor> spawn_room(caf::actor_system& system, boost::asio::io_context& context,
                              room_options options) {
  transport::http_server_options limits;
  limits.body_bytes = room_body_bytes;
  auto to_room = std::make_shared<caf::actor_addr>();
  auto server = std::make_shared<std::unique_ptr<transport::http_server>>(
      std::make_unique<transport::http_server>(context, limits, [to_room](http_exchange exchange) {
        auto room = caf::actor_cast<caf::actor>(*to_room);
        if (room)
          caf::anon_send(room, std::make_shared<http_exchange>(std::move(exchange)));
        else
          exchange.respond(transport::problem(
              {"room.closing", "The paper room is closing.", "Start it again.", 503}));
      }));
  auto port = (*server)->listen(options.address, options.port);
  if (!port) return port.error();
  auto room = system.spawn(behave, std::move(options), std::move(server), *port);
  *to_room = caf::actor_cast<caf::actor_addr>(room);
  return room_actor(room);
}

} // namespace troupe::sim
