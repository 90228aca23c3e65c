#include "apps/test_connection.hpp"

#include "actors/box/rights_setup_code.hpp"
#include "apps/program.hpp"
#include "messages/codec.hpp"
#include "messages/value.hpp"
#include "transport/http_client.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace troupe::apps {
namespace {

using namespace std::chrono_literals;

constexpr const char* test_program = "troupe-box";
/// A little more than the longest test takes.
constexpr auto test_patience = 40s;
constexpr auto test_look = 200ms;

class local_box {
public:
  explicit local_box(std::uint16_t port)
      : base_("http://127.0.0.1:" + std::to_string(port)),
        client_(loop_, {.connect = {.proxy = {}}}) {}

  result<value> ask(std::string method, const std::string& path, std::string body = {}) {
    transport::client_request request;
    request.method = std::move(method);
    request.url = base_ + path;
    request.body = std::move(body);
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
    if (request.method != "GET") request.headers.emplace_back("Content-Type", "application/json");
    std::optional<result<transport::client_response>> answer;
    client_.send(std::move(request), [&](auto given) { answer.emplace(std::move(given)); });
    loop_.restart();
    while (!answer && loop_.run_one() != 0) {
    }
    if (!answer || !*answer)
      return fault{"box.silent", "No box answers at " + base_ + ".",
                   "Start it first, or name its port with --http-port."};
    auto read =
        (*answer)->body.empty() ? result<value>(value()) : from_json<value>((*answer)->body);
    if (!read) return read.error();
    if ((*answer)->status < 300) return read;
    return fault{read->text_or("code"), read->text_or("detail"), read->text_or("remedy")};
  }

  result<bool> sign_in(const std::string& code) {
    const auto session =
        ask("POST", "/api/v1/session", to_json(value(value::object{{"setup_code", code}})));
    if (!session) return session.error();
    token_ = session->text_or("token");
    return true;
  }
  void sign_out() { (void)ask("DELETE", "/api/v1/session"); }

private:
  std::string base_, token_;
  boost::asio::io_context loop_;
  transport::http_client client_;
};

std::string_view mark_of(const std::string& state) {
  if (state == "good") return "good  ";
  if (state == "failed") return "FAILED";
  if (state == "skipped") return "-     ";
  return "      ";
}

void print_steps(const value& report) {
  const auto* steps = report["steps"].as_list();
  if (steps == nullptr) return;
  for (const auto& each : *steps) {
    const auto state = each.text_or("state");
    auto name = each.text_or("step");
    name.resize(10, ' ');
    std::cout << mark_of(state) << "  " << name;
    if (state == "not_tried")
      std::cout << "not tried";
    else
      std::cout << each.text_or("text");
    if (const auto* took = each["took_ms"].as_integer(); took != nullptr && state == "good")
      std::cout << " (" << *took << " ms)";
    std::cout << '\n';
    if (const auto remedy = each.text_or("remedy"); !remedy.empty())
      std::cout << std::string(18, ' ') << remedy << '\n';
  }
}

} // namespace

int test_connection(const std::filesystem::path& state, std::uint16_t port) {
  const auto code = box::expect_setup_code(state);
  if (!code) return complain(test_program, code.error(), exit_start);
  local_box local(port);
  if (const auto in_now = local.sign_in(*code); !in_now)
    return complain(test_program, in_now.error(), exit_start);
  auto report = local.ask("POST", "/api/v1/connection-test", "{}");
  const auto until = std::chrono::steady_clock::now() + test_patience;
  while (report && (*report)["running"] == value(true) &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(test_look);
    report = local.ask("GET", "/api/v1/connection-test");
  }
  local.sign_out();
  if (!report) return complain(test_program, report.error(), exit_start);
  print_steps(*report);
  return (*report)["good"] == value(true) ? 0 : exit_start;
}

} // namespace troupe::apps
