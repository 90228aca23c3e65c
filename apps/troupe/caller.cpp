#include "apps/troupe/caller.hpp"

#include "messages/codec.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>

namespace troupe::apps {

caller::caller(login where)
    : login_(std::move(where)), loop_(std::make_unique<boost::asio::io_context>()),
      client_(std::make_unique<transport::http_client>(*loop_)) {}

caller::~caller() = default;

result<transport::client_response> caller::exchange(transport::client_request request) {
  request.url = login_.server + request.url;
  request.redirects = 0; // a token goes to nobody else
  request.answer_bytes = 256 * 1024 * 1024;
  request.timeout = std::chrono::seconds(60);
  std::optional<result<transport::client_response>> answer;
  client_->send(std::move(request), [&](auto given) { answer.emplace(std::move(given)); });
  loop_->restart();
  while (!answer && loop_->run_one() != 0) {
  }
  if (!answer) return fault{"transport.cut", "The connection was lost."};
  if (!*answer) return connection_problem(answer->error(), login_.server);
  return std::move(**answer);
}

result<std::string> caller::send(const std::string& method, const std::string& path,
                                 const std::string& body, transport::header_list headers) {
  if (login_.token.empty())
    return fault{"login.missing", "You are not logged in to " + login_.server + ".",
                 "Run troupe login, or set TROUPE_TOKEN.", 401};
  headers.emplace_back("Authorization", "Bearer " + login_.token);
  headers.emplace_back("Accept", "application/json");
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  auto answer =
      exchange({.method = method, .url = path, .headers = std::move(headers), .body = body});
  if (!answer) return answer.error();
  if (answer->status >= 300) return refusal(*answer);
  return std::move(answer->body);
}

fault refusal(const transport::client_response& answer) {
  fault found{"server.answer", "The server answered " + std::to_string(answer.status) + ".", "",
              answer.status};
  const auto problem = from_json<value>(answer.body);
  if (problem && problem->as_object() != nullptr) {
    found.code = problem->text_or("code", found.code);
    found.text = problem->text_or("detail", problem->text_or("title", found.text));
    found.remedy = problem->text_or("remedy");
  } else if (answer.status < 500) {
    found.remedy = "Is this the address of a Troupe server?";
  }
  if (answer.status == 401) found.remedy = "Run troupe login; a token may have been revoked.";
  return found;
}

fault connection_problem(const fault& problem, const std::string& server) {
  fault told = problem;
  told.text = "No answer from " + server + ": " + problem.text;
  if (told.remedy.empty())
    told.remedy = "Check that troupe-server runs there; name another by --server or TROUPE_SERVER.";
  return told;
}

} // namespace troupe::apps
