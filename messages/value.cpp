#include "messages/value.hpp"

namespace troupe {

const value& value::operator[](std::string_view name) const {
  static const value null;
  const auto* members = as_object();
  if (members == nullptr) return null;
  const auto found = members->find(name);
  return found == members->end() ? null : found->second;
}

std::string value::text_or(std::string_view name, std::string_view otherwise) const {
  const auto* text = (*this)[name].as_text();
  return text != nullptr ? *text : std::string(otherwise);
}

} // namespace troupe
