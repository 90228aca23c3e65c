#include "actors/box/homepage_state.hpp"
#include "messages/time.hpp"

#include <utility>

/// The way to the server: its proxy, and the test of the connection.
namespace troupe::box {
namespace {

using transport::json_value;

json_value proxy_body(const proxy_info& info) {
  json_value direct = json_value::array();
  for (const auto& each : info.choice.direct)
    direct.push_back(each);
  return {{"use", name_of(info.choice.use)}, {"address", info.choice.address},
          {"user", info.choice.user},        {"password_set", info.has_password},
          {"direct", std::move(direct)},     {"configured", info.configured},
          {"in_force", info.in_force},       {"from_environment", info.from_environment}};
}

result<set_proxy> read_wanted(const json_value& body) {
  set_proxy out;
  const auto use = text_member(body, "use");
  const auto address = text_member(body, "address");
  const auto user = text_member(body, "user");
  const auto password = text_member(body, "password");
  auto direct = web::texts_member(body, "direct");
  for (const auto* each : {&use, &address, &user, &password})
    if (!*each) return each->error();
  if (!direct) return direct.error();
  if (!from_name(use->value_or(""), out.wanted.use))
    return fault{"request.shape", "use must be automatic, off or own.", "See /openapi.json.", 422};
  out.wanted.address = address->value_or("");
  out.wanted.user = user->value_or("");
  out.wanted.password = password->value_or("");
  out.wanted.direct = direct->value_or(std::vector<std::string>());
  out.keep_password = !*password;
  return out;
}

json_value report_body(const connection_report& report) {
  json_value steps = json_value::array();
  for (const auto& each : report.steps())
    steps.push_back({{"step", name_of(each.step)},
                     {"state", name_of(each.state)},
                     {"took_ms", each.took.count()},
                     {"text", each.text},
                     {"remedy", each.remedy},
                     {"code", each.code}});
  json_value body{{"running", report.running()}, {"steps", std::move(steps)}};
  body["good"] = report.is_good();
  if (report.is_known()) {
    body["target"] = report.target();
    body["started"] = to_rfc3339(report.started());
  }
  return body;
}

} // namespace

void get_proxy_setting(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.proxy, get_proxy{}, [request](const proxy_info& info) {
    request->answer(transport::json_response(json_text(proxy_body(info))));
  });
}

void put_proxy_setting(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  auto wanted = read_wanted(*body);
  if (!wanted) return request->refuse(wanted.error());
  home.ask(request, home.neighbours.proxy, *std::move(wanted), [request](const proxy_info& info) {
    request->answer(transport::json_response(json_text(proxy_body(info))));
  });
}

void get_connection_report(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.connection_test, get_connection_test{},
           [request](const connection_test_info& info) {
             request->answer(transport::json_response(json_text(report_body(info.report))));
           });
}

void post_connection_test(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.connection_test, start_connection_test{},
           [request](const connection_test_info& info) {
             request->answer(transport::json_response(json_text(report_body(info.report)), 202));
           });
}

} // namespace troupe::box
