#include "actors/box/homepage_state.hpp"
#include "messages/time.hpp"

#include <utility>

namespace troupe::box {
namespace {

const runtime::logger rights_log("box.rights");

transport::json_value time_text(time_point at) {
  return to_rfc3339(at);
}

/// The origin in its canonical form.
result<std::string> carried_out(homepage_state& home, const decide_origin& wanted) {
  if (wanted.change != origin_change::forget)
    return home.origins.decide(wanted.origin,
                               wanted.change == origin_change::allow ? origin_decision::allow
                                                                     : origin_decision::refuse,
                               home.now());
  const auto forgotten = home.origins.forget(wanted.origin);
  if (!forgotten) return forgotten.error();
  if (!*forgotten)
    return fault{"origin.unknown", "Nothing was decided about this origin.",
                 "Look at the list of origins for what can be forgotten.", 404};
  return wanted.origin;
}

} // namespace

void get_origins(homepage_state& home, const call_ptr& request) {
  auto body = transport::json_value{{"allowed", transport::json_value::array()},
                                    {"asking", transport::json_value::array()},
                                    {"refused", transport::json_value::array()}};
  for (const auto& each : home.origins.allowed_origins())
    body["allowed"].push_back(
        {{"origin", each.origin}, {"since", time_text(each.since)}, {"by", each.by}});
  for (const auto& each : home.origins.asking_origins())
    body["asking"].push_back({{"origin", each.origin},
                              {"first", time_text(each.first)},
                              {"last", time_text(each.last)},
                              {"count", each.count},
                              {"route", each.route},
                              {"address", each.address}});
  for (const auto& each : home.origins.refused_origins())
    body["refused"].push_back({{"origin", each.origin}, {"since", time_text(each.since)}});
  request->answer(transport::json_response(json_text(body)));
}

void get_rights(homepage_state& home, const call_ptr& request) {
  using transport::json_value;
  const auto steady = runtime::now(home.self);
  auto body = json_value{{"sessions", home.sessions.size()},
                         {"pages", json_value::array()},
                         {"server", nullptr},
                         {"taken_in_until", nullptr}};
  for (const auto& [origin, count] : home.pages.origins(steady))
    body["pages"].push_back({{"origin", origin}, {"count", count}});
  if (home.pairing.server)
    body["server"] = {{"name", home.pairing.server->name}, {"url", home.pairing.server->url}};
  if (home.may_be_taken_in())
    body["taken_in_until"] =
        time_text(home.now() + std::chrono::duration_cast<std::chrono::microseconds>(
                                   home.taken_in_until - steady));
  request->answer(transport::json_response(json_text(body)));
}

void put_origin(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  const auto word = text_member(*body, "decision");
  if (!word) return request->refuse(word.error());
  decide_origin wanted{request->parameter(0), {}, "The owner"};
  if (!from_name(word->value_or(""), wanted.change) || wanted.change == origin_change::forget)
    return request->refuse(
        {"request.shape", "decision must be allow or refuse.", "See /openapi.json.", 422});
  change_origin(
      home, wanted,
      [request, origin = wanted.origin, word = **word] {
        const auto canonical = transport::normalized_origin(origin).value_or(origin);
        request->answer(
            transport::json_response(json_text({{"origin", canonical}, {"decision", word}})));
      },
      [request](const fault& problem) { request->refuse(problem); });
}

void delete_origin(homepage_state& home, const call_ptr& request) {
  change_origin(
      home, {request->parameter(0), origin_change::forget, "The owner"},
      [request] { request->answer(transport::no_content()); },
      [request](const fault& problem) { request->refuse(problem); });
}

// ---- what other actors ask ----

origin_standings standings_of(const origin_book& origins) {
  origin_standings standings;
  const auto add = [&](const std::string& origin, origin_standing standing, std::string by) {
    standings.all.push_back({origin, standing, std::move(by)});
  };
  for (const auto& each : origins.allowed_origins())
    add(each.origin, origin_standing::allowed, each.by);
  for (const auto& each : origins.asking_origins())
    add(each.origin, origin_standing::asking, "");
  for (const auto& each : origins.refused_origins())
    add(each.origin, origin_standing::refused, "owner");
  return standings;
}

void change_origin(homepage_state& home, const decide_origin& wanted, std::function<void()> done,
                   std::function<void(const fault&)> failed) {
  const auto origin = carried_out(home, wanted);
  if (!origin) return failed(origin.error());
  rights_log.info("{} decided about the origin {}: {}", wanted.by, *origin, name_of(wanted.change));
  home.keep(
      origins_setting, home.origins.kept(),
      [&home, origin = *origin, done = std::move(done)] {
        home.publish("origin.decided", value::object{{"origin", origin}});
        done();
      },
      [failed = std::move(failed)](const fault& problem) {
        failed({"origin.not_kept",
                "The decision counts until the box restarts; it could not be written down: " +
                    problem.text,
                problem.remedy, 503});
      });
}

} // namespace troupe::box
