#include "actors/server/web_state.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {
namespace {

using transport::json_value;

constexpr std::uint64_t page_default = 100;
constexpr std::uint64_t page_most = 1000;

constexpr std::string_view scope_names[] = {"read", "operate", "manage"};

json_value person_json(const store::person& person) {
  return {{"id", person.id},
          {"name", person.name},
          {"role", name_of(person.may)},
          {"created", to_rfc3339(person.created)},
          {"last_seen", to_rfc3339(person.last_seen)}};
}

json_value token_json(const access_book& known, const store::api_token& token) {
  const auto* who = known.person_by_id(token.person);
  return {{"id", token.id},
          {"name", token.name},
          {"scope", scope_names[static_cast<std::size_t>(token.scope)]},
          {"person", who != nullptr ? who->name : std::string()},
          {"created", to_rfc3339(token.created)},
          {"last_used", to_rfc3339(token.last_used)}};
}

/// The role of the body; false when the call was refused.
bool read_role(const call_ptr& request, const json_value& body, std::optional<role>& out) {
  std::optional<std::string> word;
  if (!read_text(request, body, "role", word)) return false;
  if (!word || from_name(*word, out.emplace())) return true;
  request->refuse(
      {"people.bad_role", "There is no role of that name.", "Use viewer, operator or owner.", 422});
  return false;
}

} // namespace

void get_people(web_state& web, const call_ptr& request) {
  json_value list = json_value::array();
  for (const auto& each : web.access_now->all().people)
    list.push_back(person_json(each));
  answer_json(request, {{"people", std::move(list)}});
}

void post_person(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  std::optional<std::string> password;
  std::optional<role> may;
  if (!body || !read_text(request, *body, "name", name, true) ||
      !read_text(request, *body, "password", password, true) || !read_role(request, *body, may))
    return;
  web.ask(request, web.neighbours.people,
          add_person{*name, *password, may.value_or(role::viewer), request->by()},
          [request](const std::shared_ptr<const store::person>& added) {
            answer_json(request, person_json(*added), 201);
          });
}

void patch_person(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  change_person wanted;
  wanted.id = request->parameter(0);
  wanted.by = request->by();
  if (!body || !read_text(request, *body, "name", wanted.name) ||
      !read_text(request, *body, "password", wanted.password) ||
      !read_role(request, *body, wanted.may))
    return;
  web.ask(request, web.neighbours.people, std::move(wanted),
          [request](const std::shared_ptr<const store::person>& changed) {
            answer_json(request, person_json(*changed));
          });
}

void delete_person(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.people, remove_person{request->parameter(0), request->by()},
          [request](bool) { request->answer(transport::no_content()); });
}

void get_tokens(web_state& web, const call_ptr& request) {
  json_value list = json_value::array();
  for (const auto& each : web.access_now->all().tokens)
    list.push_back(token_json(*web.access_now, each));
  answer_json(request, {{"tokens", std::move(list)}});
}

void post_token(web_state& web, const call_ptr& request) {
  const auto body = body_of(request);
  std::optional<std::string> name;
  std::optional<std::string> scope;
  if (!body || !read_text(request, *body, "name", name, true) ||
      !read_text(request, *body, "scope", scope, true))
    return;
  const auto found = std::find(std::begin(scope_names), std::end(scope_names), *scope);
  if (found == std::end(scope_names))
    return request->refuse({"tokens.bad_scope", "There is no scope of that name.",
                            "Use read, operate or manage.", 422});
  const auto granted = static_cast<role>(found - std::begin(scope_names));
  web.ask(request, web.neighbours.people, add_token{*name, granted, request->by()},
          [&web, request](const made_token& made) {
            auto shown = token_json(*web.access_now, made.token);
            shown["secret"] = made.secret;
            answer_json(request, shown, 201);
          });
}

void delete_token(web_state& web, const call_ptr& request) {
  web.ask(request, web.neighbours.people, remove_token{request->parameter(0), request->by()},
          [request](bool) { request->answer(transport::no_content()); });
}

void get_audit(web_state& web, const call_ptr& request) {
  const auto before = web::number_in_query(request->request(), "before", 0);
  if (!before) return request->refuse(before.error());
  const auto asked = web::number_in_query(request->request(), "limit", page_default);
  if (!asked) return request->refuse(asked.error());
  const auto limit = std::clamp<std::uint64_t>(*asked, 1, page_most);
  web.ask(request, web.neighbours.people, read_audit{*before, static_cast<std::uint32_t>(limit)},
          [request, limit](const audit_page& page) {
            json_value list = json_value::array();
            for (const auto& each : page.entries)
              list.push_back({{"number", each.number},
                              {"time", to_rfc3339(each.time)},
                              {"person", each.person},
                              {"address", each.address},
                              {"action", each.action},
                              {"target", each.target},
                              {"text", each.text}});
            json_value next = nullptr;
            if (page.entries.size() == limit && page.entries.back().number > 1)
              next = page.entries.back().number;
            answer_json(request, {{"entries", std::move(list)}, {"next", std::move(next)}});
          });
}

} // namespace troupe::server
