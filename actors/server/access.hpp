#pragma once

#include "messages/time.hpp"
#include "store/people.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// Who may come in, as a picture that does not change: made anew by `people` at each change and
/// read by the web at each request. Pure.
namespace troupe::server {

using store::role;

inline constexpr std::chrono::hours session_lifetime{14 * 24};

/// What a shown secret is good for.
struct grant {
  std::string digest; ///< of the secret
  std::string person; ///< id
  std::string name;   ///< the person's
  role may = role::viewer;
  std::string token;    ///< id of the key for programs; empty: a session
  time_point expires{}; ///< sessions only
  time_point created{};
  /// "Ada", or "Ada (key backup)": for the history.
  std::string shown_as;
};

class access_book {
public:
  access_book() = default;
  explicit access_book(store::everybody all);

  /// What a secret gives at that time; null: nothing.
  const grant* find(std::string_view secret, time_point now) const;
  /// The same by its digest: whether it still holds.
  const grant* find_digest(std::string_view digest, time_point now) const;
  const store::everybody& all() const { return all_; }
  const store::person* person_by_id(std::string_view id) const;
  /// Without regard to ASCII case.
  const store::person* person_by_name(std::string_view name) const;
  bool set_up() const { return !all_.people.empty(); }

private:
  store::everybody all_;
  std::map<std::string, grant, std::less<>> grants_;
};
using access_ptr = std::shared_ptr<const access_book>;

/// What a page of a session must send with each change, since no page of another site can know it.
std::string csrf_of(std::string_view session_digest);

} // namespace troupe::server
