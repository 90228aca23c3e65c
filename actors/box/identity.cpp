#include "actors/box/identity.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/log.hpp"
#include "messages/codec.hpp"
#include "transport/utf8.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace troupe::box {
namespace {

const runtime::logger log_("box.identity");
constexpr std::string_view name_setting = "box.name";
constexpr std::size_t longest_name = 64;

/// Where Linux shows the serial number of a board with a device tree (Raspberry Pi).
constexpr const char* device_tree_serial = "/sys/firmware/devicetree/base/serial-number";

std::string read_word(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  for (char c; in.get(c) && text.size() < 64;)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-') text += c;
  return text;
}

/// Writes a small file so that it is whole or not there after a power cut.
result<bool> write_durably(const std::filesystem::path& file, std::string_view text) {
  const auto beside = file.string() + ".new";
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = descriptor >= 0 &&
                       ::write(descriptor, text.data(), text.size()) == ssize_t(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int problem = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!written || std::rename(beside.c_str(), file.c_str()) != 0)
    return fault{"box.state_folder",
                 "The file " + file.string() +
                     " could not be written: " + std::strerror(written ? errno : problem) + ".",
                 "Give the box a state folder that it may write to (--state).", 500};
  return true;
}

/// The name without blanks around it; a fault when nothing or too much is left.
result<std::string> checked_name(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  const auto count = transport::characters_on_one_line(text);
  if (!count || *count == 0 || *count > longest_name)
    return fault{"box.bad_name", "A name has 1 to 64 characters on one line.",
                 "Choose another name.", 422};
  return std::string(text);
}

struct identity_state {
  static inline const char* name = "identity";
  identity_info info;
  ledger_actor ledger;
  event_hub_actor events;
};
using self_pointer = identity_actor::stateful_pointer<identity_state>;

std::string first_name(const box_id& id) {
  const auto& text = id.text;
  return "Box " + text.substr(text.size() > 4 ? text.size() - 4 : 0);
}

identity_actor::behavior_type identity(self_pointer self, box_id id, ledger_actor ledger,
                                       event_hub_actor events) {
  runtime::prepare(self, "identity");
  self->state.info = {id, first_name(id)};
  self->state.ledger = std::move(ledger);
  self->state.events = std::move(events);
  runtime::request_then(
      self, self->state.ledger, neighbour_timeout, get_settings{std::string(name_setting)},
      [self](const setting_list& found) {
        for (const auto& [name, json] : found.settings)
          if (const auto kept = from_json<value>(json); kept && kept->as_text() != nullptr)
            self->state.info.name = *kept->as_text();
      },
      [](const fault& problem) { log_.warning("The name could not be read: {}", problem.text); });
  return {
      [self](const get_identity&) { return self->state.info; },
      [self](const rename_box& wanted) -> caf::result<identity_info> {
        auto name = checked_name(wanted.name);
        if (!name) return runtime::to_error(name.error());
        auto promise = self->make_response_promise<identity_info>();
        runtime::request_then(
            self, self->state.ledger, neighbour_timeout,
            put_setting{std::string(name_setting), to_json(value(*name))},
            [self, promise, name = *name](bool) mutable {
              self->state.info.name = name;
              event renamed;
              renamed.type = "box.changed";
              renamed.data = value::object{{"name", name}};
              caf::anon_send(self->state.events, publish_event{std::move(renamed)});
              promise.deliver(self->state.info);
            },
            [promise](const fault& problem) mutable {
              promise.deliver(runtime::to_error(problem));
            });
        return promise;
      },
  };
}

} // namespace

result<box_id> read_box_id(const std::filesystem::path& state_folder) {
  if (auto serial = read_word(device_tree_serial); !serial.empty()) return box_id(serial);
  const auto file = state_folder / "identifier";
  if (auto kept = read_word(file); !kept.empty()) return box_id(kept);
  auto made = random_hex(8);
  if (auto written = write_durably(file, made + "\n"); !written) return written.error();
  return box_id(made);
}

identity_actor spawn_identity(caf::actor_system& system, const services&, box_id id,
                              ledger_actor ledger, event_hub_actor events) {
  return system.spawn(identity, std::move(id), std::move(ledger), std::move(events));
}

} // namespace troupe::box
