#include "actors/server/web_state.hpp"
#include "messages/codec.hpp"
#include "transport/cors.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

/// What boxes and devices are asked to do.
namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::uint64_t page_default = 100;
constexpr std::uint64_t page_most = 1000;
constexpr std::uint64_t longest_valid_s = 30 * 24 * 3600;

/// A command of this caller; a fault in the call's key refuses it.
std::optional<send_command> command_of(const call_ptr& request, std::string action) {
  auto key = web::idempotency_key(request->request());
  if (!key) {
    request->refuse(key.error());
    return std::nullopt;
  }
  send_command message;
  message.trace = request->trace();
  message.box = box_id(request->parameter(0));
  message.action = std::move(action);
  message.key = std::move(*key);
  message.person = request->person();
  return message;
}

/// Sends it, notes it, and answers with how it stands.
void send(web_state& web, const call_ptr& request, send_command message, std::string noted,
          std::string text) {
  web.ask(request, web.neighbours.fleet, std::move(message),
          [&web, request, noted = std::move(noted),
           text = std::move(text)](const command_record& record) {
            auto response = transport::json_response(to_json(record), 202);
            response.header("Location", "/api/v1/commands/" + record.id.text);
            const auto target = record.device.empty() ? record.box.text
                                                      : record.box.text + "/" + record.device.text;
            web.audit(request, noted, target, text, std::move(response));
          });
}

/// A number of the body; false when the call was refused.
bool read_validity(const call_ptr& request, const json_value& body, std::chrono::seconds& out) {
  const auto found = body.find("valid_for_s");
  if (found == body.end() || found->is_null()) return true;
  if (found->is_number_integer() && *found >= 1 && *found <= longest_valid_s) {
    out = std::chrono::seconds(found->get<std::int64_t>());
    return true;
  }
  request->refuse({"request.shape",
                   "valid_for_s must be a whole number of seconds, at most a month.",
                   "See /openapi.json.", 422});
  return false;
}

/// The document of the body in the messages' own form; false when the call was refused.
bool read_document(const call_ptr& request, const json_value& body, printing::document& out) {
  const auto found = body.find("document");
  if (found == body.end() || found->is_null()) return true;
  auto document = from_json<printing::document>(web::json_text(*found));
  if (document) {
    out = std::move(*document);
    return true;
  }
  auto problem = document.error();
  problem.status = 422;
  if (problem.remedy.empty()) problem.remedy = "See /openapi.json.";
  request->refuse(problem);
  return false;
}

void change_box_origin(web_state& web, const call_ptr& request, const std::string& change) {
  const auto origin = transport::normalized_origin(request->parameter(1));
  if (!origin)
    return request->refuse(
        {"origin.invalid", "\"" + request->parameter(1).substr(0, 100) + "\" is not an origin.",
         "An origin is a scheme and a host, such as https://shop.example.", 422});
  auto message = command_of(request, "decide_origin");
  if (!message) return;
  message->arguments = value::object{{"origin", *origin}, {"change", change}};
  send(web, request, std::move(*message), "box.origin_decided",
       "The box was told to " + change + " pages of " + *origin + ".");
}

} // namespace

void post_restart(web_state& web, const call_ptr& request) {
  auto message = command_of(request, "restart");
  if (!message) return;
  send(web, request, std::move(*message), "box.restarted", "The box was asked to restart.");
}

void post_blink(web_state& web, const call_ptr& request) {
  auto message = command_of(request, "blink");
  if (!message) return;
  send(web, request, std::move(*message), "box.blinked", "The box was asked to show itself.");
}

void put_box_origin(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> word;
  if (!body || !read_text(request, *body, "decision", word, true)) return;
  if (*word != "allow" && *word != "refuse")
    return request->refuse(
        {"request.shape", "decision must be allow or refuse.", "See /openapi.json.", 422});
  change_box_origin(web, request, *word);
}

void delete_box_origin(web_state& web, const call_ptr& request) {
  change_box_origin(web, request, "forget");
}

void post_device(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  std::optional<std::string> address;
  if (!body || !read_text(request, *body, "name", name) ||
      !read_text(request, *body, "address", address, true))
    return;
  auto message = command_of(request, "add_device");
  if (!message) return;
  message->arguments = value::object{{"name", name.value_or("")}, {"address", *address}};
  send(web, request, std::move(*message), "device.added", "The device " + *address + " was added.");
}

void patch_device(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  if (!body || !read_text(request, *body, "name", name, true)) return;
  auto message = command_of(request, "rename_device");
  if (!message) return;
  message->arguments = value::object{{"device", request->parameter(1)}, {"name", *name}};
  send(web, request, std::move(*message), "device.renamed",
       "A device is now called " + *name + ".");
}

void delete_device(web_state& web, const call_ptr& request) {
  auto message = command_of(request, "remove_device");
  if (!message) return;
  message->arguments = value::object{{"device", request->parameter(1)}};
  send(web, request, std::move(*message), "device.removed",
       "The device " + request->parameter(1) + " was removed.");
}

void post_action(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> action;
  if (!body || !read_text(request, *body, "action", action, true)) return;
  auto message = command_of(request, *action);
  if (!message || !read_validity(request, *body, message->valid_for) ||
      !read_document(request, *body, message->document))
    return;
  if (action->empty() || action->size() > 64)
    return request->refuse({"action.unknown_action", "The body names no action.",
                            "Use status (a test ticket), cashbox, print, read_once …", 422});
  message->device = device_id(request->parameter(1));
  if (const auto found = body->find("arguments"); found != body->end()) {
    auto arguments = from_json<value>(web::json_text(*found));
    if (!arguments) return request->refuse(arguments.error());
    message->arguments = std::move(*arguments);
  }
  // Said by its document it may go ahead of receipts that wait for paper.
  if (*action == "cashbox" && message->document.operations.empty())
    message->document.operations = {printing::drawer_pulse{}};
  send(web, request, std::move(*message), "device.action", "Asked for " + *action + ".");
}

void get_one_command(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_command{command_id(request->parameter(0))},
          [request](const command_record& record) {
            request->answer(transport::json_response(to_json(record)));
          });
}

void get_commands(web_state& web, const call_ptr& request) {
  const auto asked = web::number_in_query(request->request(), "limit", page_default);
  if (!asked) return request->refuse(asked.error());
  find_commands wanted;
  wanted.box = box_id(request->parameter(0));
  wanted.before = transport::query_value(request->request().query, "before").value_or("");
  wanted.limit = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*asked, 1, page_most));
  web.ask(request, web.neighbours.fleet, wanted,
          [request, limit = wanted.limit](const std::vector<command_record>& records) {
            std::string body = "{\"commands\":[";
            for (const auto& each : records) {
              if (body.back() != '[') body += ',';
              body += to_json(each);
            }
            body += "],\"next\":";
            if (records.size() == limit)
              append_json_string(body, records.back().id.text);
            else
              body += "null";
            request->answer(transport::json_response(body + "}"));
          });
}

} // namespace troupe::server
