#include "sim/room_request.hpp"

#include "sim/play.hpp"
#include "sim/scale_device.hpp"
#include "transport/cors.hpp"

#include <boost/asio/ip/address.hpp>

namespace troupe::sim {

using transport::http_method;
using transport::http_request;

static fault not_found(std::string_view path) {
  return {"room.not_found", "There is nothing at " + std::string(path) + ".",
          "The page about the paper room lists its addresses.", 404};
}

fault no_printer(std::string_view name) {
  return {"room.no_printer", "There is no printer \"" + std::string(name) + "\" in this room.",
          "GET /api/v1/printers lists them.", 404};
}

fault no_scale(std::string_view name) {
  return {"room.no_scale", "There is no scale \"" + std::string(name) + "\" in this room.",
          "GET /api/v1/scales lists them.", 404};
}

static fault wrong_method(std::string_view allowed) {
  return {"room.method", "This address does not take that method.",
          "Use " + std::string(allowed) + ".", 405};
}

/// "127.0.0.1:8090" -> "127.0.0.1"; "[::1]:8090" -> "::1".
static std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

/// Against DNS rebinding: a foreign name that resolves to this machine is not one of ours.
static bool known_host(std::string_view host, const std::vector<std::string>& hosts) {
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(without_port(host)), error);
  if (!error) return true;
  static const std::vector<std::string> own{"localhost"};
  return transport::host_check(host, own) || transport::host_check(host, hosts);
}

/// A page may only act on the room it came from; programs send no Origin.
static bool same_origin(const http_request& request) {
  auto origin = request.origin();
  if (origin.empty()) return true;
  auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos &&
         transport::equal_ignoring_case(origin.substr(scheme_end + 3), request.host());
}

static result<bool> check_caller(const http_request& request,
                                 const std::vector<std::string>& hosts) {
  if (!known_host(request.host(), hosts))
    return fault{"room.host", "This room is not called \"" + std::string(request.host()) + "\".",
                 "Use its address, or start it with --host for that name.", 403};
  if (!same_origin(request))
    return fault{"room.origin", "A page from elsewhere may not use this room.",
                 "Open the room's own page.", 403};
  return true;
}

static result<room_request> read_play_request(const http_request& request, room_request made,
                                              room_request::kind_type kind = room_request::play) {
  if (request.method != http_method::post) return wrong_method("POST");
  auto type = request.headers.find("content-type");
  type = type.substr(0, type.find(';'));
  if (!transport::equal_ignoring_case(type, transport::mime_json))
    return fault{"room.not_json", "The body is not marked as JSON.",
                 "Send Content-Type: application/json.", 415};
  if (request.body.size() > room_body_bytes)
    return fault{"room.too_large", "The body is too large.", "Send at most 4 KiB.", 413};
  made.kind = kind;
  return made;
}

/// Splits what follows "/api/v1/scales/".
static result<room_request> read_scale_request(const http_request& request, std::string_view rest,
                                               bool reads) {
  room_request made;
  auto slash = rest.find('/');
  made.printer = rest.substr(0, slash);
  made.what = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (is_scale_play(made.what))
    return read_play_request(request, std::move(made), room_request::scale_play);
  if (!made.what.empty()) return not_found(request.path);
  if (!reads) return wrong_method("GET");
  made.kind = room_request::scale_state;
  return made;
}

/// Splits what follows "/api/v1/printers/".
static result<room_request> read_printer_request(const http_request& request, std::string_view rest,
                                                 bool reads) {
  room_request made;
  auto slash = rest.find('/');
  made.printer = rest.substr(0, slash);
  made.what = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (is_play(made.what)) return read_play_request(request, std::move(made));
  if (!made.what.empty() && made.what != "receipts" && made.what != "strip.png")
    return not_found(request.path);
  if (!reads) return wrong_method("GET");
  made.kind = room_request::printer_state;
  return made;
}

result<room_request> read_room_request(const http_request& request,
                                       const std::vector<std::string>& hosts) {
  constexpr std::string_view api = "/api/", printers = "/api/v1/printers",
                             receipts = "/api/v1/receipts/", png = ".png";
  bool reads = request.method == http_method::get || request.method == http_method::head;
  auto path = request.path;
  room_request made;
  if (path == "/healthz" && reads) {
    made.kind = room_request::health;
    return made;
  }
  if (!path.starts_with(api)) return made;
  if (auto allowed = check_caller(request, hosts); !allowed) return allowed.error();
  if (path.starts_with("/api/v1/printers/"))
    return read_printer_request(request, path.substr(printers.size() + 1), reads);
  if (path.starts_with("/api/v1/scales/"))
    return read_scale_request(request, path.substr(std::string_view("/api/v1/scales/").size()),
                              reads);
  if (path == printers)
    made.kind = room_request::printers;
  else if (path == "/api/v1/scales")
    made.kind = room_request::scales;
  else if (path == "/api/v1/events")
    made.kind = room_request::events;
  else if (path.starts_with(receipts) && path.ends_with(png) &&
           path.size() > receipts.size() + png.size()) {
    made.kind = room_request::picture;
    made.receipt = path.substr(receipts.size(), path.size() - receipts.size() - png.size());
  } else {
    return not_found(path);
  }
  if (!reads) return wrong_method("GET");
  return made;
}

} // namespace troupe::sim
