#pragma once

#include <array>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// A message lists its fields once; codecs, schemas and the log form are made from that list.
///
///     struct paper_cut {
///       std::uint32_t rows = 0;
///       static constexpr auto fields = describe<paper_cut>("paper_cut", field("rows",
///       &paper_cut::rows));
///     };
namespace troupe {

enum class field_kind : bool { open, secret };

template <class Owner, class Member>
struct described_field {
  std::string_view name;
  Member Owner::*member;
  field_kind
      kind; ///< secret fields are shown as "***" in logs, and nowhere else treated differently
};

template <class Owner, class Member>
constexpr described_field<Owner, Member> field(std::string_view name, Member Owner::*member) {
  return {name, member, field_kind::open};
}
template <class Owner, class Member>
constexpr described_field<Owner, Member> secret_field(std::string_view name,
                                                      Member Owner::*member) {
  return {name, member, field_kind::secret};
}

template <class... Fields>
struct description {
  std::string_view name; ///< stands on the wire where kinds must be told apart
  std::tuple<Fields...> fields;
};

template <class Owner, class... Fields>
constexpr description<Fields...> describe(std::string_view name, Fields... fields) {
  return {name, std::tuple(fields...)};
}

template <class T>
concept described = requires {
  T::fields.name;
};

/// Calls `visit(field)` for each field of T, in the order of its list.
template <described T, class Visitor>
constexpr void for_each_field(Visitor&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, T::fields.fields);
}

template <class Enum>
struct enum_name {
  Enum value;
  std::string_view name;
};
template <class Enum>
enum_name(Enum, std::string_view) -> enum_name<Enum>; // clang before 17 needs to be told

/// An enum is named by a function `constexpr auto names_of(Enum)` beside it that gives an array of
/// `enum_name`; on the wire it is its name.
template <class Enum>
concept named_enum = std::is_enum_v<Enum> && requires(Enum value) {
  names_of(value).size();
};

/// The name of a value; empty for a value outside the list.
template <named_enum Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& each : names_of(value))
    if (each.value == value) return each.name;
  return {};
}

/// Finds a value by name; false and `out` untouched when there is none.
template <named_enum Enum>
constexpr bool from_name(std::string_view name, Enum& out) {
  for (const auto& each : names_of(Enum{}))
    if (each.name == name) {
      out = each.value;
      return true;
    }
  return false;
}

} // namespace troupe
