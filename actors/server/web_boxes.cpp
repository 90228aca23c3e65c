#include "actors/server/box_list.hpp"
#include "actors/server/web_state.hpp"
#include "messages/codec.hpp"
#include "transport/query.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::uint64_t boxes_default = 1000;
constexpr std::uint64_t boxes_most = 20'000;
/// Longer lists are written by a worker.
constexpr std::size_t boxes_at_once = 50;

fault bad_query(const char* text, const char* remedy) {
  return {"request.query", text, remedy, 400};
}

result<box_query> read_query(const transport::http_request& request) {
  box_query query;
  const auto value = [&](std::string_view name) {
    return transport::query_value(request.query, name).value_or("");
  };
  query.text = value("q");
  query.tag = value("tag");
  query.point_of_sale = value("point_of_sale");
  query.standing = value("state");
  const auto known = all_standings();
  if (!query.standing.empty() &&
      std::find(known.begin(), known.end(), query.standing) == known.end())
    return bad_query("There is no state of that name.",
                     "Use ready, attention, trouble, unknown or offline.");
  if (const auto online = value("online"); !online.empty()) {
    if (online != "true" && online != "false")
      return bad_query("online must be true or false.", "See /openapi.json.");
    query.online = online == "true";
  }
  if (const auto sort = value("sort"); !sort.empty() && !from_name(sort, query.order))
    return bad_query("There is no order of that name.", "Use name, worst, last or newest.");
  const auto limit = web::number_in_query(request, "limit", boxes_default);
  if (!limit) return limit.error();
  query.limit = std::clamp<std::uint64_t>(*limit, 1, boxes_most);
  query.after = box_id(value("after"));
  query.summary = value("fields") == "summary";
  return query;
}

void answer_boxes(web_state& web, const call_ptr& request, const box_list_ptr& boxes,
                  box_query query, std::uint64_t sequence) {
  if (boxes->size() <= boxes_at_once)
    return request->answer(transport::json_response(boxes_json(*boxes, query, sequence)));
  runtime::run_on_workers(
      web.self, web.shared->workers, neighbour_timeout,
      [boxes, query = std::move(query), sequence] { return boxes_json(*boxes, query, sequence); },
      [request](result<std::string> text) {
        if (!text) return request->refuse(text.error());
        request->answer(transport::json_response(std::move(*text)));
      });
}

void answer_box(const call_ptr& request, const fleet_box& box) {
  request->answer(transport::json_response(to_json(box)));
}

/// What was changed, for the audit.
std::string words_of(const change_box& wanted, const fleet_box& box) {
  std::string words;
  const auto also = [&](const std::string& text) { words += (words.empty() ? "" : " ") + text; };
  if (wanted.name && wanted.note)
    also(box.name + " has a new name and note.");
  else if (wanted.name)
    also("The box is now called " + box.name + ".");
  else if (wanted.note)
    also(box.name + " has a new note.");
  if (wanted.point_of_sale)
    also(box.point_of_sale_name.empty() ? box.name + " belongs to no point of sale."
                                        : box.name + " belongs to " + box.point_of_sale_name + ".");
  if (wanted.tags) also(box.name + " has other tags.");
  return words;
}

std::string action_of(const change_box& wanted) {
  if (wanted.name) return "box.renamed";
  if (wanted.note) return "box.noted";
  return wanted.tags ? "box.tagged" : "box.placed";
}

bool read_tags(const call_ptr& request, const json_value& body, change_box& wanted) {
  auto tags = web::texts_member(body, "tags");
  if (tags) return wanted.tags = *std::move(tags), true;
  auto problem = tags.error();
  problem.remedy = "Send {\"tags\": [\"…\"]}.";
  request->refuse(problem);
  return false;
}

/// Whether the change answers the question at which point of sale a new box is; false when the call
/// was refused.
bool read_answers(const call_ptr& request, const json_value& body, bool& out) {
  const auto found = body.find("answers_question");
  if (found == body.end() || found->is_null()) return true;
  if (found->is_boolean()) return out = found->get<bool>(), true;
  request->refuse(
      {"request.shape", "answers_question must be true or false.", "See /openapi.json.", 422});
  return false;
}

} // namespace

