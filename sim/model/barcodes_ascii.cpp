// The two codes that carry all of ASCII: CODE93 and CODE128.
#include "sim/model/symbols.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace troupe::sim {

static fault unsuitable(std::string_view code) {
  return {"barcode.data", "The data do not suit a " + std::string(code) + " barcode.",
          "Send the characters that this code allows.", 422};
}

// --- CODE93 ---

static constexpr std::string_view code93_characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// Values 43 to 46 shift the letter after them into the rest of ASCII.
enum code93_shift : int { shift_dollar = 43, shift_percent, shift_slash, shift_plus };
static constexpr std::array<std::string_view, 48> code93_widths = {
    "131112", "111213", "111312", "111411", "121113", "121212", "121311", "111114",
    "131211", "141111", "211113", "211212", "211311", "221112", "221211", "231111",
    "112113", "112212", "112311", "122112", "132111", "111123", "111222", "111321",
    "121122", "131121", "212112", "212211", "211122", "211221", "221121", "222111",
    "112122", "112221", "122121", "123111", "121131", "311112", "311211", "321111",
    "112131", "113121", "211131", "121221", "312111", "311121", "122211", "111141"};

static void append_code93(std::vector<int>& values, unsigned char c) {
  auto plain = code93_characters.find(static_cast<char>(c));
  if (plain != std::string_view::npos && c != 0) {
    values.push_back(static_cast<int>(plain));
    return;
  }
  struct range {
    unsigned char first, last;
    code93_shift shift;
    char letter;
  };
  static constexpr range ranges[] = {
      {0x00, 0x00, shift_percent, 'U'}, {0x01, 0x1A, shift_dollar, 'A'},
      {0x1B, 0x1F, shift_percent, 'A'}, {0x21, 0x2F, shift_slash, 'A'},
      {0x3A, 0x3A, shift_slash, 'Z'},   {0x3B, 0x3F, shift_percent, 'F'},
      {0x40, 0x40, shift_percent, 'V'}, {0x5B, 0x5F, shift_percent, 'K'},
      {0x60, 0x60, shift_percent, 'W'}, {0x61, 0x7A, shift_plus, 'A'},
      {0x7B, 0x7F, shift_percent, 'P'}};
  for (const auto& range : ranges)
    if (c >= range.first && c <= range.last) {
      values.push_back(range.shift);
      values.push_back(10 + (range.letter - 'A') + (c - range.first));
    }
}

static int code93_check(const std::vector<int>& values, int highest_weight) {
  int sum = 0, weight = 1;
  for (auto value = values.rbegin(); value != values.rend(); ++value) {
    sum += *value * weight;
    weight = weight == highest_weight ? 1 : weight + 1;
  }
  return sum % 47;
}

result<barcode_pattern> encode_code93(std::string_view data) {
  std::vector<int> values;
  for (auto c : data) {
    if (static_cast<unsigned char>(c) > 0x7F) return unsuitable("CODE93");
    append_code93(values, static_cast<unsigned char>(c));
  }
  if (values.empty()) return unsuitable("CODE93");
  values.push_back(code93_check(values, 20));
  values.push_back(code93_check(values, 15));
  constexpr std::size_t start_stop = 47;
  barcode_pattern pattern{std::string(code93_widths[start_stop]), std::string(data)};
  for (auto value : values)
    pattern.widths += code93_widths[static_cast<std::size_t>(value)];
  pattern.widths += code93_widths[start_stop];
  pattern.widths += '1';
  return pattern;
}

// --- CODE128 ---

static constexpr std::array<std::string_view, 107> code128_widths = {
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112"};

/// Walks the printer's own notation: "{A", "{B", "{C" choose a set, "{S" shifts, "{1" to "{4" are
/// functions, "{{" is a brace; in set C each byte is a number from 0 to 99.
class code128_encoder {
public:
  bool run(std::string_view data) {
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data[i] == '{') {
        if (i + 1 == data.size() || !special(data[++i])) return false;
      } else if (!plain(static_cast<unsigned char>(data[i]))) {
        return false;
      }
    }
    return values.size() > 1;
  }

  std::vector<int> values;
  std::string readable;

private:
  bool special(char c) {
    if (c >= 'A' && c <= 'C') {
      // Start codes are 103 to 105; a change of set has 101 (A), 100 (B), 99 (C).
      values.push_back(values.empty() ? 103 + (c - 'A') : 101 - (c - 'A'));
      set_ = c;
      return true;
    }
    if (set_ == 0) return false;
    if (c == '{') return plain('{');
    if (c == 'S' && set_ != 'C') {
      values.push_back(98);
      shifted_ = true;
      return true;
    }
    if (c < '1' || c > '4' || (set_ == 'C' && c != '1')) return false;
    constexpr int functions[] = {102, 97, 96, 0};
    values.push_back(c == '4' ? (set_ == 'A' ? 101 : 100) : functions[c - '1']);
    return true;
  }

  bool plain(unsigned char c) {
    if (set_ == 0) return false;
    if (set_ == 'C') {
      if (c > 99) return false;
      values.push_back(c);
      readable += static_cast<char>('0' + c / 10);
      readable += static_cast<char>('0' + c % 10);
      return true;
    }
    auto set = shifted_ ? static_cast<char>('A' + 'B' - set_) : set_;
    shifted_ = false;
    if (c > 0x7F || (set == 'A' && c >= 0x60) || (set == 'B' && c < 0x20)) return false;
    values.push_back(c < 0x20 ? c + 64 : c - 32);
    readable += c < 0x20 || c == 0x7F ? ' ' : static_cast<char>(c);
    return true;
  }

  char set_ = 0;
  bool shifted_ = false;
};

result<barcode_pattern> encode_code128(std::string_view data) {
  code128_encoder encoder;
  if (!encoder.run(data)) return unsuitable("CODE128");
  int sum = encoder.values.front();
  for (std::size_t i = 1; i < encoder.values.size(); ++i)
    sum += encoder.values[i] * static_cast<int>(i);
  encoder.values.push_back(sum % 103);
  constexpr int stop = 106;
  encoder.values.push_back(stop);
  barcode_pattern pattern{{}, std::move(encoder.readable)};
  for (auto value : encoder.values)
    pattern.widths += code128_widths[static_cast<std::size_t>(value)];
  return pattern;
}

} // namespace troupe::sim
