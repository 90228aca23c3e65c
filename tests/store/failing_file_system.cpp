#include "tests/store/failing_file_system.hpp"

#include <sqlite3.h>

#include <cstdlib>

namespace troupe::store {

namespace {

long fail_step = 0;
long passed = 0;
bool goes_on = false;
auto failure = failing_file_system::kind::disk_full;

bool is_read() {
  return failure == failing_file_system::kind::read_error;
}

/// SQLITE_OK, or what the step about to be made must give.
int next_step() {
  ++passed;
  const bool fails = fail_step > 0 && (goes_on ? passed >= fail_step : passed == fail_step);
  if (!fails) return SQLITE_OK;
  switch (failure) {
  case failing_file_system::kind::disk_full:
    return SQLITE_FULL;
  case failing_file_system::kind::write_error:
    return SQLITE_IOERR_WRITE;
  case failing_file_system::kind::sync_error:
    return SQLITE_IOERR_FSYNC;
  case failing_file_system::kind::read_error:
    return SQLITE_IOERR_READ;
  }
  return SQLITE_IOERR;
}

struct wrapped_file {
  sqlite3_file base;
  sqlite3_file* real;
};
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<wrapped_file*>(file)->real;
}

int close_file(sqlite3_file* file) {
  auto* real = real_of(file);
  const int code = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
  std::free(real);
  return code;
}
int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  if (is_read())
    if (const int code = next_step(); code != SQLITE_OK) return code;
  return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}
int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (!is_read())
    if (const int code = next_step(); code != SQLITE_OK) {
      // A failing write may have written a part.
      static_cast<void>(real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, at));
      return code;
    }
  return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!is_read())
    if (const int code = next_step(); code != SQLITE_OK) return code;
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (!is_read())
    if (const int code = next_step(); code != SQLITE_OK) return code;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int size_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
int control_file(sqlite3_file* file, int what, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

const sqlite3_io_methods methods = [] {
  sqlite3_io_methods made{};
  made.iVersion = 1; // no shared memory: the store must do without
  made.xClose = close_file;
  made.xRead = read_file;
  made.xWrite = write_file;
  made.xTruncate = truncate_file;
  made.xSync = sync_file;
  made.xFileSize = size_file;
  made.xLock = lock_file;
  made.xUnlock = unlock_file;
  made.xCheckReservedLock = check_lock;
  made.xFileControl = control_file;
  made.xSectorSize = sector_size;
  made.xDeviceCharacteristics = characteristics;
  return made;
}();

sqlite3_vfs* system_files = nullptr;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* wrapped = reinterpret_cast<wrapped_file*>(file);
  wrapped->base.pMethods = nullptr;
  if (!is_read())
    if (const int code = next_step(); code != SQLITE_OK) return SQLITE_CANTOPEN;
  auto* real =
      static_cast<sqlite3_file*>(std::calloc(1, static_cast<std::size_t>(system_files->szOsFile)));
  const int code = system_files->xOpen(system_files, name, real, flags, out);
  if (code != SQLITE_OK) {
    std::free(real);
    return code;
  }
  wrapped->real = real;
  wrapped->base.pMethods = &methods;
  return SQLITE_OK;
}
int delete_file(sqlite3_vfs*, const char* name, int sync) {
  if (!is_read())
    if (const int code = next_step(); code != SQLITE_OK) return code;
  return system_files->xDelete(system_files, name, sync);
}

} // namespace

const std::string& failing_file_system::name() {
  static const std::string registered = [] {
    system_files = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs files = *system_files;
    files.szOsFile = sizeof(wrapped_file);
    files.zName = "troupe-failing";
    files.pNext = nullptr;
    files.xOpen = open_file;
    files.xDelete = delete_file;
    sqlite3_vfs_register(&files, 0);
    return std::string("troupe-failing");
  }();
  return registered;
}

void failing_file_system::fail_at(long step, kind how, bool lasting) {
  fail_step = step;
  failure = how;
  goes_on = lasting;
  passed = 0;
}
void failing_file_system::heal() {
  fail_step = 0;
}
long failing_file_system::steps() {
  return passed;
}

} // namespace troupe::store