void get_fleet(web_state& web, const call_ptr& request) {
  auto query = read_query(request->request());
  if (!query) return request->refuse(query.error());
  // The number first: what happens in between comes again with the events, and is only told twice.
  web.ask(request, web.neighbours.bus, get_last_sequence{},
          [&web, request, query = std::move(*query)](std::uint64_t sequence) {
            web.ask(request, web.neighbours.fleet, get_boxes{},
                    [&web, request, query, sequence](const box_list_ptr& boxes) {
                      answer_boxes(web, request, boxes, query, sequence);
                    });
          });
}

void get_one_box(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_box{box_id(request->parameter(0))},
          [request](const fleet_box_ptr& box) { answer_box(request, *box); });
}

void get_box_link(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_link_quality{box_id(request->parameter(0))},
          [request](const link_quality& quality) {
            request->answer(transport::json_response(to_json(quality)));
          });
}

void patch_box(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  change_box wanted;
  wanted.id = box_id(request->parameter(0));
  wanted.person = request->person();
  if (!body || !read_text(request, *body, "name", wanted.name) ||
      !read_text(request, *body, "note", wanted.note) ||
      !read_text(request, *body, "point_of_sale", wanted.point_of_sale) ||
      !read_tags(request, *body, wanted) || !read_answers(request, *body, wanted.answers_question))
    return;
  const bool told = wanted.name || wanted.note || wanted.point_of_sale || wanted.tags;
  if (!told && !wanted.answers_question)
    return request->refuse({"request.shape", "The body has nothing to change.",
                            "Send name, note, point_of_sale or tags.", 422});
  web.ask(request, web.neighbours.fleet, wanted,
          [&web, request, wanted, told](const fleet_box_ptr& box) {
            if (!told) return answer_box(request, *box); // the question was put aside
            web.audit(request, action_of(wanted), box->name, words_of(wanted, *box),
                      transport::json_response(to_json(*box)));
          });
}

void delete_one_box(web_state& web, const call_ptr& request) {
  const box_id id(request->parameter(0));
  web.ask(request, web.neighbours.fleet, get_box{id},
          [&web, request, id](const fleet_box_ptr& box) {
            web.ask(request, web.neighbours.fleet, delete_box{id, request->person()},
                    [&web, request, name = box->name](bool) {
                      web.audit(request, "box.removed", name, name + " was removed from the fleet.",
                                transport::no_content());
                    });
          });
}

void post_copy(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> word;
  if (!body || !read_text(request, *body, "decision", word, true)) return;
  if (*word != "keep" && *word != "replace")
    return request->refuse(
        {"request.shape", "decision must be keep or replace.", "See /openapi.json.", 422});
  const bool replace = *word == "replace";
  web.ask(request, web.neighbours.fleet,
          decide_copy{box_id(request->parameter(0)), replace, request->person()},
          [&web, request, replace](const fleet_box_ptr& box) {
            web.audit(request, "box.copy_decided", box->name,
                      replace ? "The newcomer is " + box->name + " from now on."
                              : box->name + " stays; the newcomer is locked out.",
                      transport::json_response(to_json(*box)));
          });
}

void get_devices(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_box{box_id(request->parameter(0))},
          [request](const fleet_box_ptr& box) {
            request->answer(
                transport::json_response("{\"devices\":" + to_json(box->devices) + "}"));
          });
}

void get_device(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.fleet, get_box{box_id(request->parameter(0))},
          [request](const fleet_box_ptr& box) {
            const device_id wanted(request->parameter(1));
            for (const auto& each : box->devices)
              if (each.description.id == wanted)
                return request->answer(transport::json_response(to_json(each)));
            request->refuse({"device.unknown", "This box has no such device.",
                             "GET /api/v1/boxes/ID/devices lists them.", 404});
          });
}

void post_pairing(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> code;
  if (!body || !read_text(request, *body, "code", code, true)) return;
  web.ask(request, web.neighbours.pairing,
          claim_code{*code, request->person(), request->by().address, request->trace()},
          [&web, request](const claimed_box& claimed) {
            web.audit(request, "box.connected", claimed.name,
                      claimed.name + " came into the fleet.",
                      transport::json_response(
                          web::json_text({{"box", claimed.box.text}, {"name", claimed.name}})));
          });
}

} // namespace troupe::server
