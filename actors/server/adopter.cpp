#include "actors/server/adopter.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "messages/codec.hpp"
#include "security/digest.hpp"
#include "security/signing_key.hpp"
#include "transport/url.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <caf/all.hpp>

#include <map>
#include <memory>
#include <utility>

namespace troupe::server {
namespace {

const runtime::logger adopter_log("server.adopter");

struct box_replied {
  static constexpr bool local_message = true;
  std::uint64_t question = 0;
  std::shared_ptr<const result<transport::client_response>> answer;
};
using adopter_self = adopter_actor::extend<caf::reacts_to<box_replied>>;

fault unreachable(const found_box& box) {
  return {"adoption.unreachable", box.said.name + " at " + box.url + " does not answer.",
          "Look whether it is switched on and in this network, or connect it with its code.", 502};
}

fault closed(const found_box& box) {
  return {"adoption.closed", box.said.name + " does not let itself be taken in any more.",
          "Restart the box, or connect it with its code.", 409};
}

/// What the box said no with, for a person.
fault refusal_of(const found_box& box, const transport::client_response& answer) {
  if (answer.status == 401 || answer.status == 403) return closed(box);
  const auto problem = from_json<value>(answer.body);
  const auto title = problem ? problem->text_or("title") : std::string();
  if (answer.status == 429)
    return {"blink.too_soon", box.said.name + " is blinking already.", "Look at it.", 429};
  if (title.empty()) return unreachable(box);
  return {"adoption.refused", box.said.name + " says: " + title, problem->text_or("remedy"), 409};
}

struct adopter_state {
  adopter_state() = default;
  static inline const char* name = "adopter";
  using on_answer = std::function<void(const transport::client_response&)>;

  adopter_self::stateful_pointer<adopter_state> self = nullptr;
  token_desk_actor tokens;
  address_teller tell;

  struct question {
    found_box box;
    caf::typed_response_promise<bool> promise;
    on_answer good;
  };
  std::map<std::uint64_t, question> questions;
  std::uint64_t last = 0;

  caf::result<bool> adopt(const adopt_box& wanted);
  caf::result<bool> blink(const blink_found& wanted);
  void send(const found_box& box, std::string_view path, std::string json,
            caf::typed_response_promise<bool> promise, on_answer good);
  void replied(const box_replied& message);
};

void adopter_state::send(const found_box& box, std::string_view path, std::string json,
                         caf::typed_response_promise<bool> promise, on_answer good) {
  const auto number = ++last;
  questions.emplace(number, question{box, std::move(promise), std::move(good)});
  tell(box.url + std::string(path), std::move(json),
       [back = runtime::sender_to(self), number](result<transport::client_response> answer) {
         back(box_replied{number, std::make_shared<const result<transport::client_response>>(
                                      std::move(answer))});
       });
}

void adopter_state::replied(const box_replied& message) {
  auto found = questions.extract(message.question);
  if (found.empty()) return;
  auto& [box, promise, good] = found.mapped();
  const auto& answer = *message.answer;
  if (!answer)
    promise.deliver(runtime::to_error(unreachable(box)));
  else if (answer->status != 202)
    promise.deliver(runtime::to_error(refusal_of(box, *answer)));
  else
    good(*answer);
}

caf::result<bool> adopter_state::adopt(const adopt_box& wanted) {
  if (wanted.box.said.paired)
    return runtime::to_error({"adoption.paired", wanted.box.said.name + " has a server already.",
                              "Disconnect it there or on its homepage first.", 409});
  make_connection_token token;
  token.note = wanted.box.said.name;
  token.expires = runtime::wall_now(self) + adoption_life;
  token.url = wanted.server_url;
  token.by = wanted.by;
  token.box_key = security::fingerprint(wanted.box.said.key.view());
  auto promise = self->make_response_promise<bool>();
  runtime::request_then(
      self, tokens, neighbour_timeout, std::move(token),
      [this, promise, box = wanted.box](const made_connection_token& made) {
        send(box, "api/v1/pairing/adoption", to_json(value(value::object{{"token", made.text}})),
             promise, [promise, name = box.said.name](const transport::client_response&) mutable {
               adopter_log.info("{} was given a token and comes by itself", name);
               promise.deliver(true);
             });
      },
      [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); });
  return promise;
}

caf::result<bool> adopter_state::blink(const blink_found& wanted) {
  auto promise = self->make_response_promise<bool>();
  send(wanted.box, "api/v1/blink", "{}", promise,
       [promise](const transport::client_response& answer) mutable {
         const auto said = from_json<value>(answer.body);
         promise.deliver(said && (*said)["printed"] == value(true));
       });
  return promise;
}

adopter_self::behavior_type adopter(adopter_self::stateful_pointer<adopter_state> self,
                                    token_desk_actor tokens, address_teller tell) {
  runtime::prepare(self, "adopter");
  auto& mine = self->state;
  mine.self = self;
  mine.tokens = std::move(tokens);
  mine.tell = std::move(tell);
  return {
      [self](const adopt_box& wanted) { return self->state.adopt(wanted); },
      [self](const blink_found& wanted) { return self->state.blink(wanted); },
      [self](const box_replied& message) { self->state.replied(message); },
  };
}

/// This machine's address on the way to another; empty: there is no way.
std::string own_address_towards(const std::string& host) {
  using boost::asio::ip::udp;
  boost::system::error_code problem;
  const auto address = boost::asio::ip::make_address(host, problem);
  if (problem) return {};
  boost::asio::io_context unused; // nothing is sent: connecting only picks the way
  udp::socket socket(unused);
  socket.connect({address, 9}, problem);
  if (problem) return {};
  const auto own = socket.local_endpoint(problem);
  return problem ? std::string() : own.address().to_string();
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

} // namespace

adopter_actor spawn_adopter(caf::actor_system& system, token_desk_actor tokens,
                            address_teller tell) {
  return system.spawn(adopter, std::move(tokens), std::move(tell));
}

std::string server_url_for(const std::string& browser_url, const std::string& box_url) {
  const auto mine = transport::parse_url(browser_url);
  const auto other = transport::parse_url(box_url);
  if (!mine || !other || !is_this_machine(mine->host) || is_this_machine(other->host))
    return browser_url;
  auto own = own_address_towards(other->host);
  if (own.empty()) return browser_url;
  if (own.find(':') != std::string::npos) own = "[" + own.substr(0, own.find('%')) + "]";
  return mine->scheme + "://" + own + ":" + std::to_string(mine->port);
}

} // namespace troupe::server
