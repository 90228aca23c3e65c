#include "store/sql_connection.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::store {

namespace {

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The end of the quoted text that begins at `at`.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const auto end = text.find(text[at], at + 1);
  return end == std::string_view::npos ? text.size() : end + 1;
}

} // namespace

void sql_connection::rollback() {
  if (in_transaction()) static_cast<void>(run("ROLLBACK"));
}

std::optional<fault> sql_connection::undo() {
  if (auto problem = run("ROLLBACK TO SAVEPOINT one")) return problem;
  return release();
}

result<std::unique_ptr<sql_connection>> open_sql(const std::string& url) {
  constexpr std::string_view sqlite = "sqlite:";
  if (url.starts_with(sqlite) && url.size() > sqlite.size())
    return open_sqlite(url.substr(sqlite.size()));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return open_postgres(url);
  // The text is not shown: it may hold a password.
  return fault{"store.bad_url", "The address of the database is of no known kind.",
               "Write sqlite:FILE or postgresql://USER@HOST/DATABASE.", 422};
}

std::string numbered_parameters(std::string_view statement) {
  std::string out;
  out.reserve(statement.size() + 16);
  int count = 0;
  for (std::size_t at = 0; at < statement.size();) {
    const char c = statement[at];
    if (c == '\'' || c == '"') {
      const auto end = end_of_quoted(statement, at);
      out.append(statement.substr(at, end - at));
      at = end;
    } else if (c == '?') {
      out += '$';
      const auto digits = ++at;
      while (at < statement.size() && std::isdigit(static_cast<unsigned char>(statement[at])))
        ++at;
      out += at == digits ? std::to_string(++count)
                          : std::string(statement.substr(digits, at - digits));
    } else {
      out += c;
      ++at;
    }
  }
  return out;
}

std::string
replace_words(std::string_view text,
              std::initializer_list<std::pair<std::string_view, std::string_view>> replacements) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    auto end = at + 1;
    if (c == '\'' || c == '"') {
      end = end_of_quoted(text, at);
    } else if (in_word(c)) {
      while (end < text.size() && in_word(text[end]))
        ++end;
      const auto word = text.substr(at, end - at);
      const auto found = std::find_if(replacements.begin(), replacements.end(),
                                      [&](const auto& each) { return each.first == word; });
      if (found != replacements.end()) {
        out += found->second;
        at = end;
        continue;
      }
    }
    out.append(text.substr(at, end - at));
    at = end;
  }
  return out;
}

} // namespace troupe::store
