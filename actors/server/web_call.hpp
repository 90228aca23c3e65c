#pragma once

#include "actors/server/access.hpp"
#include "actors/server/people.hpp"
#include "actors/server/web_routes.hpp"
#include "actors/web/call.hpp"
#include "actors/web/request.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// One request on its way through the server.
namespace troupe::server {

/// Who sends a request, as far as it shows.
struct caller {
  std::optional<grant> granted;
  bool by_cookie = false; ///< then each change needs the CSRF token
  bool may(role wanted) const { return granted && granted->may >= wanted; }
};
/// A bearer token counts before a cookie; a cookie counts only from the server's own pages.
caller who_is(const transport::http_request& request, const access_book& known, time_point now);

/// A call of the server: knows its route and who sent it.
class call final : public web::call {
public:
  call(transport::http_exchange exchange, const route& which, std::vector<std::string> parameters,
       caller who, std::shared_ptr<web::request_metrics> metrics);
  ~call() override;

  const route& which() const { return route_; }
  const caller& who() const { return who_; }
  /// For the audit.
  changer by() const;
  std::string person() const { return who_.granted ? who_.granted->shown_as : std::string(); }

  void answer(transport::http_response response) override;
  void refuse(const fault& problem) override;
  /// 429 with `Retry-After`.
  void refuse_for(const fault& problem, std::chrono::seconds wait);

private:
  std::string caller_name() const override;

  const route& route_;
  caller who_;
  std::string address_;
};

} // namespace troupe::server
