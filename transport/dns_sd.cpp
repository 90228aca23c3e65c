#include "transport/dns_sd.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <resolv.h>
#include <utility>

namespace troupe::transport {
namespace {

/// The longest answer of DNS over TCP.
constexpr std::size_t longest_answer = 65'535;
/// For each name server, twice.
constexpr int patience_s = 2;
constexpr int tries = 2;

class resolver {
public:
  resolver() {
    ready_ = res_ninit(&state_) == 0;
    state_.retrans = patience_s;
    state_.retry = tries;
  }
  ~resolver() {
    if (ready_) res_nclose(&state_);
  }
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  enum class outcome : std::uint8_t { answered, nothing, failed };
  /// Calls `each` with every record of the type in the answer.
  template <class Each>
  outcome ask(const std::string& name, int type, Each each) {
    if (!ready_) return outcome::failed;
    const int size = res_nquery(&state_, name.c_str(), ns_c_in, type, answer_.data(),
                                static_cast<int>(answer_.size()));
    if (size < 0)
      return state_.res_h_errno == HOST_NOT_FOUND || state_.res_h_errno == NO_DATA
                 ? outcome::nothing
                 : outcome::failed;
    ns_msg message;
    if (ns_initparse(answer_.data(), std::min(size, static_cast<int>(answer_.size())), &message) !=
        0)
      return outcome::failed;
    for (int at = 0; at < ns_msg_count(message, ns_s_an); ++at) {
      ns_rr record;
      if (ns_parserr(&message, ns_s_an, at, &record) == 0 && ns_rr_type(record) == type)
        each(message, record);
    }
    return outcome::answered;
  }

private:
  struct __res_state state_ {};
  bool ready_ = false;
  std::vector<unsigned char> answer_ = std::vector<unsigned char>(longest_answer);
};

/// A name inside a record; `from` is where it begins. Escaped as in files of zones.
std::string name_in(const ns_msg& message, const unsigned char* from) {
  char text[NS_MAXDNAME];
  if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), from, text, sizeof text) < 0)
    return {};
  return text;
}

/// The first label of an instance's name, without the escapes.
std::string label_of(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size() && name[at] != '.'; ++at) {
    if (name[at] != '\\' || at + 1 == name.size()) {
      out += name[at];
      continue;
    }
    const auto digits = name.substr(at + 1, 3);
    if (digits.size() == 3 && digits.find_first_not_of("0123456789") == std::string::npos) {
      out += static_cast<char>(std::stoi(digits));
      at += 3;
    } else {
      out += name[++at];
    }
  }
  return out;
}

std::vector<std::string> texts_in(const ns_rr& record) {
  std::vector<std::string> texts;
  const auto* at = ns_rr_rdata(record);
  const auto* end = at + ns_rr_rdlen(record);
  while (at < end) {
    const std::size_t size = *at++;
    if (size > static_cast<std::size_t>(end - at)) break;
    texts.emplace_back(reinterpret_cast<const char*>(at), size);
    at += size;
  }
  return texts;
}

/// The first address; empty: the name has none.
std::string address_of(resolver& dns, const std::string& host) {
  char text[INET6_ADDRSTRLEN] = "";
  const auto take = [&](int family, std::size_t size) {
    return [&text, family, size](const ns_msg&, const ns_rr& record) {
      if (text[0] == '\0' && ns_rr_rdlen(record) == size)
        inet_ntop(family, ns_rr_rdata(record), text, sizeof text);
    };
  };
  dns.ask(host, ns_t_a, take(AF_INET, NS_INADDRSZ));
  if (text[0] == '\0') dns.ask(host, ns_t_aaaa, take(AF_INET6, NS_IN6ADDRSZ));
  return text;
}

std::optional<dns_service> look_up(resolver& dns, const std::string& instance) {
  dns_service service;
  service.name = label_of(instance);
  std::string host;
  dns.ask(instance, ns_t_srv, [&](const ns_msg& message, const ns_rr& record) {
    constexpr int fixed = 6; // priority, weight and port (RFC 2782)
    if (!host.empty() || ns_rr_rdlen(record) <= fixed) return;
    service.port = static_cast<std::uint16_t>(ns_get16(ns_rr_rdata(record) + 4));
    host = name_in(message, ns_rr_rdata(record) + fixed);
  });
  if (host.empty() || service.port == 0) return std::nullopt;
  dns.ask(instance, ns_t_txt, [&](const ns_msg&, const ns_rr& record) {
    if (service.txt.empty()) service.txt = texts_in(record);
  });
  service.address = address_of(dns, host);
  if (service.address.empty()) return std::nullopt;
  return service;
}

bool is_domain(const std::string& text) {
  constexpr std::size_t longest = 200;
  return !text.empty() && text.size() <= longest && res_hnok(text.c_str()) == 1;
}

} // namespace

result<std::vector<dns_service>> find_dns_services(const std::string& type,
                                                   const std::string& domain) {
  if (!is_domain(domain))
    return fault{"discovery.domain", "\"" + domain.substr(0, 100) + "\" is no name of a domain.",
                 "Write it like boxes.example.org.", 422};
  const auto dns = std::make_unique<resolver>();
  std::vector<std::string> instances;
  const auto outcome =
      dns->ask(type + "." + domain, ns_t_ptr, [&](const ns_msg& message, const ns_rr& record) {
        if (instances.size() < dns_services_bound)
          instances.push_back(name_in(message, ns_rr_rdata(record)));
      });
  if (outcome == resolver::outcome::failed)
    return fault{"discovery.dns", "No name server answers for " + domain + ".",
                 "Look at this machine's name servers, and try again.", 502};
  std::vector<dns_service> found;
  for (const auto& each : instances)
    if (auto service = look_up(*dns, each)) found.push_back(*std::move(service));
  return found;
}

} // namespace troupe::transport
