// links: troupe_box_actors troupe_security
// Many links that do nothing but send events as fast as a server takes them:
//
//   link_load http://HOST:PORT TOKEN LINKS SECONDS BATCH
//
// Each link pairs itself (the token types its code), then keeps four batches under way, as a box
// does. Writes one JSON line: events acknowledged, that is on the server's disk, in so many
// seconds.
#include "actors/box/link_connection.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"
#include "security/signing_key.hpp"
#include "transport/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace troupe;
using clock_type = std::chrono::steady_clock;

constexpr int batches_under_way = 4;

[[noreturn]] void give_up(const fault& why) {
  std::cerr << why.code << ": " << why.text << "\n";
  std::_Exit(1);
}

struct load {
  boost::asio::io_context loop;
  std::string server, token;
  std::size_t links = 0, linked = 0, batch = 0, under_way = 0;
  std::chrono::duration<double> span{};
  clock_type::time_point begun, ended;
  std::uint64_t acknowledged = 0;
  std::unique_ptr<transport::http_client> client;
  box::link_opener open;

  bool over() const { return clock_type::now() - begun >= span; }
};

/// What a printer tells in the course of a receipt.
event happened(std::uint64_t number) {
  event out;
  out.sequence = number;
  out.time =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  out.type = "device.status";
  out.device = device_id("counter");
  out.trace = {};
  out.data = value::object{{"state", "ready"}, {"text", "Ready."}, {"waiting", 0}};
  return out;
}

class one_link {
public:
  one_link(load& all, std::size_t number)
      : all_(all), id_("load" + random_hex(4) + "-" + std::to_string(number)) {}
  void connect(link::link_wish wish) {
    wish_ = wish;
    connection_ =
        all_.open(all_.server, {.received =
                                    [this](link::server_frame frame) {
                                      std::visit([this](auto& content) { take(content); }, frame);
                                    },
                                .ended =
                                    [this](fault why) {
                                      if (!paired_) give_up(why);
                                    }});
  }
  void begin() {
    for (int at = 0; at < batches_under_way; ++at)
      send_batch();
  }

private:
  void take(link::challenge& asked) {
    link::hello answer;
    answer.wish = wish_;
    answer.box = id_;
    answer.name = id_.text;
    answer.version = "0";
    answer.public_key = key_.public_key();
    answer.nonce = secure_random(32);
    answer.instance = instance_;
    answer.epoch = "load";
    answer.valid_for = std::chrono::hours(2);
    answer.signature = key_.sign(link::box_statement(asked, answer));
    connection_->send(std::move(answer));
  }
  void take(link::pairing_code& shown) {
    transport::client_request request;
    request.method = "POST";
    request.url = all_.server + "/api/v1/pairing";
    request.headers = {{"Authorization", "Bearer " + all_.token},
                       {"Content-Type", "application/json"}};
    request.body = to_json(value(value::object{{"code", shown.code}}));
    all_.client->send(std::move(request), [](auto answer) {
      if (!answer) give_up(answer.error());
      if (answer->status >= 300) give_up({"link_load.code", answer->body});
    });
  }
  void take(link::paired&) {
    paired_ = true; // the server closes now
    // Not from within a word of the connection that this ends.
    boost::asio::post(all_.loop, [this] {
      connect(link::link_wish::link);
      paired_ = false;
    });
  }
  void take(link::welcome&) {
    link::snapshot shot;
    shot.report.name = id_.text;
    shot.report.version = "0";
    connection_->send(std::move(shot));
    if (++all_.linked == all_.links) when_all_linked();
  }
  void take(link::event_ack& ack) {
    const auto fresh = ack.sequence - acknowledged_;
    acknowledged_ = ack.sequence;
    all_.acknowledged += fresh;
    all_.under_way -= fresh;
    // One ack may stand for several batches.
    while (!all_.over() && sent_ - acknowledged_ <= (batches_under_way - 1) * all_.batch)
      send_batch();
    if (all_.over() && all_.under_way == 0) {
      all_.ended = clock_type::now();
      all_.loop.stop();
    }
  }
  void take(link::refuse& no) { give_up({no.code, no.text}); }
  void take(link::bye& no) { give_up({"link.bye", no.text}); }
  template <class Other>
  void take(Other&) {}

  void send_batch() {
    link::event_batch batch;
    batch.events.reserve(all_.batch);
    for (std::size_t at = 0; at < all_.batch; ++at)
      batch.events.push_back(happened(++sent_));
    all_.under_way += all_.batch;
    if (!connection_->send(std::move(batch))) give_up({"link_load.closed", "A link was closed."});
  }
  void when_all_linked();

  load& all_;
  box_id id_;
  security::signing_key key_ = security::signing_key::make();
  std::string instance_ = random_hex(16);
  link::link_wish wish_ = link::link_wish::pairing;
  std::unique_ptr<box::link_connection> connection_;
  bool paired_ = false;
  std::uint64_t sent_ = 0, acknowledged_ = 0;
};

std::vector<std::unique_ptr<one_link>> links;

void one_link::when_all_linked() {
  all_.begun = clock_type::now();
  for (auto& each : links)
    each->begin();
}

} // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::cerr << "link_load http://HOST:PORT TOKEN LINKS SECONDS BATCH\n";
    return 2;
  }
  load all;
  all.server = arguments[1];
  all.token = arguments[2];
  all.links = std::stoul(arguments[3]);
  all.span = std::chrono::duration<double>(std::stod(arguments[4]));
  all.batch = std::stoul(arguments[5]);
  all.client = std::make_unique<transport::http_client>(all.loop);
  all.open = box::websocket_links(all.loop);
  for (std::size_t number = 0; number < all.links; ++number) {
    links.push_back(std::make_unique<one_link>(all, number));
    links.back()->connect(link::link_wish::pairing);
  }
  all.loop.run();
  const std::chrono::duration<double> took = all.ended - all.begun;
  std::printf("{\"links\": %zu, \"batch\": %zu, \"events\": %llu, \"seconds\": %.3f, "
              "\"events_per_second\": %.0f}\n",
              all.links, all.batch, static_cast<unsigned long long>(all.acknowledged), took.count(),
              static_cast<double>(all.acknowledged) / took.count());
  std::fflush(stdout);
  std::_Exit(0); // the links are cut as they stand
}
