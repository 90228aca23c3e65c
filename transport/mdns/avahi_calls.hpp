#pragma once

#include "transport/mdns/avahi_libraries.hpp"
#include "transport/mdns/service.hpp"

#include <avahi-common/alternative.h>
#include <avahi-common/domain.h>
#include <avahi-common/malloc.h>
#include <net/if.h>
#include <string>
#include <vector>

/// Avahi's two libraries have the same calls under two sets of names: here they have one, so that
/// `backend.cpp` says once what is done with them. `User` has the callbacks as members.
namespace troupe::transport::mdns {

/// libavahi-client: asks the daemon, over D-Bus.
struct daemon_calls {
  using host = AvahiClient;
  using group = AvahiEntryGroup;
  using browser = AvahiServiceBrowser;
  using resolver = AvahiServiceResolver;
  static constexpr bool by_daemon = true;
  static constexpr const char* name = "libavahi-client3";
  static const client_library& library() { return client_library::get(); }

  /// Where services are offered and looked for. The daemon serves all interfaces it may; to leave
  /// some out, each of ours is named.
  static std::vector<AvahiIfIndex> places(const responder_options& options) {
    if (options.interfaces.empty()) return {AVAHI_IF_UNSPEC};
    std::vector<AvahiIfIndex> found;
    for (const auto& each : options.interfaces)
      if (const auto index = if_nametoindex(each.c_str()); index != 0)
        found.push_back(static_cast<AvahiIfIndex>(index));
    return found;
  }
  template <class User>
  static host* open(const AvahiPoll* poll, const responder_options&, User* user, int* error) {
    return library().avahi_client_new(
        poll, AVAHI_CLIENT_NO_FAIL,
        [](host* of, AvahiClientState state, void* to) {
          static_cast<User*>(to)->state_changed(of, static_cast<int>(state));
        },
        user, error);
  }
  static void close(host* which) { library().avahi_client_free(which); }
  static int error_of(host* which) { return library().avahi_client_errno(which); }
  static void take_other_host_name(host*) {} // the daemon does it
  template <class User>
  static group* make_group(host* of, User* user) {
    return library().avahi_entry_group_new(
        of,
        [](group*, AvahiEntryGroupState state, void* to) {
          static_cast<User*>(to)->group_changed(state);
        },
        user);
  }
  static void free_group(group* which) { library().avahi_entry_group_free(which); }
  static int add(host*, group* to, AvahiIfIndex place, const std::string& name,
                 const offered_service& what, AvahiStringList* txt) {
    return library().avahi_entry_group_add_service_strlst(to, place, AVAHI_PROTO_UNSPEC, {},
                                                          name.c_str(), what.type.c_str(), nullptr,
                                                          nullptr, what.port, txt);
  }
  static int update(host*, group* in, AvahiIfIndex place, const std::string& name,
                    const offered_service& what, AvahiStringList* txt) {
    return library().avahi_entry_group_update_service_txt_strlst(
        in, place, AVAHI_PROTO_UNSPEC, {}, name.c_str(), what.type.c_str(), nullptr, txt);
  }
  static int commit(group* which) { return library().avahi_entry_group_commit(which); }
  template <class User>
  static browser* browse(host* of, AvahiIfIndex place, const char* type, User* user) {
    return library().avahi_service_browser_new(of, place, AVAHI_PROTO_UNSPEC, type, nullptr, {},
                                               User::template on_browse<browser>, user);
  }
  static void free_browser(browser* which) { library().avahi_service_browser_free(which); }
  template <class User>
  static resolver* resolve(host* of, AvahiIfIndex place, AvahiProtocol protocol, const char* name,
                           const char* type, const char* domain, User* user) {
    return library().avahi_service_resolver_new(of, place, protocol, name, type, domain, protocol,
                                                {}, User::template on_resolve<resolver>, user);
  }
  static void free_resolver(resolver* which) { library().avahi_service_resolver_free(which); }
};

/// libavahi-core: the responder itself, in this process.
struct own_calls {
  using host = AvahiServer;
  using group = AvahiSEntryGroup;
  using browser = AvahiSServiceBrowser;
  using resolver = AvahiSServiceResolver;
  static constexpr bool by_daemon = false;
  static constexpr const char* name = "libavahi-core7";
  static const core_library& library() { return core_library::get(); }

  static std::vector<AvahiIfIndex> places(const responder_options&) { return {AVAHI_IF_UNSPEC}; }
  template <class User>
  static host* open(const AvahiPoll* poll, const responder_options& options, User* user,
                    int* error) {
    // It writes to the terminal what its states tell as well.
    library().avahi_set_log_function([](AvahiLogLevel, const char*) {});
    AvahiServerConfig config;
    library().avahi_server_config_init(&config);
    config.publish_hinfo = config.publish_workstation = 0;
    config.enable_wide_area = 0;
    for (const auto& each : options.interfaces)
      config.allow_interfaces = avahi_string_list_add(config.allow_interfaces, each.c_str());
    auto* made = library().avahi_server_new(
        poll, &config,
        [](host* of, AvahiServerState state, void* to) {
          static_cast<User*>(to)->state_changed(of, static_cast<int>(state));
        },
        user, error);
    library().avahi_server_config_free(&config);
    return made;
  }
  static void close(host* which) { library().avahi_server_free(which); }
  static int error_of(host* which) { return library().avahi_server_errno(which); }
  static void take_other_host_name(host* of) {
    char* other = avahi_alternative_host_name(library().avahi_server_get_host_name(of));
    library().avahi_server_set_host_name(of, other);
    avahi_free(other);
  }
  template <class User>
  static group* make_group(host* of, User* user) {
    return library().avahi_s_entry_group_new(
        of,
        [](host*, group*, AvahiEntryGroupState state, void* to) {
          static_cast<User*>(to)->group_changed(state);
        },
        user);
  }
  static void free_group(group* which) { library().avahi_s_entry_group_free(which); }
  static int add(host* of, group* to, AvahiIfIndex place, const std::string& name,
                 const offered_service& what, AvahiStringList* txt) {
    return library().avahi_server_add_service_strlst(of, to, place, AVAHI_PROTO_UNSPEC, {},
                                                     name.c_str(), what.type.c_str(), nullptr,
                                                     nullptr, what.port, txt);
  }
  static int update(host* of, group* in, AvahiIfIndex place, const std::string& name,
                    const offered_service& what, AvahiStringList* txt) {
    return library().avahi_server_update_service_txt_strlst(
        of, in, place, AVAHI_PROTO_UNSPEC, {}, name.c_str(), what.type.c_str(), nullptr, txt);
  }
  static int commit(group* which) { return library().avahi_s_entry_group_commit(which); }
  template <class User>
  static browser* browse(host* of, AvahiIfIndex place, const char* type, User* user) {
    return library().avahi_s_service_browser_new(of, place, AVAHI_PROTO_UNSPEC, type, nullptr, {},
                                                 User::template on_browse<browser>, user);
  }
  static void free_browser(browser* which) { library().avahi_s_service_browser_free(which); }
  template <class User>
  static resolver* resolve(host* of, AvahiIfIndex place, AvahiProtocol protocol, const char* name,
                           const char* type, const char* domain, User* user) {
    return library().avahi_s_service_resolver_new(of, place, protocol, name, type, domain, protocol,
                                                  {}, User::template on_resolve<resolver>, user);
  }
  static void free_resolver(resolver* which) { library().avahi_s_service_resolver_free(which); }
};

} // namespace troupe::transport::mdns
