#include "apps/troupe/names.hpp"

#include "transport/http.hpp"

#include <functional>

namespace troupe::apps {
namespace {

constexpr std::size_t most_told = 5;

using test = std::function<bool(const named_thing&)>;

bool starts_like(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         transport::equal_ignoring_case(text.substr(0, start.size()), start);
}

fault ambiguous(const std::vector<const named_thing*>& fitting, std::string_view wanted) {
  fault told{"name.ambiguous",
             "\"" + std::string(wanted) + "\" fits " + std::to_string(fitting.size()) + ":",
             "Give the whole name, or the id.", 409};
  for (std::size_t at = 0; at < fitting.size() && at < most_told; ++at)
    told.text += (at == 0 ? " " : ", ") + fitting[at]->name + " (" + fitting[at]->id + ")";
  told.text += fitting.size() > most_told ? ", …" : ".";
  return told;
}

fault unknown(std::string_view kind, std::string_view wanted) {
  const char* words = "device";
  const char* remedy = "troupe device list BOX shows the devices of a box.";
  if (kind == "box") {
    words = "box";
    remedy = "troupe box list shows all boxes.";
  } else if (kind == "point_of_sale") {
    words = "point of sale";
    remedy = "troupe point-of-sale list shows all of them.";
  }
  return {std::string(kind) + ".unknown",
          "There is no " + std::string(words) + " \"" + std::string(wanted) + "\".", remedy, 404};
}

} // namespace

result<named_thing> find_named(const std::vector<named_thing>& all, std::string_view wanted,
                               std::string_view kind) {
  const test tests[] = {
      [&](const named_thing& each) { return each.id == wanted; },
      [&](const named_thing& each) { return each.name == wanted; },
      [&](const named_thing& each) { return transport::equal_ignoring_case(each.name, wanted); },
      [&](const named_thing& each) {
        return starts_like(each.id, wanted) || starts_like(each.name, wanted);
      }};
  for (const auto& fits : tests) {
    std::vector<const named_thing*> fitting;
    for (const auto& each : all)
      if (!wanted.empty() && fits(each)) fitting.push_back(&each);
    if (fitting.size() == 1) return *fitting.front();
    if (fitting.size() > 1) return ambiguous(fitting, wanted);
  }
  return unknown(kind, wanted);
}

} // namespace troupe::apps
