// links: troupe_transport
// Any bytes, at any pace, into a server's connection: it neither crashes nor leaks, answers in HTTP
// and ends when it is told to.
#include "tests/transport/memory_stream.hpp"
#include "transport/http_session.hpp"
#include "transport/websocket_echo.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::transport;

static void answer(http_exchange exchange) {
  if (exchange.request().headers.has("upgrade")) return websocket_echo(std::move(exchange));
  exchange.respond(text_response(std::string(exchange.request().body_text())));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto wire = std::make_shared<test::memory_stream::shared>();
  wire->piece = 1 + data[0] * 16;
  wire->write_piece = 1 + data[1] % 64 * 64;
  wire->blocks = data[1] & 0x40;
  if (data[1] & 0x80) wire->steps_left = data[0];
  wire->input.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  http_server_options options;
  options.header_bytes = 2048;
  options.body_bytes = 4096;
  const auto context = std::make_shared<server_context>(options, answer);
  context->post = [&](std::function<void()> work) { wire->work.push_back(std::move(work)); };
  const auto session = std::make_shared<http_session>(
      context, std::make_unique<test::memory_stream>(wire), connection_addresses{});
  context->add(session, "");
  session->start();
  wire->run();
  context->cut_all();
  wire->run();
  if (!context->empty()) std::abort();
  if (!std::string_view("HTTP/1.1 ").starts_with(std::string_view(wire->output).substr(0, 9)))
    std::abort();
  return 0;
}
