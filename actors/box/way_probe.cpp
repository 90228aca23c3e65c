#include "actors/box/way_probe.hpp"

#include "actors/box/way_words.hpp"
#include "messages/identifiers.hpp"
#include "transport/http_client.hpp"
#include "transport/url.hpp"

#include <boost/asio/io_context.hpp>

#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

constexpr auto probe_patience = 5s;
/// A page of a portal may be long; what it says is of no interest.
constexpr std::size_t probe_bytes = 256 * 1024;

} // namespace

struct way_probe::implementation {
  transport::http_client client;
  std::function<void(fault)> explained;

  implementation(boost::asio::io_context& loop, transport::http_client_options options)
      : client(loop, std::move(options)) {}
  void say(fault why) {
    if (auto told = std::exchange(explained, nullptr)) told(std::move(why));
  }
};

bool way_probe::is_worth_it(const fault& why) {
  return why.code == "transport.tls" || why.code == "transport.tls_name" ||
         why.code == "transport.tls_date";
}

way_probe::way_probe(boost::asio::io_context& loop, const way_out& way,
                     const std::string& server_url, fault why,
                     std::function<void(fault)> explained) {
  transport::http_client_options options;
  options.connect.proxy = way.proxy();
  options.connect.tunnel = true;
  options.connect.verify = false; // only the time is read, and it is only told
  implementation_ = std::make_shared<implementation>(loop, std::move(options));
  implementation_->explained = std::move(explained);
  transport::url where;
  if (auto parsed = transport::parse_url(server_url)) where = *std::move(parsed);
  const bool about_time = why.code == "transport.tls_date";
  if (!about_time) { // portals take the plain port for everybody
    where.scheme = "http";
    where.port = 80;
  }
  transport::client_request request;
  request.url =
      where.origin() + std::string(server_announcement::path) + "?nonce=" + random_hex(16);
  request.redirects = 0;
  request.timeout = probe_patience;
  request.answer_bytes = probe_bytes;
  implementation_->client.send(
      std::move(request), [weak = std::weak_ptr(implementation_), where, why = std::move(why),
                           about_time, wall = way.wall](result<transport::client_response> answer) {
        const auto self = weak.lock();
        if (!self) return;
        if (about_time) {
          const auto theirs =
              answer ? date_of(answer->header("date")) : std::optional<time_point>();
          return self->say(date_fault(why, wall(), theirs));
        }
        if (answer)
          if (auto found = fault_of_answer(*answer, where);
              found && found->code == "link.captive_portal")
            return self->say(*std::move(found));
        self->say(why);
      });
}

way_probe::~way_probe() = default;

} // namespace troupe::box
