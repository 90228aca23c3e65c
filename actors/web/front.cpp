#include "actors/web/front.hpp"

#include "transport/cors.hpp"

#include <unistd.h>

namespace troupe::web {

void host_book::set(std::vector<std::string> names) {
  names_ = std::move(names);
  last_good_.clear();
}

bool host_book::knows(std::string_view host) {
  if (!last_good_.empty() && host == last_good_) return true;
  if (!transport::host_check(host, names_)) return false;
  last_good_ = host;
  return true;
}

std::vector<std::string> machine_names() {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  char text[256] = {};
  const std::string machine = ::gethostname(text, sizeof text - 1) == 0 ? text : "";
  if (machine.empty()) return names;
  names.push_back(machine);
  if (machine.find('.') == std::string::npos) names.push_back(machine + ".local");
  return names;
}

transport::http_response wrong_host(std::string_view whose) {
  return transport::problem(
      {"request.wrong_host",
       "This " + std::string(whose) + " is not called by the name in the address.",
       "Use its IP address, or add the name to host_names in its configuration.", 421});
}

transport::http_response no_route(const transport::http_request& request,
                                  const std::string& allow) {
  if (allow.empty())
    return transport::problem({"request.no_such_route", "There is nothing here.",
                               "/openapi.json lists what there is.", 404});
  auto response =
      request.method == transport::http_method::options
          ? transport::no_content()
          : transport::problem(
                {"request.wrong_method", "This address takes " + allow + ".",
                 "A GET never changes anything here: send the request with one of these methods.",
                 405});
  response.header("Allow", allow);
  return response;
}

} // namespace troupe::web
