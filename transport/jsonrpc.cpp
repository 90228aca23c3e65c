#include "transport/jsonrpc.hpp"

#include "transport/json_text.hpp"

namespace troupe::transport {

namespace {

fault wrong_shape(std::string text) {
  return {"jsonrpc.shape", std::move(text),
          "Send {\"jsonrpc\": \"2.0\", \"method\": \"call\", \"params\": {...}, \"id\": 1}.", 400};
}

std::string answer_start(const json_value& id, std::size_t more) {
  std::string out;
  out.reserve(64 + more);
  out += "{\"jsonrpc\": \"2.0\", \"id\": ";
  append_python_json(out, id);
  return out;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ", \"";
  out += name;
  out += "\": ";
  append_json_text(out, text);
}

} // namespace

result<jsonrpc_request> parse_jsonrpc(byte_span body, const json_limits& limits) {
  auto parsed = parse_json(body, limits);
  if (!parsed) {
    auto error = std::move(parsed.error());
    error.code = "jsonrpc.syntax";
    return error;
  }
  if (!parsed->is_object()) return wrong_shape("The request is no JSON object.");
  jsonrpc_request request;
  request.params = json_value::object();
  for (auto& [name, value] : parsed->get_ref<json_value::object_t&>()) {
    if (name == "id") {
      if (!value.is_number() && !value.is_string() && !value.is_null())
        return wrong_shape("The request's id is neither a number nor a text.");
      request.id = std::move(value);
    } else if (name == "method" && !value.is_null()) {
      if (!value.is_string()) return wrong_shape("The request's method is no text.");
      request.method = std::move(value.get_ref<std::string&>());
    } else if (name == "params" && !value.is_null()) {
      if (!value.is_object()) return wrong_shape("The request's params are no object.");
      request.params = std::move(value);
    }
  }
  return request;
}

std::string jsonrpc_answer_serialized(const json_value& id, std::string_view result) {
  auto out = answer_start(id, result.size());
  if (!result.empty()) {
    out += ", \"result\": ";
    out += result;
  }
  out += '}';
  return out;
}

std::string jsonrpc_answer(const json_value& id, const json_value& result) {
  auto out = answer_start(id, 0);
  if (!result.is_null()) {
    out += ", \"result\": ";
    append_python_json(out, result);
  }
  out += '}';
  return out;
}

std::string jsonrpc_answer(const json_value& id, const jsonrpc_error& error) {
  auto out = answer_start(id, 256 + 3 * error.text.size());
  out += ", \"error\": {\"code\": " + std::to_string(error.code);
  append_member(out, "message", error.message);
  out += ", \"data\": {\"name\": ";
  append_json_text(out, error.name);
  append_member(out, "message", error.text);
  out += ", \"arguments\": [";
  append_json_text(out, error.text);
  out += "], \"context\": {}";
  append_member(out, "debug", error.correlation.empty() ? "" : "trace " + error.correlation);
  out += "}}}";
  return out;
}

http_response jsonrpc_response(const json_value& id, const json_value& result) {
  return json_response(jsonrpc_answer(id, result));
}

http_response jsonrpc_response(const json_value& id, const jsonrpc_error& error) {
  return json_response(jsonrpc_answer(id, error));
}

jsonrpc_error jsonrpc_error_from(const fault& error, std::string_view correlation) {
  jsonrpc_error out;
  if (error.status == 403)
    out.code = 403;
  else if (error.status == 404)
    out.code = 404;
  out.name = error.code;
  out.text = error.remedy.empty() ? error.text : error.text + ' ' + error.remedy;
  out.correlation = correlation;
  return out;
}

} // namespace troupe::transport
