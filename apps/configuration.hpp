#pragma once

#include "messages/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Configuration of a program: one list of keys, each of which may stand in the file `troupe.toml`,
/// in the environment and, for the common ones, among the options. Options win over the
/// environment, that over the file, that over the default.
namespace troupe::apps {

/// A secret is a text that `show` hides.
enum class key_type : std::uint8_t { text, integer, boolean, text_list, secret };

struct key {
  std::string_view name; ///< dotted: "http.port"
  key_type type;
  std::string_view initial; ///< as written in TOML
  std::string_view help;
  std::int64_t lowest = 0; ///< of an integer
  std::int64_t highest = 0;
};

class configuration {
public:
  /// `prefix` stands before the environment's names: "TROUPE_BOX" makes TROUPE_BOX_HTTP_PORT.
  configuration(std::vector<key> keys, std::string prefix);

  /// Reads a TOML file; every unknown key and wrong value is a fault that names file and line, all
  /// of them at once. Fault "config.unreadable" or "config.invalid".
  result<bool> read_file(const std::string& path);
  /// Takes over what the environment says. Lists are separated by commas.
  result<bool> read_environment();
  /// One value as text, from an option.
  result<bool> set(std::string_view name, std::string_view value);
  /// Adds to a list, from a repeatable option. The first one of a source replaces what was there.
  result<bool> add(std::string_view name, std::string_view value);

  std::string text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;

  /// The configuration in force, as TOML with the source of each value as a comment.
  std::string show() const;
  /// Every key with its default, its environment name and its meaning, for `--help` and the docs.
  std::string describe() const;

private:
  struct value {
    std::vector<std::string> texts; ///< one, or the list's
    std::string source;
  };
  const key* find(std::string_view name) const;
  std::string environment_name(const key& of) const;
  result<bool> store(const key& of, std::vector<std::string> texts, std::string source);

  std::vector<key> keys_;
  std::string prefix_;
  std::map<std::string, value, std::less<>> values_;
};

} // namespace troupe::apps
