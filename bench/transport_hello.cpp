// links: troupe_transport
// links: troupe_transport
// A bare server that answers "ping" at /hw_proxy/hello: what the transport alone costs. For load
// programs such as wrk, beside nginx on the same machine.
#include "transport/http_server.hpp"
#include "transport/websocket_echo.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdlib>
#include <iostream>

namespace {

using namespace troupe::transport;

void answer(http_exchange exchange) {
  const auto path = exchange.request().path;
  if (path == "/hw_proxy/hello") return exchange.respond(static_text_response("ping"));
  if (path == "/test/echo") return websocket_echo(std::move(exchange));
  exchange.respond(problem({"http.not_found", "There is nothing at this address.", "", 404}));
}

} // namespace

int main(int count, char** arguments) {
  const int port = count > 1 ? std::atoi(arguments[1]) : 0;
  boost::asio::io_context loop(1);
  http_server server(loop, {}, answer);
  const auto listening = server.listen("127.0.0.1", static_cast<std::uint16_t>(port));
  if (!listening) {
    std::cerr << listening.error().text << '\n';
    return 1;
  }
  std::cout << "listening on port " << *listening << std::endl;
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    server.stop(std::chrono::seconds(1), [&] { loop.stop(); });
  });
  loop.run();
  return 0;
}
