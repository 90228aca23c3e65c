#include "sim/model/symbols.hpp"

#include <algorithm>
#include <array>

namespace troupe::sim {

static fault unsuitable(barcode_kind kind) {
  return {"barcode.data", "The data do not suit a " + std::string(to_string(kind)) + " barcode.",
          "Send the characters and the length that this code allows.", 422};
}

static bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// --- the EAN family: each digit is two bars and two gaps, seven modules in all ---

static constexpr std::array<std::string_view, 10> ean_digits = {
    "3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"};
// Which digits of the left half are mirrored; the pattern carries EAN-13's first digit.
static constexpr std::array<std::string_view, 10> ean13_mirrored = {
    "000000", "001011", "001101", "001110", "010011",
    "011001", "011100", "010101", "010110", "011010"};

static std::string ean_digit(char digit, bool mirrored) {
  std::string widths(ean_digits[static_cast<std::size_t>(digit - '0')]);
  if (mirrored) std::reverse(widths.begin(), widths.end());
  return widths;
}

/// Modulo 10, weights 3 and 1 from the right.
static char ean_check(std::string_view digits) {
  int sum = 0, weight = 3;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, weight = 4 - weight)
    sum += (*digit - '0') * weight;
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// Digits with their check digit added or, when it was sent, taken as sent.
static result<std::string> with_check(barcode_kind kind, std::string_view data,
                                      std::size_t length) {
  if (!all_digits(data) || (data.size() != length && data.size() + 1 != length))
    return unsuitable(kind);
  std::string digits(data);
  if (digits.size() < length) digits += ean_check(digits);
  return digits;
}

static result<barcode_pattern> encode_ean(barcode_kind kind, std::string_view data) {
  auto length = kind == barcode_kind::ean13 ? 13u : kind == barcode_kind::ean8 ? 8u : 12u;
  auto digits = with_check(kind, data, length);
  if (!digits) return digits.error();
  auto readable = *digits;
  // UPC-A is EAN-13 with a leading 0.
  auto code = kind == barcode_kind::upc_a ? "0" + readable : readable;
  std::string_view mirrored = "0000";
  std::string_view rest = code;
  if (kind != barcode_kind::ean8) {
    mirrored = ean13_mirrored[static_cast<std::size_t>(code[0] - '0')];
    rest.remove_prefix(1);
  }
  std::string widths = "111";
  for (std::size_t i = 0; i < mirrored.size(); ++i)
    widths += ean_digit(rest[i], mirrored[i] == '1');
  widths += "11111";
  for (auto digit : rest.substr(mirrored.size()))
    widths += ean_digit(digit, false);
  return barcode_pattern{widths + "111", readable};
}

/// The six digits of UPC-E from the eleven of UPC-A, or nothing where it cannot be shortened.
static std::string shorten_upc(std::string_view d) {
  if (d[0] != '0') return {};
  auto zeros = [&](std::size_t from, std::size_t count) {
    return d.substr(from, count).find_first_not_of('0') == std::string_view::npos;
  };
  std::string maker(d.substr(1, 5)), item(d.substr(6, 5));
  if (maker[2] <= '2' && zeros(4, 4)) return maker.substr(0, 2) + item.substr(2) + maker[2];
  if (zeros(4, 5)) return maker.substr(0, 3) + item.substr(3) + '3';
  if (zeros(5, 5)) return maker.substr(0, 4) + item[4] + '4';
  if (zeros(6, 4) && item[4] >= '5') return maker + item[4];
  return {};
}

static std::string lengthen_upc(std::string_view six) {
  std::string s(six);
  switch (s[5]) {
  case '0':
  case '1':
  case '2':
    return "0" + s.substr(0, 2) + s[5] + "0000" + s.substr(2, 3);
  case '3':
    return "0" + s.substr(0, 3) + "00000" + s.substr(3, 2);
  case '4':
    return "0" + s.substr(0, 4) + "00000" + s[4];
  default:
    return "0" + s.substr(0, 5) + "0000" + s[5];
  }
}

static result<barcode_pattern> encode_upc_e(std::string_view data) {
  if (!all_digits(data)) return unsuitable(barcode_kind::upc_e);
  std::string six;
  if (data.size() == 6)
    six = data;
  else if ((data.size() == 7 || data.size() == 8) && data[0] == '0')
    six = data.substr(1, 6);
  else if (data.size() == 11 || data.size() == 12)
    six = shorten_upc(data.substr(0, 11));
  if (six.empty()) return unsuitable(barcode_kind::upc_e);
  auto check = ean_check(lengthen_upc(six));
  // Number system 0: the mirrored places are those that EAN-13 leaves plain, moved by one digit.
  static constexpr std::array<std::string_view, 10> mirrored = {
      "111000", "110100", "110010", "110001", "101100",
      "100110", "100011", "101010", "101001", "100101"};
  std::string widths = "111";
  for (std::size_t i = 0; i < 6; ++i)
    widths += ean_digit(six[i], mirrored[static_cast<std::size_t>(check - '0')][i] == '1');
  return barcode_pattern{widths + "111111", "0" + six + check};
}

// --- codes of narrow and wide elements ---

struct two_width_character {
  char character;
  std::string_view wide; // '1' = wide, beginning with a bar
};

static constexpr two_width_character code39_table[] = {
    {'0', "000110100"}, {'1', "100100001"}, {'2', "001100001"}, {'3', "101100000"},
    {'4', "000110001"}, {'5', "100110000"}, {'6', "001110000"}, {'7', "000100101"},
    {'8', "100100100"}, {'9', "001100100"}, {'A', "100001001"}, {'B', "001001001"},
    {'C', "101001000"}, {'D', "000011001"}, {'E', "100011000"}, {'F', "001011000"},
    {'G', "000001101"}, {'H', "100001100"}, {'I', "001001100"}, {'J', "000011100"},
    {'K', "100000011"}, {'L', "001000011"}, {'M', "101000010"}, {'N', "000010011"},
    {'O', "100010010"}, {'P', "001010010"}, {'Q', "000000111"}, {'R', "100000110"},
    {'S', "001000110"}, {'T', "000010110"}, {'U', "110000001"}, {'V', "011000001"},
    {'W', "111000000"}, {'X', "010010001"}, {'Y', "110010000"}, {'Z', "011010000"},
    {'-', "010000101"}, {'.', "110000100"}, {' ', "011000100"}, {'*', "010010100"},
    {'$', "010101000"}, {'/', "010100010"}, {'+', "010001010"}, {'%', "000101010"}};

static constexpr two_width_character codabar_table[] = {
    {'0', "0000011"}, {'1', "0000110"}, {'2', "0001001"}, {'3', "1100000"}, {'4', "0010010"},
    {'5', "1000010"}, {'6', "0100001"}, {'7', "0100100"}, {'8', "0110000"}, {'9', "1001000"},
    {'-', "0001100"}, {'$', "0011000"}, {':', "1000101"}, {'/', "1010001"}, {'.', "1010100"},
    {'+', "0010101"}, {'A', "0011010"}, {'B', "0101001"}, {'C', "0001011"}, {'D', "0001110"}};

static void append_wide(std::string& widths, std::string_view wide) {
  for (auto element : wide)
    widths += element == '1' ? 'W' : '1';
}

template <class Table>
static bool append_characters(std::string& widths, const Table& table, std::string_view data) {
  for (auto character : data) {
    auto found = std::find_if(std::begin(table), std::end(table),
                              [&](const auto& row) { return row.character == character; });
    if (found == std::end(table)) return false;
    if (!widths.empty()) widths += '1'; // the gap between characters
    append_wide(widths, found->wide);
  }
  return true;
}

static result<barcode_pattern> encode_code39(std::string_view data) {
  std::string content(data);
  if (content.size() < 2 || content.front() != '*' || content.back() != '*')
    content = "*" + content + "*";
  auto inner = std::string_view(content).substr(1, content.size() - 2);
  barcode_pattern pattern{{}, content};
  if (inner.empty() || inner.find('*') != std::string_view::npos ||
      !append_characters(pattern.widths, code39_table, content))
    return unsuitable(barcode_kind::code39);
  return pattern;
}

static result<barcode_pattern> encode_codabar(std::string_view data) {
  std::string content(data);
  std::transform(content.begin(), content.end(), content.begin(),
                 [](char c) { return c >= 'a' && c <= 'd' ? static_cast<char>(c - 32) : c; });
  auto is_end = [](char c) { return c >= 'A' && c <= 'D'; };
  barcode_pattern pattern{{}, content};
  if (content.size() < 3 || !is_end(content.front()) || !is_end(content.back()) ||
      std::any_of(content.begin() + 1, content.end() - 1, is_end) ||
      !append_characters(pattern.widths, codabar_table, content))
    return unsuitable(barcode_kind::codabar);
  return pattern;
}

static result<barcode_pattern> encode_itf(std::string_view data) {
  static constexpr std::array<std::string_view, 10> digits = {
      "00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010"};
  if (data.size() < 2 || data.size() % 2 || !all_digits(data)) return unsuitable(barcode_kind::itf);
  barcode_pattern pattern{"1111", std::string(data)};
  for (std::size_t i = 0; i < data.size(); i += 2)
    for (std::size_t element = 0; element < 5; ++element) // bars carry one digit, gaps the next
      for (auto digit : {data[i], data[i + 1]})
        append_wide(pattern.widths,
                    digits[static_cast<std::size_t>(digit - '0')].substr(element, 1));
  pattern.widths += "W11";
  return pattern;
}

result<barcode_pattern> encode_code93(std::string_view data);  // barcodes_ascii.cpp
result<barcode_pattern> encode_code128(std::string_view data); // barcodes_ascii.cpp

result<barcode_pattern> encode_barcode(barcode_kind kind, std::string_view data) {
  switch (kind) {
  case barcode_kind::upc_a:
  case barcode_kind::ean13:
  case barcode_kind::ean8:
    return encode_ean(kind, data);
  case barcode_kind::upc_e:
    return encode_upc_e(data);
  case barcode_kind::code39:
    return encode_code39(data);
  case barcode_kind::itf:
    return encode_itf(data);
  case barcode_kind::codabar:
    return encode_codabar(data);
  case barcode_kind::code93:
    return encode_code93(data);
  case barcode_kind::code128:
    return encode_code128(data);
  }
  return unsuitable(kind);
}

} // namespace troupe::sim
