#pragma once

#include "actors/server/box_session.hpp"
#include "actors/server/token_desk.hpp"
#include "tests/actors/homepage_fixture.hpp"
#include "tests/actors/link/joined_wire.hpp"
#include "tests/store/test_databases.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace troupe::link {

/// A whole box and a whole server in one virtual time; either can be killed and started again.
class both_ends : public box::homepage_test {
protected:
  both_ends() {
    opener = [this](const std::string&, box::link_callbacks to_box) {
      auto made = std::make_shared<joined_wire>(std::move(to_box));
      wires.push_back(made);
      if (door)
        server::open_link(door, made->server_end(), "http://server.example:8080");
      else
        made->lose_server();
      return made->box_end();
    };
    start_server();
  }
  void TearDown() override {
    forget_server_actors();
    box::homepage_test::TearDown();
    wires.clear();
  }

  void start_server() {
    store = *server::spawn_store(system(), services_, {.url = database.url(), .detached = false});
    bus = server::spawn_bus(system(), services_, store);
    logs = server::spawn_log_store(system(), services_, store);
    fleet = server::spawn_fleet(system(), services_, store, bus);
    desk = server::spawn_pairing_desk(system(), services_, fleet, bus);
    gate = server::spawn_link_gate(system(), services_, {"server-1", "Shop", server_key});
    tokens = server::spawn_token_desk(system(), store, {"server-1", "Shop", server_key});
    server::link_door made{&system(), &services_, "server-1", server_key.public_key(), gate, bus,
                           fleet,     desk,       logs};
    door = std::make_shared<const server::link_door>(std::move(made));
    settle();
  }
  /// As by `kill -9` of the server's program: what is not on disk is gone.
  void kill_server() {
    door = nullptr;
    for (const auto& each : wires)
      each->lose_server();
    kill(tokens, gate, desk, fleet, logs, bus, store);
    forget_server_actors();
    settle();
  }
  void restart_server() {
    kill_server();
    start_server();
  }
  /// As by `kill -9` of the box's program; it starts with this state folder.
  void restart_box(const std::filesystem::path& from = {}) {
    kill(uplink, pairing, homepage, tracer, directory, network, identity, events, ledger);
    for (const auto& [id, driver] : drivers)
      kill(driver);
    homepage = nullptr;
    tracer = nullptr;
    pairing = nullptr;
    uplink = nullptr;
    forget();
    settle();
    if (!from.empty()) {
      std::filesystem::remove_all(folder_);
      std::filesystem::copy(from, folder_, std::filesystem::copy_options::recursive);
    }
    instance = "i" + std::to_string(++starts_);
    start();
    open_homepage();
  }

  joined_wire* wire() { return wires.empty() ? nullptr : wires.back().get(); }
  /// Carries what there is, both ways, until there is nothing more.
  void carry_all() {
    for (bool more = true; more;) {
      settle();
      more = false;
      // A link that the server gave up may still have to tell its box so.
      for (std::size_t at = 0; at < wires.size(); ++at) {
        const auto keep = wires[at];
        while (keep->carry_up() || keep->carry_down())
          more = true;
      }
      std::erase_if(
          wires, [this](const auto& each) { return each != wires.back() && !each->both_are_on(); });
    }
  }
  box::link_state link_now() {
    const auto info = ask<box::link_info>(uplink, box::get_link{});
    EXPECT_TRUE(info) << info.error().text;
    return info ? info->state : box::link_state::unpaired;
  }
  /// Lets time pass and frames go until the link is up, for two minutes at most.
  void link_up() {
    for (int i = 0; i < 60; ++i) {
      carry_all();
      if (link_now() == box::link_state::linked) return;
      advance(std::chrono::seconds(2));
    }
    FAIL() << "the box was not linked again";
  }
  void show_code() {
    const auto set = send("PUT", "/api/v1/pairing/server", signed_in(),
                          "{\"url\":\"http://server.example:8080\"}");
    ASSERT_EQ(set->status(), 200) << set->text();
    carry_all();
  }
  std::string code() {
    const auto info = ask<box::pairing_info>(pairing, box::get_pairing{});
    EXPECT_TRUE(info) << info.error().text;
    return info ? info->code : std::string();
  }
  result<server::claimed_box> claim(const std::string& typed, const char* person = "Anna",
                                    const char* address = "10.0.0.1") {
    return ask<server::claimed_box>(desk, server::claim_code{typed, person, address});
  }
  void pair() {
    ASSERT_NO_FATAL_FAILURE(show_code());
    const auto claimed = claim(code());
    ASSERT_TRUE(claimed) << claimed.error().text;
    ASSERT_NO_FATAL_FAILURE(link_up());
  }
  /// All events of this type in the fleet's history, oldest first.
  std::vector<server::event_ptr> history(const std::string& prefix) {
    std::vector<server::event_ptr> all;
    for (std::uint64_t after = 0;;) {
      server::find_events wanted;
      wanted.after = after;
      wanted.limit = 1000;
      wanted.type_prefix = prefix;
      const auto part = ask<server::event_list_ptr>(bus, wanted);
      EXPECT_TRUE(part) << part.error().text;
      if (!part || (*part)->empty()) return all;
      all.insert(all.end(), (*part)->begin(), (*part)->end());
      after = all.back()->content.sequence;
    }
  }
  result<command_record> order(const std::string& device, const std::string& action,
                               value arguments = {}, printing::document document = {}) {
    server::send_command wanted;
    wanted.box = box_id("b0");
    wanted.device = device_id(device);
    wanted.action = action;
    wanted.arguments = std::move(arguments);
    wanted.document = std::move(document);
    wanted.person = "Anna";
    return ask<command_record>(fleet, wanted);
  }
  command_record stands(const command_id& id) {
    const auto found = ask<command_record>(fleet, server::get_command{id});
    EXPECT_TRUE(found) << found.error().text;
    return found ? *found : command_record{};
  }

  store::test_database database{false};
  runtime::limits server_limits;
  runtime::metrics server_metrics;
  server::services services_{io, pool(), server_limits, server_metrics, "/nowhere", "0.1.0", {}};
  security::signing_key server_key = security::signing_key::make();
  server::store_actor store;
  server::bus_actor bus;
  server::log_store_actor logs;
  server::fleet_links_actor fleet;
  server::pairing_links_actor desk;
  server::link_gate_actor gate;
  server::token_desk_actor tokens;
  server::link_door_ptr door;
  std::vector<std::shared_ptr<joined_wire>> wires;

private:
  template <class... Handles>
  void kill(const Handles&... handles) {
    const auto one = [](const auto& handle) {
      caf::anon_send<caf::message_priority::high>(
          caf::actor_cast<caf::actor>(handle),
          caf::exit_msg{handle.address(), caf::exit_reason::kill});
    };
    (one(handles), ...);
  }
  void forget_server_actors() {
    door = nullptr;
    store = nullptr;
    bus = nullptr;
    logs = nullptr;
    fleet = nullptr;
    desk = nullptr;
    gate = nullptr;
    tokens = nullptr;
  }
  int starts_ = 1;
};

} // namespace troupe::link
