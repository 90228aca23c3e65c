#pragma once

#include "messages/result.hpp"
#include "transport/http.hpp"
#include "transport/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading what a request carries: who shows what, bodies and queries of the native interface.
namespace troupe::web {

inline constexpr std::string_view session_cookie = "troupe_session";

/// The token of `Authorization: Bearer`; empty when there is none.
std::string_view bearer_token(const transport::http_request& request);
/// The session shown by cookie; empty when there is none, or when it does not count: no page of
/// another site, and no page of another port of this host, may use it (`Origin`, `Sec-Fetch-Site`).
std::string_view session_token(const transport::http_request& request);
/// The `Set-Cookie` line of a session; `seconds` 0 takes it away.
std::string session_cookie_line(std::string_view token, std::int64_t seconds, bool secure);

/// Whether `Origin` names the very host and port that the request went to.
bool is_own_origin(const transport::http_request& request);
/// Whether a body comes as JSON. Browsers let no foreign page send that without asking first.
bool has_json_body(const transport::http_request& request);
/// Whether the request comes from the machine itself.
bool is_from_loopback(const transport::http_request& request);

/// `Idempotency-Key`: 1 to 128 printable characters; empty when absent. Fault
/// "request.idempotency_key" (400).
result<std::string> idempotency_key(const transport::http_request& request);
/// The body as a JSON object. Faults "request.json" (400), "request.shape" (422).
result<transport::json_value> json_body(const transport::http_request& request);
/// A member that must be text when it is there. Fault "request.shape" (422).
result<std::optional<std::string>> text_member(const transport::json_value& body,
                                               const char* member);
/// A text that the body, a JSON object, must have; `remedy` shows how. Faults of `json_body`,
/// "request.shape" (422).
result<std::string> needed_text(const transport::http_request& request, const char* member,
                                std::string remedy);
/// A member that must be a list of texts when it is there. Fault "request.shape" (422).
result<std::optional<std::vector<std::string>>> texts_member(const transport::json_value& body,
                                                             const char* member);
/// A number of the query; `otherwise` when absent. Fault "request.query" (400).
result<std::uint64_t> number_in_query(const transport::http_request& request,
                                      std::string_view parameter, std::uint64_t otherwise);
/// Compact JSON; what is no UTF-8 becomes U+FFFD.
std::string json_text(const transport::json_value& content);

} // namespace troupe::web
