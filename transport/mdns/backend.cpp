#include "transport/mdns/backend.hpp"

#include "transport/mdns/avahi_calls.hpp"

#include <avahi-common/error.h>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace troupe::transport::mdns {
namespace {

/// The longest label of DNS (RFC 1035 section 2.3.4).
constexpr std::size_t longest_name = 63;
/// Names tried one after the other when somebody has them.
constexpr int most_names = 100;
/// Findings followed at a time; further ones are left out.
constexpr std::size_t most_findings = 1000;

/// Cut where a character of UTF-8 begins.
std::string label_of(std::string name) {
  if (name.size() <= longest_name) return name;
  auto end = longest_name;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
    --end;
  name.resize(end);
  return name;
}

struct string_list {
  explicit string_list(const std::vector<std::string>& texts) {
    for (auto each = texts.rbegin(); each != texts.rend(); ++each) // the library adds in front
      list = avahi_string_list_add(list, each->c_str());
  }
  ~string_list() { avahi_string_list_free(list); }
  string_list(const string_list&) = delete;
  string_list& operator=(const string_list&) = delete;
  AvahiStringList* list = nullptr;
};

std::vector<std::string> texts_of(AvahiStringList* list) {
  std::vector<std::string> texts;
  for (; list != nullptr; list = avahi_string_list_get_next(list))
    texts.emplace_back(reinterpret_cast<const char*>(avahi_string_list_get_text(list)),
                       avahi_string_list_get_size(list));
  return texts;
}

std::string address_text(const AvahiAddress& address, AvahiIfIndex interface) {
  char text[AVAHI_ADDRESS_STR_MAX];
  avahi_address_snprint(text, sizeof text, &address);
  std::string out(text);
  char name[IF_NAMESIZE];
  if (out.starts_with("fe80:") && if_indextoname(static_cast<unsigned>(interface), name) != nullptr)
    out.append("%").append(name);
  return out;
}

template <class Calls>
class avahi_backend final : public backend {
public:
  avahi_backend(avahi_thread& thread, responder_options options, backend_events events)
      : thread_(thread), options_(std::move(options)), events_(std::move(events)) {
    std::string problem = std::string(Calls::name) + " is not installed.";
    if (Calls::library().file) {
      int error = 0;
      host_ = Calls::open(thread.poll(), options_, this, &error);
      problem = avahi_strerror(error);
    }
    if (host_ == nullptr) later([this, problem] { events_.state(backend_state::ended, problem); });
  }
  ~avahi_backend() override {
    alive_.reset();
    drop_group();
    drop_browsers();
    if (host_ != nullptr) Calls::close(host_);
  }

  void advertise(const advertisement& what) override {
    const bool same_shape = group_ != nullptr && told_.established && has_shape_of(what);
    wished_ = what;
    if (same_shape && update_texts()) return;
    name_ = label_of(wished_.name);
    publish();
  }
  void browse(const std::string& type) override {
    type_ = type;
    if (running_) start_browsing();
  }

  // Avahi's callbacks. What they say is heeded a moment later: they come from within its calls, and
  // it does not bear that the very thing it tells of is freed meanwhile.

  void state_changed(typename Calls::host*, int state) {
    later([this, state] { heed_state(state); });
  }
  void group_changed(AvahiEntryGroupState state) {
    later([this, state, of = groups_] {
      if (of == groups_) heed_group(state);
    });
  }
  template <class Browser>
  static void on_browse(Browser*, AvahiIfIndex interface, AvahiProtocol protocol,
                        AvahiBrowserEvent event, const char* name, const char* type,
                        const char* domain, AvahiLookupResultFlags, void* to) {
    auto& self = *static_cast<avahi_backend*>(to);
    if (event == AVAHI_BROWSER_NEW)
      self.appeared(interface, protocol, name, type, domain);
    else if (event == AVAHI_BROWSER_REMOVE)
      self.disappeared(key_of(interface, protocol, name));
  }
  template <class Resolver>
  static void on_resolve(Resolver*, AvahiIfIndex interface, AvahiProtocol protocol,
                         AvahiResolverEvent event, const char* name, const char*, const char*,
                         const char*, const AvahiAddress* address, std::uint16_t port,
                         AvahiStringList* txt, AvahiLookupResultFlags, void* to) {
    auto& self = *static_cast<avahi_backend*>(to);
    if (event != AVAHI_RESOLVER_FOUND || address == nullptr) return;
    self.events_.found({key_of(interface, protocol, name), name, address_text(*address, interface),
                        address->proto == AVAHI_PROTO_INET6, port, texts_of(txt)});
  }

private:
  void later(std::function<void()> work) {
    thread_.run([weak = std::weak_ptr(alive_), work = std::move(work)] {
      if (!weak.expired()) work();
    });
  }
  void heed_state(int state) {
    running_ = state == AVAHI_SERVER_RUNNING;
    switch (state) {
    case AVAHI_SERVER_RUNNING:
      publish();
      start_browsing();
      return events_.state(backend_state::running, {});
    case AVAHI_SERVER_COLLISION:
      drop_group();
      return Calls::take_other_host_name(host_);
    case AVAHI_SERVER_FAILURE:
    case AVAHI_CLIENT_FAILURE:
      return events_.state(backend_state::ended, avahi_strerror(Calls::error_of(host_)));
    case AVAHI_CLIENT_CONNECTING:
      return events_.state(backend_state::waiting, "Avahi's daemon does not run.");
    default: // it is getting its host name: what is offered comes after that
      drop_group();
    }
  }
  void heed_group(AvahiEntryGroupState state) {
    if (group_ == nullptr) return;
    if (state == AVAHI_ENTRY_GROUP_ESTABLISHED) return tell(true, {});
    if (state == AVAHI_ENTRY_GROUP_COLLISION) return take_other_name();
    if (state == AVAHI_ENTRY_GROUP_FAILURE) tell(false, avahi_strerror(Calls::error_of(host_)));
  }
  static std::string key_of(AvahiIfIndex interface, AvahiProtocol protocol, const char* name) {
    return std::to_string(interface) + "/" + std::to_string(protocol) + "/" + name;
  }

