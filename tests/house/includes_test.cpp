#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

/// Holds the directions of docs/architecture.md: who may include whom.
namespace {

namespace fs = std::filesystem;

struct rule {
  std::string folder;                ///< the including file is in here …
  std::set<std::string> may_include; ///< … and may name these folders, and its own
};

/// The longest matching folder counts.
const std::vector<rule> rules{
    {"messages", {}},
    {"security", {"messages"}},
    {"transport", {"messages"}},
    {"devices", {"messages"}},
    {"store", {"messages"}},
    {"web", {"transport"}},
    {"actors/runtime", {"messages"}},
    {"actors/web", {"actors/runtime", "transport", "messages"}},
    {"actors/box",
     {"actors/runtime", "actors/web", "devices", "transport", "security", "store", "messages",
      "web"}},
    {"actors/server",
     {"actors/runtime", "actors/web", "transport", "security", "store", "messages", "web"}},
    {"sim/model", {"messages"}},
    {"sim/fleet",
     {"actors/box", "actors/runtime", "devices", "transport", "security", "store", "messages",
      "sim"}},
    {"sim", {"actors/runtime", "devices", "transport", "store", "messages", "web"}},
    {"apps", {"actors", "sim", "store", "messages", "security", "transport", "devices"}},
};

/// Headers that only these folders may see.
const std::map<std::string, std::set<std::string>> outsiders{
    {"caf/", {"actors", "sim", "apps"}},
    {"boost/", {"transport", "devices/port", "actors", "sim", "apps"}},
    {"sqlite3.h", {"store"}},
    {"libpq", {"store"}},
    {"spdlog/", {"actors/runtime"}},
    {"nlohmann/", {"messages", "transport", "actors/box", "actors/server", "actors/web", "sim"}},
    {"openssl/", {"security", "transport"}},
    {"CLI/", {"apps"}},
};

bool within(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

std::vector<std::pair<std::string, std::string>> includes_of_all() {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<std::pair<std::string, std::string>> found;
  for (const char* folder :
       {"apps", "actors", "messages", "security", "transport", "devices", "store", "sim", "web"})
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TROUPE_SOURCE_DIR) / folder)) {
      const auto ending = entry.path().extension();
      if (ending != ".cpp" && ending != ".hpp") continue;
      const auto name = fs::relative(entry.path(), TROUPE_SOURCE_DIR).string();
      std::ifstream in(entry.path());
      std::smatch match;
      for (std::string line; std::getline(in, line);)
        if (std::regex_search(line, match, include)) found.emplace_back(name, match[1]);
    }
  return found;
}

const rule* rule_of(const std::string& file) {
  const rule* best = nullptr;
  for (const auto& each : rules)
    if (within(file, each.folder) && (!best || each.folder.size() > best->folder.size()))
      best = &each;
  return best;
}

/// Empty when the include is allowed, else why not.
std::string verdict(const std::string& file, const std::string& included) {
  if (within(file, "sim/model") && (included.starts_with("boost/") || included.starts_with("caf/")))
    return "is pure and may not see <" + included + ">";
  for (const auto& [prefix, folders] : outsiders)
    if (included.starts_with(prefix) &&
        std::none_of(folders.begin(), folders.end(),
                     [&](const auto& each) { return within(file, each); }))
      return "may not see <" + included + ">";
  if (!fs::exists(fs::path(TROUPE_SOURCE_DIR) / included)) return "";
  const auto* mine = rule_of(file);
  if (mine == nullptr) return "stands in a folder without a rule";
  if (within(included, mine->folder)) return "";
  for (const auto& each : mine->may_include)
    if (within(included, each)) return "";
  return "may not include " + included;
}

TEST(house, every_include_goes_in_an_allowed_direction) {
  const auto found = includes_of_all();
  ASSERT_GT(found.size(), 300u) << "the sources were not found";
  for (const auto& [file, included] : found)
    EXPECT_EQ(verdict(file, included), "") << file;
}

TEST(house, the_rules_catch_what_they_are_for) {
  EXPECT_EQ(verdict("devices/printer/escpos.cpp", "messages/bytes.hpp"), "");
  EXPECT_NE(verdict("devices/printer/escpos.cpp", "transport/http.hpp"), "");
  EXPECT_NE(verdict("devices/printer/escpos.cpp", "caf/all.hpp"), "");
  EXPECT_NE(verdict("messages/codec.cpp", "store/ledger.hpp"), "");
  EXPECT_NE(verdict("transport/http.cpp", "devices/port/port.hpp"), "");
  EXPECT_NE(verdict("actors/box/ledger.cpp", "sqlite3.h"), "");
  EXPECT_NE(verdict("actors/box/rights.cpp", "openssl/evp.h"), "");
  EXPECT_NE(verdict("actors/web/call.cpp", "actors/box/homepage.hpp"), "");
  EXPECT_NE(verdict("sim/model/paper.cpp", "boost/asio.hpp"), "");
}

TEST(house, sources_stay_small) {
  // Tables, vendored code and fonts are data; everything else asks to be two files from here on.
  constexpr std::size_t bound = 600;
  for (const char* folder :
       {"apps", "actors", "messages", "security", "transport", "devices", "store", "sim"})
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TROUPE_SOURCE_DIR) / folder)) {
      const auto name = entry.path().filename().string();
      if (!name.ends_with(".cpp") && !name.ends_with(".hpp")) continue;
      if (name.find("table") != std::string::npos || name.find("glyphs") != std::string::npos)
        continue;
      std::ifstream in(entry.path());
      const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
      EXPECT_LT(static_cast<std::size_t>(lines), bound) << entry.path();
    }
}

} // namespace
