#include "actors/box/homepage_state.hpp"
#include "messages/time.hpp"
#include "transport/dialects/odoo_answers.hpp"
#include "transport/dialects/odoo_requests.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <utility>

namespace troupe::box {
namespace {

/// Lines given to Odoo's log routes.
constexpr std::size_t log_lines = 1000;

void answer_json(const call_ptr& request, const transport::json_value& content) {
  request->answer(transport::json_response(transport::python_json(content)));
}

std::int64_t machine_uptime() {
  timespec now{};
  return ::clock_gettime(CLOCK_BOOTTIME, &now) == 0 ? now.tv_sec : 0;
}

bool is_wireless(const std::string& interface) {
  std::error_code ignored;
  return std::filesystem::exists("/sys/class/net/" + interface + "/wireless", ignored);
}

dialects::odoo_box_facts facts_of(const homepage_state& home) {
  dialects::odoo_box_facts facts;
  facts.name = home.identity.name;
  facts.identifier = home.neighbours.id.text;
  facts.version = home.shared->version;
  facts.address = home.network->primary_address;
  facts.devices = *home.devices;
  if (home.pairing.server) facts.server_url = home.pairing.server->url;
  facts.pairing_code = home.pairing.code;
  facts.pairing_code_expired = home.pairing.state == pairing_state::expired;
  facts.uptime_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(home.now() - home.shared->started).count();
  facts.system_uptime_seconds = machine_uptime();
  for (const auto& interface : home.network->interfaces) {
    if (interface.loopback || !interface.up) continue;
    for (const auto& address : interface.addresses) {
      if (address.ipv6) continue; // Odoo's page knows IPv4 only
      facts.interfaces.push_back({interface.name, address.text, is_wireless(interface.name)});
      if (address.text == facts.address) facts.mac_address = interface.mac;
    }
  }
  return facts;
}

std::string log_text() {
  std::string text;
  auto lines = runtime::recent_log_lines();
  const auto first = lines.size() > log_lines ? lines.size() - log_lines : 0;
  for (std::size_t i = first; i < lines.size(); ++i) {
    const auto& line = lines[i];
    text += to_rfc3339(line.at);
    text += ' ';
    for (const char c : name_of(line.level))
      text += static_cast<char>(c - 'a' + 'A');
    text.append(" ").append(line.logger).append(": ").append(line.text);
    if (!line.fields.empty()) text.append(" ").append(line.fields);
    text += '\n';
  }
  return text;
}

transport::json_value told(bool well, const std::string& text) {
  return {{"status", well ? "success" : "failure"}, {"message", text}};
}

/// Odoo's own box has nothing to do when the token is empty, and says so kindly.
std::optional<std::string> token_of(const transport::json_value& params) {
  if (!params.is_object()) return std::nullopt;
  const auto found = params.find("token");
  if (found == params.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

} // namespace

void odoo_get_ping(homepage_state&, const call_ptr& request) {
  answer_json(request, dialects::odoo_pong());
}

void odoo_get_data(homepage_state& home, const call_ptr& request) {
  const auto facts = facts_of(home);
  if (request->who().kind == caller_kind::anybody)
    return answer_json(request, dialects::odoo_public_data(facts));
  answer_json(request, dialects::odoo_box_data(facts));
}

void odoo_restart(homepage_state& home, const call_ptr& request) {
  home.restart_soon.arm(home.self, restart_delay);
  answer_json(request, dialects::odoo_success());
}

void odoo_get_logs(homepage_state&, const call_ptr& request) {
  auto body = dialects::odoo_success();
  body["logs"] = log_text();
  answer_json(request, body);
}

void odoo_download_logs(homepage_state& home, const call_ptr& request) {
  auto response = transport::text_response(log_text());
  const auto day = to_rfc3339(home.now()).substr(0, 10);
  std::string machine;
  for (const char c : home.neighbours.id.text)
    if (std::isalnum(static_cast<unsigned char>(c))) machine += c;
  response.header("Content-Disposition",
                  "attachment; filename=\"iot-odoo-" + machine + "-" + day + ".log\"");
  request->answer(std::move(response));
}

void odoo_get_log_levels(homepage_state&, const call_ptr& request) {
  std::vector<dialects::odoo_logger> loggers;
  for (const auto& each : runtime::log_levels())
    loggers.push_back({each.logger, std::string(name_of(each.level)), !each.own});
  answer_json(request, dialects::odoo_log_levels(loggers));
}

void odoo_set_log_level(homepage_state& home, const call_ptr& request) {
  const auto change = dialects::read_odoo_log_level(request->rpc_params);
  if (!change) return request->refuse(change.error());
  if (!*change) return request->answer_result(dialects::odoo_success());
  set_level message{(*change)->logger, std::nullopt};
  if (!(*change)->level.empty()) message.level = runtime::log_level_from((*change)->level);
  home.ask(request, home.neighbours.tracer, std::move(message),
           [request](bool) { request->answer_result(dialects::odoo_success()); });
}

void odoo_connect_to_server(homepage_state& home, const call_ptr& request) {
  const auto token = token_of(request->rpc_params);
  if (!token)
    return request->refuse({"odoo.missing", "token is missing, or no text.",
                            "Send the token as the server shows it.", 422});
  if (token->empty()) return request->answer_result(dialects::odoo_success());
  runtime::request_then(
      home.self, home.neighbours.pairing, neighbour_timeout, use_token{*token},
      [&home, request](const pairing_info& info) {
        home.pairing = info;
        request->answer_result(
            told(true, info.token ? "The box goes to " + info.token->server_name + "."
                                  : "The box asks " + info.url +
                                        " for a code: of this token only the address says "
                                        "something to it."));
      },
      [request](const fault& problem) {
        request->answer_result(told(false, problem.text + " " + problem.remedy));
      });
}

void odoo_clear_server(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.pairing, forget_server{},
           [&home, request](const pairing_info& info) {
             home.pairing = info;
             answer_json(request, dialects::odoo_success());
           });
}

} // namespace troupe::box
