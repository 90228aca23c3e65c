#pragma once

#include "messages/bytes.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// One way to speak to SQLite and PostgreSQL. The SQL is written once, in what both understand:
///  - parameters are `?` in order, or `?1`, `?2` … by number;
///  - truth values are integers, times are microseconds since 1970, sums are cast to BIGINT;
///  - a new row's number comes back by `RETURNING number`;
///  - `ON CONFLICT (…) DO UPDATE SET x = excluded.x` replaces.
/// In migrations (`run_script`) also: NUMBER_KEY (a primary key that counts up by itself), ROW_KEY
/// (an integer primary key that we number), BYTEA, and TEXT, which compares byte by byte.
namespace troupe::store {

/// What is bound to a `?`. Views must live until the call returns.
class sql_parameter {
public:
  using content_type = std::variant<std::nullptr_t, std::int64_t, std::string_view, byte_span>;

  sql_parameter(std::nullptr_t) {}
  template <std::integral Number>
  sql_parameter(Number number) : content_(static_cast<std::int64_t>(number)) {}
  sql_parameter(std::string_view text) : content_(text) {}
  sql_parameter(const std::string& text) : content_(std::string_view(text)) {}
  sql_parameter(const char* text) : content_(std::string_view(text)) {}
  sql_parameter(byte_span bytes) : content_(bytes) {}
  sql_parameter(const byte_vector& bytes) : content_(byte_span(bytes)) {}
  sql_parameter(const shared_bytes& bytes) : content_(bytes.view()) {}
  sql_parameter(time_point at)
      : content_(static_cast<std::int64_t>(at.time_since_epoch().count())) {}
  template <class Kind>
  sql_parameter(const identifier<Kind>& id) : content_(std::string_view(id.text)) {}

  const content_type& content() const { return content_; }

private:
  content_type content_{nullptr};
};

using sql_value = std::variant<std::nullptr_t, std::int64_t, std::string>; ///< bytes as string

/// A row of an answer; columns count from 0. NULL (and what is of another type) reads as 0 or
/// empty. Lives as long as its `sql_rows`.
class sql_row {
public:
  explicit sql_row(std::span<const sql_value> values) : values_(values) {}
  std::int64_t integer(std::size_t column) const {
    const auto* found = std::get_if<std::int64_t>(&values_[column]);
    return found ? *found : 0;
  }
  std::uint64_t number(std::size_t column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  bool flag(std::size_t column) const { return integer(column) != 0; }
  const std::string& text(std::size_t column) const {
    static const std::string nothing;
    const auto* found = std::get_if<std::string>(&values_[column]);
    return found ? *found : nothing;
  }
  byte_span bytes(std::size_t column) const { return as_bytes(text(column)); }
  time_point time(std::size_t column) const {
    return time_point(std::chrono::microseconds(integer(column)));
  }
  bool is_null(std::size_t column) const {
    return std::holds_alternative<std::nullptr_t>(values_[column]);
  }

private:
  std::span<const sql_value> values_;
};

/// The whole answer to a statement.
class sql_rows {
public:
  sql_rows() = default;
  sql_rows(std::size_t columns, std::vector<sql_value> values)
      : columns_(columns), values_(std::move(values)) {}

  std::size_t size() const { return columns_ == 0 ? 0 : values_.size() / columns_; }
  bool empty() const { return values_.empty(); }
  sql_row operator[](std::size_t row) const {
    return sql_row(std::span(values_).subspan(row * columns_, columns_));
  }

  class iterator {
  public:
    iterator(const sql_rows* rows, std::size_t at) : rows_(rows), at_(at) {}
    sql_row operator*() const { return (*rows_)[at_]; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const iterator&) const = default;

  private:
    const sql_rows* rows_;
    std::size_t at_;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, size()}; }

private:
  std::size_t columns_ = 0;
  std::vector<sql_value> values_;
};

/// A connection to one database, for one thread. Faults: store.disk_full, store.corrupt,
/// store.locked, store.no_permission, store.io, store.moved (503: the file is not where it was),
/// store.unreachable (503), store.conflict (409: a unique value is taken, a reference is missing),
/// store.bad_text (422: no UTF-8, or a NUL in it).
class sql_connection {
public:
  virtual ~sql_connection() = default;
  sql_connection(const sql_connection&) = delete;
  sql_connection& operator=(const sql_connection&) = delete;

  /// Runs one statement (prepared once, then kept) and gives its rows.
  template <class... Parameters>
  result<sql_rows> ask(std::string_view statement, const Parameters&... parameters) {
    const std::initializer_list<sql_parameter> list{sql_parameter(parameters)...};
    return ask_with(statement, {list.begin(), list.size()});
  }
  /// Runs one statement for what it does.
  template <class... Parameters>
  [[nodiscard]] std::optional<fault> run(std::string_view statement,
                                         const Parameters&... parameters) {
    auto rows = ask(statement, parameters...);
    if (rows) return std::nullopt;
    return std::move(rows.error());
  }
  virtual result<sql_rows> ask_with(std::string_view statement,
                                    std::span<const sql_parameter> parameters) = 0;
  /// The rows that the last statement changed.
  virtual std::int64_t changes() const = 0;
  /// Runs statements without parameters, with the words for migrations.
  [[nodiscard]] virtual std::optional<fault> run_script(std::string_view statements) = 0;

  [[nodiscard]] std::optional<fault> begin() { return run("BEGIN"); }
  [[nodiscard]] virtual std::optional<fault> commit() { return run("COMMIT"); }
  void rollback();
  /// One level of savepoints inside a transaction.
  [[nodiscard]] std::optional<fault> save() { return run("SAVEPOINT one"); }
  [[nodiscard]] std::optional<fault> release() { return run("RELEASE SAVEPOINT one"); }
  [[nodiscard]] std::optional<fault> undo();
  /// False also when the database ended the transaction by itself.
  virtual bool in_transaction() const = 0;

  /// Why nothing could be written now, as far as it can be told without writing.
  virtual std::optional<fault> trouble() = 0;
  /// Whether the database can be spoken to; false after it went away.
  virtual bool connected() const = 0;
  /// Tries once to come back.
  [[nodiscard]] virtual std::optional<fault> reconnect() = 0;
  /// Work that is best done now and then (SQLite: its log into the file).
  [[nodiscard]] virtual std::optional<fault> tidy() = 0;
  /// "SQLite" or "PostgreSQL", and which, without any password.
  virtual std::string describe() const = 0;
  virtual std::uint64_t bytes() = 0; ///< of the database, as far as it can be told

protected:
  sql_connection() = default;
};

/// Opens "sqlite:FILE" (made when it is not there) or "postgresql://…". Faults also:
/// store.bad_url (422), store.locked (another server uses this database).
result<std::unique_ptr<sql_connection>> open_sql(const std::string& url);

/// Implementations of the two; see `open_sql`.
result<std::unique_ptr<sql_connection>> open_sqlite(const std::string& file);
result<std::unique_ptr<sql_connection>> open_postgres(const std::string& url);

/// A statement with `?` and `?1` as PostgreSQL writes it; quoted text stays as it is. Pure.
std::string numbered_parameters(std::string_view statement);
/// Replaces whole words outside of quotes. Pure.
std::string
replace_words(std::string_view text,
              std::initializer_list<std::pair<std::string_view, std::string_view>> replacements);

} // namespace troupe::store
