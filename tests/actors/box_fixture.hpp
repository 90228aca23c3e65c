#pragma once

#include "actors/box/box.hpp"
#include "actors/runtime/limits.hpp"
#include "actors/runtime/metrics.hpp"
#include "tests/actors/fixture.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

namespace troupe::box {

/// A port whose other end is the test.
struct wire {
  port::byte_port::events events;
  std::vector<shared_bytes> written;
  std::vector<port::byte_port::done> unconfirmed; ///< `done` of the writes, in order
  bool open = false;
  bool answers = true;  ///< a healthy ESC/POS printer: answers status and job ends at once
  bool takes = true;    ///< confirms writes at once
  bool refuses = false; ///< cannot be connected
  /// A scale: what it answers to these bytes; unset: a printer.
  std::function<std::string(std::string_view)> speaks;
  std::size_t opens = 0;
  byte_vector status{0x12, 0x12, 0x12, 0x12};

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& each : written)
      sum += each.size();
    return sum;
  }
  bool has(byte_vector part) const {
    byte_vector all;
    for (const auto& each : written) {
      const auto view = each.view();
      all.insert(all.end(), view.begin(), view.end());
    }
    return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
  }
  void cut(const char* code = "printer.closed") {
    open = false;
    events.closed({code, "The connection was lost."});
  }
};

class wired_port final : public port::byte_port {
public:
  wired_port(std::shared_ptr<wire> to) : wire_(std::move(to)) {}
  ~wired_port() override { close(); }

  void open(events events) override {
    mine_ = true;
    wire_->events = std::move(events);
    ++wire_->opens;
    if (wire_->refuses) return wire_->events.closed({"printer.refused", "Connection refused."});
    wire_->open = true;
    wire_->events.opened();
  }
  void write(shared_bytes bytes, done done) override {
    wire_->written.push_back(bytes);
    const auto view = bytes.view();
    const byte_vector question{0x10, 0x04, 0x01};
    const byte_vector end{0x1D, 0x72, 0x01};
    if (wire_->takes)
      done(view.size());
    else
      wire_->unconfirmed.push_back(std::move(done));
    if (wire_->speaks) {
      if (const auto said = wire_->speaks(as_text(view)); wire_->open && !said.empty())
        wire_->events.received(as_bytes(said));
      return;
    }
    if (!wire_->answers) return;
    if (std::search(view.begin(), view.end(), question.begin(), question.end()) != view.end())
      wire_->events.received(wire_->status);
    if (view.size() >= 3 && std::equal(end.begin(), end.end(), view.end() - 3))
      wire_->events.received(byte_vector{0x00});
  }
  void finish_job(done done) override { done(std::size_t{0}); }
  void close() override {
    if (std::exchange(mine_, false)) wire_->open = false;
  }
  std::string describe() const override { return "test wire"; }

private:
  std::shared_ptr<wire> wire_;
  bool mine_ = false;
};

/// The box's actors but the homepage, in virtual time, with printers whose wires the test holds.
class box_test : public runtime::actor_test {
protected:
  box_test() { start(); }
  ~box_test() override { std::filesystem::remove_all(folder_); }
  void TearDown() override {
    runtime::actor_test::TearDown();
    forget();
  }

  void forget() {
    ledger = nullptr;
    events = nullptr;
    identity = nullptr;
    network = nullptr;
    directory = nullptr;
    drivers.clear();
  }
  /// A driver ends by a defect of its own.
  void crash_driver(const device_id& id) {
    caf::anon_send<caf::message_priority::high>(
        caf::actor_cast<caf::actor>(drivers[id]),
        caf::exit_msg{drivers[id].address(), runtime::to_error({"test.crash", "A defect."})});
    drivers.erase(id);
    settle();
  }

  void start() {
    ledger = spawn_ledger(system(), shared, {}, {}, false);
    events = spawn_event_hub(system(), shared, box_id("b0"), ledger);
    identity = spawn_identity(system(), shared, box_id("b0"), ledger, events);
    network = spawn_network(system(), shared, events);
    directory_options options;
    options.drivers.complete = complete_device;
    options.drivers.needs_restart = printer_needs_restart;
    options.drivers.spawn = [this](caf::actor_system& sys, const device_description& description,
                                   const device_neighbours& near) {
      const port_maker make_port =
          [this](const std::string& address) -> result<std::unique_ptr<port::byte_port>> {
        const auto line = address.substr(0, address.find('?'));
        return std::unique_ptr<port::byte_port>(std::make_unique<wired_port>(wire_to(line)));
      };
      if (description.kind == device_kind::scale)
        return drivers[description.id] =
                   spawn_scale(sys, shared, {make_port, {}}, description, near);
      printer_options printer;
      printer.make_port = make_port;
      return drivers[description.id] = spawn_printer(sys, shared, printer, description, near);
    };
    directory =
        spawn_directory(system(), shared, std::move(options), ledger, events, identity, network);
    settle();
  }

  /// Everything ends as by `kill -9` and starts again on the same state folder.
  void crash_and_restart() {
    forget();
    end_all();
    start_anew();
    start();
  }

  std::shared_ptr<wire> wire_to(const std::string& address) {
    auto& found = wires_[address];
    if (!found) found = std::make_shared<wire>();
    return found;
  }
  device_snapshot add(const char* name, const char* address) {
    device_description device;
    device.name = name;
    device.address = address;
    auto added = ask<device_snapshot>(directory, add_device{std::move(device)});
    EXPECT_TRUE(added) << added.error().text;
    advance(std::chrono::milliseconds(100));
    return *added;
  }
  action_request print(const device_id& device, const char* key = "") {
    action_request request;
    request.device = device;
    request.action = "print";
    request.key = key;
    request.document.operations = {printing::text{"Hello\n"}, printing::cut{}};
    return request;
  }
  action_record record(const action_id& id) {
    auto found = ask<action_record>(ledger, get_action{id});
    EXPECT_TRUE(found) << found.error().text;
    return found ? *found : action_record{};
  }
  device_snapshot device(const device_id& id) {
    auto [handle, seen] = collector<devices_changed>();
    auto list = ask<device_list_ptr>(directory, watch_devices{handle});
    if (list)
      for (const auto& each : **list)
        if (each.description.id == id) return each;
    return {};
  }

  static std::filesystem::path new_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "troupe-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    return pattern;
  }

  boost::asio::io_context io;
  runtime::limits limits;
  runtime::metrics metrics;
  std::filesystem::path folder_ = new_folder();
  services shared{io, pool(), limits, metrics, folder_, "0.1.0", {}};
  ledger_actor ledger;
  event_hub_actor events;
  identity_actor identity;
  network_actor network;
  directory_actor directory;
  std::map<device_id, device_actor> drivers;

private:
  std::map<std::string, std::shared_ptr<wire>> wires_;
};

} // namespace troupe::box