  void publish() {
    if (!running_ || wished_.services.empty()) return;
    drop_group();
    group_ = Calls::make_group(host_, this);
    if (group_ == nullptr) return tell(false, avahi_strerror(Calls::error_of(host_)));
    for (int tried = 0; tried < most_names; ++tried) {
      const int error = add_all();
      if (error == 0) {
        if (const int refused = Calls::commit(group_); refused != 0)
          tell(false, avahi_strerror(refused));
        return;
      }
      if (error != AVAHI_ERR_COLLISION) return tell(false, avahi_strerror(error));
      other_name(); // another program of this machine has it
      drop_group();
      group_ = Calls::make_group(host_, this);
      if (group_ == nullptr) return;
    }
  }
  int add_all() {
    const auto places = Calls::places(options_);
    if (places.empty()) return AVAHI_ERR_INVALID_INTERFACE;
    for (const auto place : places)
      for (const auto& each : wished_.services) {
        const string_list txt(each.txt);
        if (const int error = Calls::add(host_, group_, place, name_, each, txt.list); error != 0)
          return error;
      }
    return 0;
  }
  bool update_texts() {
    for (const auto place : Calls::places(options_))
      for (const auto& each : wished_.services) {
        const string_list txt(each.txt);
        if (Calls::update(host_, group_, place, name_, each, txt.list) != 0) return false;
      }
    return true;
  }
  bool has_shape_of(const advertisement& other) const {
    if (other.name != wished_.name || other.services.size() != wished_.services.size())
      return false;
    for (std::size_t at = 0; at < other.services.size(); ++at)
      if (other.services[at].type != wished_.services[at].type ||
          other.services[at].port != wished_.services[at].port)
        return false;
    return true;
  }
  void other_name() {
    char* other = avahi_alternative_service_name(name_.c_str());
    name_ = label_of(other);
    avahi_free(other);
  }
  void take_other_name() {
    other_name();
    publish();
  }
  void tell(bool established, std::string problem) {
    told_ = {established, Calls::by_daemon, name_, std::move(problem)};
    events_.advertised_(told_);
  }
  void drop_group() {
    told_ = {};
    ++groups_;
    if (auto* gone = std::exchange(group_, nullptr)) Calls::free_group(gone);
  }

  void start_browsing() {
    if (type_.empty()) return;
    drop_browsers();
    for (const auto place : Calls::places(options_))
      if (auto* made = Calls::browse(host_, place, type_.c_str(), this)) browsers_.push_back(made);
  }
  void appeared(AvahiIfIndex interface, AvahiProtocol protocol, const char* name, const char* type,
                const char* domain) {
    if (resolvers_.size() >= most_findings) return;
    auto key = key_of(interface, protocol, name);
    if (resolvers_.count(key) != 0) return;
    auto* made = Calls::resolve(host_, interface, protocol, name, type, domain, this);
    if (made != nullptr) resolvers_.emplace(std::move(key), made);
  }
  void disappeared(const std::string& key) {
    const auto found = resolvers_.find(key);
    if (found == resolvers_.end()) return;
    Calls::free_resolver(found->second);
    resolvers_.erase(found);
    events_.gone(key);
  }
  void drop_browsers() {
    for (const auto& [key, each] : resolvers_) {
      Calls::free_resolver(each);
      events_.gone(key);
    }
    resolvers_.clear();
    for (auto* each : browsers_)
      Calls::free_browser(each);
    browsers_.clear();
  }

  avahi_thread& thread_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  responder_options options_;
  backend_events events_;
  typename Calls::host* host_ = nullptr;
  typename Calls::group* group_ = nullptr;
  std::uint64_t groups_ = 0; ///< how many there were: what an old one says counts no more
  std::vector<typename Calls::browser*> browsers_;
  std::map<std::string, typename Calls::resolver*> resolvers_;
  bool running_ = false;
  advertisement wished_;
  std::string name_; ///< as offered now
  advertised told_;
  std::string type_;
};

} // namespace

std::unique_ptr<backend> make_daemon_backend(avahi_thread& thread, const responder_options& options,
                                             backend_events events) {
  return std::make_unique<avahi_backend<daemon_calls>>(thread, options, std::move(events));
}

std::unique_ptr<backend> make_own_backend(avahi_thread& thread, const responder_options& options,
                                          backend_events events) {
  return std::make_unique<avahi_backend<own_calls>>(thread, options, std::move(events));
}

} // namespace troupe::transport::mdns
