#include "actors/box/box.hpp"

#include "actors/box/blinker.hpp"
#include "actors/box/token_sticks.hpp"
#include "actors/runtime/log.hpp"
#include "store/ledger.hpp"

#include <caf/all.hpp>

#include <stdexcept>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

/// Long enough for the ledger's last commit on a tired SD card.
constexpr auto stop_grace = 10s;

/// The present handles of the box's actors. Written by the supervisor's start functions, which all
/// run inside it; a restart of one restarts all that come after it (rest_for_one), so nobody keeps
/// the handle of an actor that is gone.
struct handles {
  ledger_actor ledger;
  event_hub_actor events;
  identity_actor identity;
  network_actor network;
  proxy_actor proxy;
  tracer_actor tracer;
  directory_actor directory;
  runtime::supervisor_actor devices;
  pairing_actor pairing;
  blinker_actor blinker;
  uplink_actor uplink;
  discovery_actor discovery;
  connection_test_actor connection_test;
  kiosk_actor kiosk;
  homepage_actor homepage;
  std::uint16_t http_port = 0; ///< of the homepage, once it listens
};

std::string_view scheme_of(std::string_view address) {
  return address.substr(0, std::min(address.find(':'), address.size()));
}

fault bad_address(const std::string& address) {
  return {"device.bad_address", "\"" + address + "\" is no address of a device.",
          "Write tcp://HOST:PORT for a network printer, serial:/dev/ttyUSB0 for a scale, or "
          "file:FOLDER.",
          422};
}

/// Finds the port of an address among the built-in kinds and the given ones.
struct port_maker_of_all {
  boost::asio::io_context& loop;
  std::map<std::string, port_maker, std::less<>> further;

  result<std::unique_ptr<port::byte_port>> operator()(const std::string& address) const {
    if (const auto found = further.find(scheme_of(address)); found != further.end())
      return found->second(address);
    const auto parsed = port::parse_port_address(address);
    if (!parsed) return parsed.error();
    return port::make_port(loop, *parsed);
  }
};

device_drivers make_drivers(const services& shared, const box_options& options) {
  printer_options printer;
  printer.make_port = port_maker_of_all{shared.loop, options.ports};
  printer.times = options.printer_times_;
  printer.http_port = options.homepage.http_port;
  scale_options scale;
  scale.make_port = printer.make_port;
  scale.times = options.scale_times_;
  device_drivers drivers;
  drivers.complete = [ports =
                          options.ports](device_description device) -> result<device_description> {
    if (ports.find(scheme_of(device.address)) == ports.end()) {
      const auto parsed = port::parse_port_address(device.address);
      if (!parsed) return bad_address(device.address);
      device.address = port::to_string(*parsed);
    }
    return complete_device(std::move(device));
  };
  drivers.spawn = [&shared, printer, scale](caf::actor_system& system,
                                            const device_description& description,
                                            const device_neighbours& near) {
    if (description.kind == device_kind::scale)
      return spawn_scale(system, shared, scale, description, near);
    return spawn_printer(system, shared, printer, description, near);
  };
  drivers.needs_restart = [](const device_description& before, const device_description& after) {
    return after.kind == device_kind::scale ? scale_needs_restart(before, after)
                                            : printer_needs_restart(before, after);
  };
  return drivers;
}

opened_store store_in_memory() {
  auto made = store::ledger::in_memory();
  if (!made) throw std::runtime_error(made.error().text);
  return std::make_shared<std::unique_ptr<store::ledger>>(std::move(*made));
}

} // namespace

result<device_description> complete_device(device_description device) {
  if (device.kind == device_kind::unsupported)
    device.kind = is_scale_address(device.address) ? device_kind::scale : device_kind::printer;
  if (device.kind == device_kind::scale) {
    if (device.address.starts_with("file:"))
      return fault{"device.bad_address", "A folder is no scale.",
                   "Give the scale's serial port, such as serial:/dev/ttyUSB0.", 422};
    return complete_scale(std::move(device));
  }
  if (device.kind != device_kind::printer)
    return fault{"device.bad_kind",
                 "This box has no driver for a " + std::string(name_of(device.kind)) + ".",
                 "Take printer or scale.", 422};
  if (is_scale_address(device.address))
    return fault{"device.bad_address", "A printer is not reached by " + device.address + ".",
                 "Write tcp://HOST:PORT for a network printer.", 422};
  return complete_printer(std::move(device));
}

result<device_description> parse_device(std::string_view text) {
  device_description device;
  const auto equals = text.find('=');
  const auto colon = text.find(':');
  if (equals != std::string_view::npos && equals < colon) {
    device.name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
  }
  device.address = text;
  if (colon == std::string_view::npos || text.empty()) return bad_address(device.address);
  return device;
}

