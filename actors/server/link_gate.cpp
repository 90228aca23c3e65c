#include "actors/server/link_gate.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "actors/server/box_session.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"

#include <caf/all.hpp>

#include <deque>
#include <functional>
#include <unordered_set>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("server.links");

/// Jobs on the workers at a time; the workers' own queue is short and shared with others.
constexpr std::size_t jobs_at_once = 8;
constexpr auto job_timeout = 20s;
/// Boxes that were told to come back do so spread over this: 1,000 a second.
constexpr std::uint64_t boxes_per_second = 1000;

struct gate_state {
  gate_state() = default;
  static inline const char* name = "link_gate";

  link_gate_actor::stateful_pointer<gate_state> self = nullptr;
  const services* shared = nullptr;
  server_identity identity;
  std::deque<std::function<void()>> jobs;
  std::size_t running = 0;
  std::unordered_set<caf::actor> links;
  runtime::limit* hellos = nullptr;
  runtime::limit* open = nullptr;

  /// Runs `work` on a worker when it is its turn.
  template <class T, class Work>
  caf::result<T> compute(Work work);
  void run_next();
  void say_goodbye_to_all();
  bool ending = false;
};

template <class T, class Work>
caf::result<T> gate_state::compute(Work work) {
  if (!hellos->try_take())
    return runtime::to_error(
        {"link.busy", "Too many boxes come at once.", "They come again by themselves.", 503});
  auto promise = self->make_response_promise<T>();
  jobs.push_back([this, work = std::move(work), promise] {
    runtime::run_on_workers(self, shared->workers, job_timeout, work,
                            [this, promise](result<T> outcome) mutable {
                              --running;
                              hellos->give_back();
                              if (outcome)
                                promise.deliver(*std::move(outcome));
                              else
                                promise.deliver(runtime::to_error(outcome.error()));
                              run_next();
                            });
  });
  run_next();
  return promise;
}

void gate_state::run_next() {
  while (running < jobs_at_once && !jobs.empty()) {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    ++running;
    job();
  }
}

void gate_state::say_goodbye_to_all() {
  const auto spread = links.size() / boxes_per_second + 3;
  for (const auto& each : links)
    caf::anon_send(each, say_goodbye{std::chrono::seconds(1 + fast_random() % spread)});
}

checked_hello check(const check_hello& asked, const server_identity& identity) {
  checked_hello out;
  const auto& hello = *asked.content;
  const link::challenge challenge{identity.id, asked.nonce};
  out.server_name = identity.name;
  out.genuine = security::verify(hello.public_key.view(), link::box_statement(challenge, hello),
                                 hello.signature.view());
  if (out.genuine && hello.wish == link::link_wish::link)
    out.proof =
        identity.key.sign(link::server_statement("welcome", identity.id, hello.box, hello.nonce));
  return out;
}

link_gate_actor::behavior_type gate(link_gate_actor::stateful_pointer<gate_state> self,
                                    const services* shared, server_identity identity) {
  runtime::prepare(self, "link_gate");
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.identity = std::move(identity);
  mine.hellos = &shared->limits.declare("links.hellos", "hellos", hellos_bound,
                                        runtime::limit_policy::refuse);
  mine.open =
      &shared->limits.declare("links.open", "links", links_bound, runtime::limit_policy::refuse);
  mine.hellos->set_fill(0);
  mine.open->set_fill(0);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    const auto gone = caf::actor_cast<caf::actor>(down.source);
    if (gone && state.links.erase(gone) > 0) {
      state.open->set_fill(state.links.size());
      return;
    }
    std::erase_if(state.links,
                  [&](const caf::actor& each) { return each.address() == down.source; });
    state.open->set_fill(state.links.size());
  });
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.say_goodbye_to_all();
    self->quit(std::move(stop.reason));
  });
  return {
      [self](const check_hello& asked) {
        return self->state.compute<checked_hello>(
            [asked, identity = self->state.identity] { return check(asked, identity); });
      },
      [self](const sign_proof& asked) {
        return self->state.compute<shared_bytes>([asked, identity = self->state.identity] {
          return identity.key.sign(
              link::server_statement(asked.kind, identity.id, asked.box, asked.nonce));
        });
      },
      [self](const enter_link& message) -> caf::result<bool> {
        auto& state = self->state;
        if (state.ending || state.links.size() >= links_bound) {
          state.open->count_hit();
          return runtime::to_error({"link.busy", "This server has as many links as it takes.",
                                    "The box comes again by itself.", 503});
        }
        self->monitor(message.session);
        state.links.insert(message.session);
        state.open->set_fill(state.links.size());
        return true;
      },
      [self](const set_server_name& message) { self->state.identity.name = message.name; },
      [self](const end_links&) {
        self->state.ending = true;
        self->state.say_goodbye_to_all();
      },
      [self](const count_links&) -> std::uint64_t { return self->state.links.size(); },
  };
}

} // namespace

link_gate_actor spawn_link_gate(caf::actor_system& system, const services& shared,
                                server_identity identity) {
  return system.spawn(gate, &shared, std::move(identity));
}

transport::websocket_options link_options() {
  transport::websocket_options options;
  options.subprotocols = {std::string(link::subprotocol)};
  options.deflate = false;
  options.message_bytes = link::box_frame_bytes;
  options.queue_bytes = 2 * link::server_frame_bytes;
  options.ping_after = 30s;
  options.silence_limit = 75s;
  return options;
}

void open_link(const link_door_ptr& door, transport::websocket_ptr socket, std::string base_url) {
  spawn_box_session(door, std::move(socket), std::move(base_url));
}

} // namespace troupe::server
