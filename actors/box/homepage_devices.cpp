#include "actors/box/homepage_state.hpp"
#include "messages/codec.hpp"

#include <utility>

namespace troupe::box {

void get_devices(homepage_state& home, const call_ptr& request) {
  const auto answer = [&](const device_list& list) {
    request->answer(transport::json_response("{\"devices\":" + to_json(list) + "}"));
  };
  if (request->who().kind != caller_kind::page) return answer(*home.devices);
  device_list seen;
  for (const auto& each : *home.devices)
    if (may_see(request->who(), each.description.id.text)) seen.push_back(each);
  answer(seen);
}

void get_device(homepage_state& home, const call_ptr& request) {
  const auto* device = home.find_device(request->parameter(0));
  if (device == nullptr || !may_see(request->who(), device->description.id.text))
    return request->refuse(unknown_device(request->parameter(0)));
  request->answer(transport::json_response(to_json(*device)));
}

void post_device(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  add_device message;
  const auto kind = text_member(*body, "kind");
  if (!kind) return request->refuse(kind.error());
  if (*kind && !from_name(**kind, message.description.kind))
    return request->refuse({"device.bad_kind", "There is no kind of device of that name.",
                            "Take printer or scale, or leave it out: the address tells.", 422});
  const std::pair<const char*, std::string*> members[] = {
      {"name", &message.description.name},
      {"address", &message.description.address},
      {"subtype", &message.description.subtype},
      {"language", &message.description.language}};
  for (const auto& [member, into] : members) {
    auto text = text_member(*body, member);
    if (!text) return request->refuse(text.error());
    if (*text) *into = std::move(**text);
  }
  if (message.description.address.empty())
    return request->refuse({"device.bad_address", "The device has no address.",
                            "Give one, such as tcp://192.168.1.9:9100 or serial:/dev/ttyUSB0.",
                            422});
  home.ask(request, home.neighbours.directory, std::move(message),
           [request](const device_snapshot& device) {
             auto response = transport::json_response(to_json(device), 201);
             response.header("Location", "/api/v1/devices/" + device.description.id.text);
             request->answer(std::move(response));
           });
}

void patch_device(homepage_state& home, const call_ptr& request) {
  const auto body = json_body(request->request());
  if (!body) return request->refuse(body.error());
  change_device message{device_id(request->parameter(0)), {}, {}, {}};
  const std::pair<const char*, std::optional<std::string>*> members[] = {
      {"name", &message.name}, {"subtype", &message.subtype}, {"language", &message.language}};
  for (const auto& [member, into] : members) {
    auto text = text_member(*body, member);
    if (!text) return request->refuse(text.error());
    *into = std::move(*text);
  }
  home.ask(request, home.neighbours.directory, std::move(message),
           [request](const device_snapshot& device) {
             request->answer(transport::json_response(to_json(device)));
           });
}

void delete_device(homepage_state& home, const call_ptr& request) {
  home.ask(request, home.neighbours.directory, remove_device{device_id(request->parameter(0))},
           [request](bool removed) {
             if (!removed) return request->refuse(unknown_device(request->parameter(0)));
             request->answer(transport::no_content());
           });
}

} // namespace troupe::box
