#include "sim/room_json.hpp"

namespace troupe::sim {

using transport::json_value;

static fault bad_play(std::string text) {
  return {"scale.play", std::move(text), "The page about the paper room has a table of them.", 422};
}

/// The word that a page shows for it.
static std::string problem_of(const scale_snapshot& seen) {
  if (!seen.power) return "power_off";
  if (!seen.plug) return "unplugged";
  if (seen.display.error) return "zero_lost";
  if (seen.display.over) return "too_heavy";
  for (const char* fault : {"silent", "garbage", "shaking"})
    for (const auto& each : seen.faults)
      if (each == fault) return each;
  if (seen.display.under) return "under_zero";
  return "";
}

json_value to_json(const scale_snapshot& seen) {
  json_value out;
  const auto problem = problem_of(seen);
  const bool mild = problem.empty() || problem == "under_zero" || problem == "shaking";
  out["id"] = seen.id;
  out["name"] = seen.id;
  out["language"] = seen.language;
  out["address"] = seen.address.empty() ? json_value() : json_value("serial:" + seen.address);
  out["state"] = problem.empty() ? "ready" : mild ? "attention" : "trouble";
  out["problem"] = problem;
  out["since"] = to_milliseconds(seen.since);
  out["load_grams"] = seen.load_grams;
  out["capacity_grams"] = seen.capacity_grams;
  out["display"] = seen.power ? json_value(seen.display.text) : json_value("");
  out["unit"] = "kg";
  out["moving"] = seen.display.moving;
  out["net"] = seen.display.net;
  out["zero"] = seen.display.zero;
  out["power"] = seen.power ? "on" : "off";
  out["plug"] = seen.plug ? "in" : "out";
  out["faults"] = seen.faults;
  out["noise_grams"] = seen.noise_grams;
  out["drift_grams"] = seen.drift_grams;
  out["connections"] = seen.connections;
  out["questions"] = seen.questions;
  return out;
}

result<scale_play> read_scale_play(std::string_view what, std::string_view body) {
  auto json = transport::parse_json(as_bytes(body.empty() ? "{}" : body));
  if (!json) return json.error();
  if (!json->is_object()) return bad_play("The body is no JSON object.");
  scale_play action;
  action.what = what;
  for (const auto& [name, content] : json->items()) {
    if (name == "grams" && content.is_number())
      action.grams = content.get<double>();
    else if (name == "state" && content.is_string())
      action.state = content.get<std::string>();
    else if (name == "on" && content.is_boolean())
      action.on = content.get<bool>();
    else
      return bad_play("\"" + name.substr(0, 40) + "\" is unknown or of the wrong type.");
  }
  return action;
}

} // namespace troupe::sim
