#pragma once

#include "transport/http.hpp"
#include "transport/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// JSON-RPC as Odoo's boxes and pages speak it: HTTP 200 for answers and errors, a null result left
/// out, spacing of Python's json.dumps.
namespace troupe::transport {

struct jsonrpc_request {
  json_value id;      ///< null when absent; any number or text
  std::string method; ///< "call", or empty
  json_value params;  ///< always an object
};

/// Reads a request. Faults: "jsonrpc.syntax" (HTTP 400), "jsonrpc.shape" (not an object, or params
/// or id or method of a wrong type; HTTP 400).
result<jsonrpc_request> parse_jsonrpc(byte_span body, const json_limits& limits = {});

/// An error as Odoo's client shows it. `code`: 200 in general, 403 forbidden, 404 not found,
/// 100 session expired.
struct jsonrpc_error {
  std::int32_t code = 200;
  std::string message = "Odoo Server Error";
  std::string name = "builtins.Exception"; ///< the exception's name the client may look at
  std::string text{};                      ///< what happened and what to do
  std::string correlation{};               ///< trace identifier, stands where a traceback would
};

/// {"jsonrpc": "2.0", "id": ..., "result": ...}; without `result` when it is null.
std::string jsonrpc_answer(const json_value& id, const json_value& result);
/// The same with a result serialized before (empty: left out).
std::string jsonrpc_answer_serialized(const json_value& id, std::string_view result);
std::string jsonrpc_answer(const json_value& id, const jsonrpc_error& error);

/// The HTTP answers: 200 with application/json, or for an unreadable request its problem document.
http_response jsonrpc_response(const json_value& id, const json_value& result);
http_response jsonrpc_response(const json_value& id, const jsonrpc_error& error);
/// A fault as JSON-RPC error (HTTP 200): its text and remedy as message text, its code as name.
jsonrpc_error jsonrpc_error_from(const fault& error, std::string_view correlation);

} // namespace troupe::transport
