#include "actors/server/token_desk.hpp"
#include "actors/server/web_state.hpp"

#include <utility>

/// Tokens with which pages use a box without a server between.
namespace troupe::server {
namespace {

using transport::json_value;

/// Long enough for a till to come and ask; it asks again long before its page closes.
constexpr std::chrono::seconds usual_page_life{10 * 60};

/// A list of texts that the body must have; false when the call was refused.
bool read_names(const call_ptr& request, const json_value& body, const char* member,
                std::vector<std::string>& out) {
  auto names = web::texts_member(body, member);
  if (!names) return request->refuse(names.error()), false;
  if (*names) out = std::move(**names);
  return true;
}

bool read_life(const call_ptr& request, const json_value& body, std::chrono::seconds& out) {
  const auto found = body.find("valid_for_s");
  if (found == body.end() || found->is_null()) return out = usual_page_life, true;
  if (found->is_number_integer()) return out = std::chrono::seconds(*found), true;
  request->refuse({"request.shape", "valid_for_s must be a whole number of seconds.",
                   "See /openapi.json.", 422});
  return false;
}

/// Has the token made for this box, and answers with it and where the box is.
void make_for_box(web_state& web, const call_ptr& request, make_page_token wanted) {
  web.ask(request, web.neighbours.fleet, get_box{box_id(request->parameter(0))},
          [&web, request, wanted = std::move(wanted)](const fleet_box_ptr& box) mutable {
            wanted.box = box->id;
            wanted.box_name = box->name;
            wanted.by = request->by();
            web.ask(request, web.neighbours.tokens, std::move(wanted),
                    [request, url = box->report.homepage](const made_page_token& made) {
                      answer_json(request,
                                  {{"token", made.text},
                                   {"expires", to_rfc3339(made.expires)},
                                   {"url", url}},
                                  201);
                    });
          });
}

} // namespace

void post_homepage_token(web_state& web, const call_ptr& request) {
  make_page_token wanted;
  wanted.actions = {"manage"};
  wanted.devices = {"*"};
  wanted.life = homepage_token_life;
  make_for_box(web, request, std::move(wanted));
}

void post_page_token(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> origin;
  make_page_token wanted;
  if (!body || !read_text(request, *body, "origin", origin, true) ||
      !read_names(request, *body, "actions", wanted.actions) ||
      !read_names(request, *body, "devices", wanted.devices) ||
      !read_life(request, *body, wanted.life))
    return;
  if (origin->empty())
    return request->refuse({"page_token.bad_origin", "A page has an origin.",
                            "Say whose page it is, such as https://shop.example.", 422});
  wanted.origin = *std::move(origin);
  make_for_box(web, request, std::move(wanted));
}

} // namespace troupe::server