runtime::supervisor_actor spawn_box(caf::actor_system& system, const services& shared,
                                    box_options options) {
  auto all = std::make_shared<handles>();
  auto given = std::make_shared<box_options>(std::move(options));
  auto root = std::make_shared<runtime::supervisor_actor>();
  given->homepage.key = given->link.key;
  given->homepage.listening = [all, told = given->homepage.listening](std::uint16_t port) {
    all->http_port = port;
    caf::anon_send(all->uplink, homepage_listens{port});
    caf::anon_send(all->discovery, homepage_listens{port});
    caf::anon_send(all->kiosk, homepage_listens{port});
    if (told) told(port);
  };
  const auto child = [](std::string id, auto spawn) {
    return runtime::make_child(std::move(id), std::move(spawn), runtime::restart_kind::permanent,
                               stop_grace);
  };
  runtime::supervisor_options tree;
  tree.name = "box";
  tree.strategy = runtime::supervision::rest_for_one;
  tree.observer = given->observer;
  tree.children = {
      child("ledger",
            [&shared, all, given](caf::actor_system& sys) {
              auto store = given->simulated ? store_in_memory() : given->store;
              return all->ledger = spawn_ledger(sys, shared, given->limits, std::move(store),
                                                !given->simulated);
            }),
      child("events",
            [&shared, all, given](caf::actor_system& sys) {
              return all->events = spawn_event_hub(sys, shared, given->id, all->ledger);
            }),
      child("identity",
            [&shared, all, given](caf::actor_system& sys) {
              return all->identity =
                         spawn_identity(sys, shared, given->id, all->ledger, all->events);
            }),
      child("network",
            [&shared, all, given](caf::actor_system& sys) {
              return all->network = given->simulated ? spawn_fixed_network(sys)
                                                     : spawn_network(sys, shared, all->events);
            }),
      child("proxy",
            [all, given](caf::actor_system& sys) {
              return all->proxy = spawn_proxy(sys, given->proxy, all->ledger);
            }),
      child("tracer",
            [&shared, all](caf::actor_system& sys) {
              return all->tracer = spawn_tracer(sys, shared, all->ledger);
            }),
      child("directory",
            [&shared, all, given](caf::actor_system& sys) {
              directory_options directory;
              directory.drivers = make_drivers(shared, *given);
              directory.given = given->devices;
              directory.supervising = [all](runtime::supervisor_actor devices) {
                all->devices = std::move(devices);
              };
              return all->directory =
                         spawn_directory(sys, shared, std::move(directory), all->ledger,
                                         all->events, all->identity, all->network);
            }),
      child("pairing",
            [&shared, all, given](caf::actor_system& sys) {
              return all->pairing =
                         spawn_pairing(sys, shared, given->link,
                                       {given->id, all->ledger, all->events, all->identity,
                                        all->directory, all->network, all->proxy});
            }),
      child("blinker",
            [all](caf::actor_system& sys) {
              return all->blinker = spawn_blinker(sys, all->events, all->identity, all->directory);
            }),
      child("uplink",
            [&shared, all, given](caf::actor_system& sys) {
              uplink_options uplink{given->link, given->homepage.restart,
                                    [all] { return all->http_port; },
                                    [all]() -> origins_actor { return all->homepage; }};
              // All boxes of a program share one log: none of them may take it for its own.
              auto tracer = given->simulated ? tracer_actor() : all->tracer;
              return all->uplink = spawn_uplink(sys, shared, std::move(uplink),
                                                {given->id, all->ledger, all->events, all->identity,
                                                 all->network, all->directory, all->pairing,
                                                 all->blinker, std::move(tracer), all->proxy});
            }),
  };
  if (!given->token_folders.empty())
    tree.children.push_back(child("token_sticks", [&shared, all, given](caf::actor_system& sys) {
      return spawn_token_sticks(sys, shared, given->token_folders, all->pairing);
    }));
  if (given->simulated) {
    *root = runtime::spawn_supervisor(system, std::move(tree));
    return *root;
  }
  tree.children.push_back(child("discovery", [&shared, all, given](caf::actor_system& sys) {
    return all->discovery =
               spawn_discovery(sys, shared, {given->link.key, given->announce},
                               {given->id, all->events, all->identity, all->network, all->pairing});
  }));
  tree.children.push_back(child("connection_test", [&shared, all, given](caf::actor_system& sys) {
    way_out way;
    way.proxy = [present = given->proxy.present] { return present->settings; };
    return all->connection_test = spawn_connection_test(
               sys, shared, std::move(way), {all->events, all->network, all->pairing, all->uplink});
  }));
  tree.children.push_back(child("kiosk", [&shared, all, given](caf::actor_system& sys) {
    return all->kiosk = spawn_kiosk(sys, shared, given->kiosk, all->events);
  }));
  tree.children.push_back(child("homepage", [&shared, all, given, root](caf::actor_system& sys) {
    // The directory starts its supervisor later, and perhaps again: asked for each time.
    const auto supervisors = [root, all] {
      std::vector<runtime::supervisor_actor> found{*root};
      if (all->devices) found.push_back(all->devices);
      return found;
    };
    all->homepage =
        spawn_homepage(sys, shared, given->homepage,
                       {given->id, all->ledger, all->events, all->directory, all->identity,
                        all->network, all->tracer, all->pairing, all->uplink, all->discovery,
                        all->blinker, supervisors, all->proxy, all->connection_test, all->kiosk});
    return all->homepage;
  }));
  *root = runtime::spawn_supervisor(system, std::move(tree));
  // The supervisor starts its children when it runs, which is after this.
  return *root;
}

} // namespace troupe::box
