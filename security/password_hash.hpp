#pragma once

#include <string>
#include <string_view>

namespace troupe::security {

/// A password as it is kept: scrypt with a salt of its own; the parameters stand with it, so that
/// older ones can still be checked: "scrypt$15$8$3$SALT$HASH". Takes some 100 ms and 32 MB: run it
/// on workers.
std::string hash_password(std::string_view password);

/// Whether `password` is the one kept. False for anything that is no kept password.
bool verify_password(std::string_view password, std::string_view kept);

/// Whether it was kept with weaker parameters than `hash_password` takes today.
bool is_outdated(std::string_view kept);

} // namespace troupe::security
