#pragma once

#include "actors/box/directory.hpp"
#include "actors/box/discovery.hpp"
#include "actors/box/homepage.hpp"
#include "actors/box/ledger.hpp"
#include "actors/box/pairing.hpp"
#include "actors/box/printer.hpp"
#include "actors/box/scale.hpp"
#include "actors/box/services.hpp"
#include "actors/runtime/supervisor.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// The whole box: its actors under one supervisor.
namespace troupe::box {

struct box_options {
  box_id id;
  ledger_limits limits;
  opened_store store; ///< see `opened_store`
  homepage_options homepage;
  link_options link; ///< key, server, way to it
  proxy_options proxy;
  kiosk_options kiosk;
  std::vector<std::filesystem::path> token_folders;     ///< where sticks with a token may be
  announcer_maker announce;                             ///< empty: the box is not announced
  std::vector<device_description> devices;              ///< given at start, not kept
  std::map<std::string, port_maker, std::less<>> ports; ///< further address schemes, such as "sim"
  printer_times printer_times_;
  scale_times scale_times_;
  /// One of thousands in a program: its ledger is in memory and on the loop, it watches no network,
  /// serves no pages and sends no log lines upward.
  bool simulated = false;
  /// Told when a part of the box could not be started or has ended; at start-up the program gives
  /// up then.
  std::function<void(const runtime::child_changed&)> observer;
};

/// Fills in what follows from the address of a device, or says what is wrong with it (422).
result<device_description> complete_device(device_description device);

/// "NAME=ADDRESS" or "ADDRESS" as on the command line: "printer=tcp://127.0.0.1:9100",
/// "sim:printer". Fault "device.bad_address".
result<device_description> parse_device(std::string_view text);

/// Spawns the box on the loop's system. Ending the supervisor ends the box in order. `shared` and
/// the loop outlive it.
runtime::supervisor_actor spawn_box(caf::actor_system& system, const services& shared,
                                    box_options options);

} // namespace troupe::box
