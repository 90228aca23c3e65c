#include "apps/configuration.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <set>
#include <sstream>
#include <toml++/toml.h>

namespace troupe::apps {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ')
      part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ')
      part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string_view type_name(key_type type) {
  switch (type) {
  case key_type::text:
  case key_type::secret:
    return "a text";
  case key_type::integer:
    return "a whole number";
  case key_type::boolean:
    return "true or false";
  case key_type::text_list:
    return "a list of texts";
  }
  return "";
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

std::string as_toml(const key& of, const std::vector<std::string>& texts) {
  if (of.type == key_type::secret) return texts.front().empty() ? "\"\"" : "\"(hidden)\"";
  if (of.type == key_type::text) return quoted(texts.front());
  if (of.type != key_type::text_list) return texts.front();
  std::string out = "[";
  for (const auto& each : texts)
    out += (out.size() > 1 ? ", " : "") + quoted(each);
  return out + "]";
}

/// The value of a TOML node as texts; false when it is of another type.
bool texts_of(const toml::node& node, key_type type, std::vector<std::string>& out) {
  if (type == key_type::text_list) {
    const auto* array = node.as_array();
    if (array == nullptr) return false;
    for (const auto& each : *array) {
      if (!each.is_string()) return false;
      out.push_back(**each.as_string());
    }
    return true;
  }
  if ((type == key_type::text || type == key_type::secret) && node.is_string())
    out.push_back(**node.as_string());
  else if (type == key_type::integer && node.is_integer())
    out.push_back(std::to_string(**node.as_integer()));
  else if (type == key_type::boolean && node.is_boolean())
    out.push_back(**node.as_boolean() ? "true" : "false");
  else
    return false;
  return true;
}

} // namespace

configuration::configuration(std::vector<key> keys, std::string prefix)
    : keys_(std::move(keys)), prefix_(std::move(prefix)) {
  for (const auto& each : keys_) {
    auto texts = each.type == key_type::text_list ? split(each.initial)
                                                  : std::vector{std::string(each.initial)};
    values_[std::string(each.name)] = {std::move(texts), "default"};
  }
}

const key* configuration::find(std::string_view name) const {
  const auto at =
      std::find_if(keys_.begin(), keys_.end(), [&](const key& each) { return each.name == name; });
  return at == keys_.end() ? nullptr : &*at;
}

std::string configuration::environment_name(const key& of) const {
  std::string name = prefix_ + "_";
  for (char c : of.name)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

result<bool> configuration::store(const key& of, std::vector<std::string> texts,
                                  std::string source) {
  if (of.type == key_type::integer) {
    std::int64_t number = 0;
    const auto& text = texts.front();
    const auto end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr != end || text.empty() ||
        number < of.lowest || number > of.highest)
      return fault{"config.invalid", source + ": " + std::string(of.name) +
                                         " must be a whole number from " +
                                         std::to_string(of.lowest) + " to " +
                                         std::to_string(of.highest) + ", not \"" + text + "\"."};
  }
  if (of.type == key_type::boolean && texts.front() != "true" && texts.front() != "false")
    return fault{"config.invalid", source + ": " + std::string(of.name) +
                                       " must be true or false, not \"" + texts.front() + "\"."};
  values_[std::string(of.name)] = {std::move(texts), std::move(source)};
  return true;
}

result<bool> configuration::read_file(const std::string& path) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return fault{line == 0 ? "config.unreadable" : "config.invalid",
                 path + (line == 0 ? "" : ":" + std::to_string(line)) + ": " +
                     std::string(error.description()) + "."};
  }
  std::string problems;
  const auto problem = [&](const toml::node& at, const std::string& text) {
    problems += (problems.empty() ? "" : "\n") + path + ":" +
                std::to_string(at.source().begin.line) + ": " + text;
  };
  const std::function<void(const toml::table&, const std::string&)> walk =
      [&](const toml::table& within, const std::string& prefix) {
        for (const auto& [name, node] : within) {
          const auto dotted = prefix + std::string(name.str());
          if (const auto* known = find(dotted)) {
            std::vector<std::string> texts;
            const auto where = path + ":" + std::to_string(node.source().begin.line);
            if (!texts_of(node, known->type, texts))
              problem(node, dotted + " must be " + std::string(type_name(known->type)) + ".");
            else if (auto stored = store(*known, std::move(texts), where); !stored)
              problems += (problems.empty() ? "" : "\n") + stored.error().text;
          } else if (node.is_table())
            walk(*node.as_table(), dotted + ".");
          else
            problem(node, "there is no setting \"" + dotted + "\".");
        }
      };
  walk(table, "");
  if (problems.empty()) return true;
  return fault{"config.invalid", problems, "\"config keys\" lists what there is."};
}

result<bool> configuration::read_environment() {
  for (const auto& each : keys_) {
    const auto name = environment_name(each);
    const char* found = std::getenv(name.c_str());
    if (found == nullptr) continue;
    auto texts = each.type == key_type::text_list ? split(found) : std::vector{std::string(found)};
    if (auto stored = store(each, std::move(texts), name); !stored) return stored;
  }
  return true;
}

result<bool> configuration::set(std::string_view name, std::string_view value) {
  return store(*find(name), {std::string(value)}, "option");
}

result<bool> configuration::add(std::string_view name, std::string_view value) {
  auto& present = values_.find(name)->second;
  if (present.source != "option") present = {{}, "option"};
  for (auto& each : split(value))
    present.texts.push_back(std::move(each));
  return true;
}

std::string configuration::text(std::string_view name) const {
  return values_.find(name)->second.texts.front();
}
std::int64_t configuration::integer(std::string_view name) const {
  return std::stoll(text(name));
}
bool configuration::boolean(std::string_view name) const {
  return text(name) == "true";
}
std::vector<std::string> configuration::list(std::string_view name) const {
  return values_.find(name)->second.texts;
}

std::string configuration::show() const {
  std::string out, section;
  // Keys without a dot come first, since TOML has no way back out of a section.
  for (const bool dotted : {false, true})
    for (const auto& each : keys_) {
      const auto dot = each.name.rfind('.');
      if ((dot != std::string_view::npos) != dotted) continue;
      if (dotted && each.name.substr(0, dot) != section) {
        section = each.name.substr(0, dot);
        out += "\n[" + section + "]\n";
      }
      const auto& present = values_.find(each.name)->second;
      out += std::string(dotted ? each.name.substr(dot + 1) : each.name) + " = " +
             as_toml(each, present.texts) + "  # " + present.source + "\n";
    }
  return out;
}

std::string configuration::describe() const {
  std::string out;
  for (const auto& each : keys_)
    out += std::string(each.name) + "\n    " + std::string(each.help) +
           "\n    default: " + (each.initial.empty() ? "none" : std::string(each.initial)) +
           ", environment: " + environment_name(each) + "\n";
  return out;
}

} // namespace troupe::apps
