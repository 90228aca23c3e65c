#pragma once

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <avahi-core/publish.h>
#include <dlfcn.h>

/// Avahi's two libraries, loaded when first used and each by itself: linked into one program they
/// take each other's functions of the same name (measured: `avahi_entry_group_free`).
namespace troupe::transport::mdns {

class loaded_library {
public:
  explicit loaded_library(const char* file) : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {}
  loaded_library(const loaded_library&) = delete;
  loaded_library& operator=(const loaded_library&) = delete;
  explicit operator bool() const { return handle_ != nullptr; }
  template <class Function>
  Function find(const char* name) const {
    return handle_ != nullptr ? reinterpret_cast<Function>(dlsym(handle_, name)) : nullptr;
  }

private:
  void* handle_; ///< stays for the life of the program
};

/// libavahi-client.
struct client_library {
  loaded_library file{"libavahi-client.so.3"};
#define TROUPE_AVAHI(name) decltype(&::name) name = file.find<decltype(&::name)>(#name)
  TROUPE_AVAHI(avahi_client_new);
  TROUPE_AVAHI(avahi_client_free);
  TROUPE_AVAHI(avahi_client_errno);
  TROUPE_AVAHI(avahi_entry_group_new);
  TROUPE_AVAHI(avahi_entry_group_free);
  TROUPE_AVAHI(avahi_entry_group_add_service_strlst);
  TROUPE_AVAHI(avahi_entry_group_update_service_txt_strlst);
  TROUPE_AVAHI(avahi_entry_group_commit);
  TROUPE_AVAHI(avahi_service_browser_new);
  TROUPE_AVAHI(avahi_service_browser_free);
  TROUPE_AVAHI(avahi_service_resolver_new);
  TROUPE_AVAHI(avahi_service_resolver_free);

  static const client_library& get() {
    static const client_library one;
    return one;
  }
};

/// libavahi-core.
struct core_library {
  loaded_library file{"libavahi-core.so.7"};
  TROUPE_AVAHI(avahi_server_config_init);
  TROUPE_AVAHI(avahi_server_config_free);
  TROUPE_AVAHI(avahi_server_new);
  TROUPE_AVAHI(avahi_server_free);
  TROUPE_AVAHI(avahi_server_errno);
  TROUPE_AVAHI(avahi_server_get_host_name);
  TROUPE_AVAHI(avahi_server_set_host_name);
  TROUPE_AVAHI(avahi_server_add_service_strlst);
  TROUPE_AVAHI(avahi_server_update_service_txt_strlst);
  TROUPE_AVAHI(avahi_s_entry_group_new);
  TROUPE_AVAHI(avahi_s_entry_group_free);
  TROUPE_AVAHI(avahi_s_entry_group_commit);
  TROUPE_AVAHI(avahi_s_service_browser_new);
  TROUPE_AVAHI(avahi_s_service_browser_free);
  TROUPE_AVAHI(avahi_s_service_resolver_new);
  TROUPE_AVAHI(avahi_s_service_resolver_free);
  TROUPE_AVAHI(avahi_set_log_function);
#undef TROUPE_AVAHI

  static const core_library& get() {
    static const core_library one;
    return one;
  }
};

} // namespace troupe::transport::mdns
