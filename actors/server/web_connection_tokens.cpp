#include "actors/server/token_desk.hpp"
#include "actors/server/web_state.hpp"
#include "actors/web/qr_rows.hpp"

#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::chrono::hours usual_life{24 * 30};

const char* state_of(const store::connection_token_row& row, time_point now) {
  if (row.revoked != time_point{}) return "revoked";
  if (row.uses_left == 0) return "used_up";
  return row.expires <= now ? "expired" : "open";
}

json_value token_json(const store::connection_token_row& row, time_point now) {
  return {{"id", row.id},
          {"note", row.note},
          {"url", row.url},
          {"boxes", row.boxes},
          {"uses_left", row.uses_left},
          {"created", to_rfc3339(row.created)},
          {"expires", to_rfc3339(row.expires)},
          {"made_by", row.made_by},
          {"state", state_of(row, now)}};
}

fault wrong_shape(const char* text) {
  return {"request.shape", text, "See /openapi.json.", 422};
}

/// How many boxes; false when the call was refused.
bool read_boxes(const call_ptr& request, const json_value& body, std::uint32_t& out) {
  const auto found = body.find("boxes");
  if (found == body.end() || found->is_null()) return true;
  if (found->is_number_integer() && *found >= 1 && *found <= store::most_boxes_of_token) {
    out = found->get<std::uint32_t>();
    return true;
  }
  request->refuse({"token.bad_boxes", "boxes must be a whole number from 1 to 10000.",
                   "Give another number of boxes.", 422});
  return false;
}

} // namespace

void get_connection_tokens_of(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.tokens, get_connection_tokens{},
          [&web, request](const connection_tokens& known) {
            json_value list = json_value::array();
            for (const auto& each : known.all)
              list.push_back(token_json(each, web.now()));
            answer_json(request, {{"tokens", std::move(list)}});
          });
}

void post_connection_token(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> note, expires, url;
  make_connection_token wanted;
  if (!body || !read_text(request, *body, "note", note) ||
      !read_text(request, *body, "expires", expires) || !read_text(request, *body, "url", url) ||
      !read_boxes(request, *body, wanted.boxes))
    return;
  const auto end = expires ? from_rfc3339(*expires) : web.now() + usual_life;
  if (!end)
    return request->refuse(wrong_shape("expires must be a time such as 2030-01-31T12:00:00Z."));
  wanted.note = note.value_or("");
  wanted.expires = *end;
  wanted.url = url.value_or(base_url(web, request->request()));
  wanted.by = request->by();
  web.ask(request, web.neighbours.tokens, std::move(wanted),
          [&web, request](const made_connection_token& made) {
            auto shown = token_json(*made.row, web.now());
            shown["token"] = made.text;
            shown["qr"] = web::qr_rows(made.text);
            answer_json(request, shown, 201);
          });
}

void delete_connection_token(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.tokens,
          revoke_connection_token{request->parameter(0), request->by()},
          [request](const connection_token_ptr&) { request->answer(transport::no_content()); });
}

} // namespace troupe::server
