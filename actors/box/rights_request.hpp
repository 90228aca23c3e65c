#pragma once

#include "actors/box/rights.hpp"
#include "actors/box/rights_pages.hpp"
#include "actors/web/request.hpp"
#include "transport/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a request shows of who sent it.
namespace troupe::box {

using web::has_json_body;
using web::is_from_loopback;
using web::is_own_origin;
using web::session_cookie;
using web::session_cookie_line;

enum class caller_kind : std::uint8_t {
  anybody,
  page,  ///< of the server's people, with a token for some devices
  till,  ///< a page of an origin that the owner allowed
  person ///< signed in with the setup code
};

struct caller {
  caller_kind kind = caller_kind::anybody;
  std::string token;        ///< of a person or a page: the session that was shown
  page_rights page;         ///< of a page: what it may do
  bool by_cookie = false;   ///< shown by cookie, not by `Authorization`
  bool own_page = false;    ///< the request names this box as its origin
  bool permitted = false;   ///< its origin may read the answer (CORS)
  std::string name() const; ///< for the history: "https://shop.example", "homepage", "api"
  std::string origin;
};

/// Who is known, and the time for each book.
struct rights_books {
  const origin_book& origins;
  const session_book& sessions;
  const page_session_book& pages;
  time_point now{};                 ///< sessions last over restarts: wall clock
  page_session_book::time steady{}; ///< pages do not
};

/// A page cannot set headers of a WebSocket: it offers this and its secret as a subprotocol.
inline constexpr std::string_view bearer_subprotocol = "troupe.bearer.";

/// Who sends a request. A cookie counts only from the box's own pages (`Origin`, `Sec-Fetch-Site`),
/// so that no other page can use a person's session.
caller who_is(const transport::http_request& request, const rights_books& books);

/// Whether the caller may know of this device, and do this with it. A page may what its token
/// says; the route was opened to all others.
bool may_see(const caller& who, std::string_view device);
bool may_act(const caller& who, std::string_view action, std::string_view device);

/// Whether it comes from a program, not from a browser's page, in a private network (RFC 1918,
/// RFC 3927, RFC 4193) or on this machine.
bool is_neighbour_program(const transport::http_request& request);

} // namespace troupe::box
