#include "buildpack/release/s3_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "common/text.h"

// One flat element is all that is ever read here, so that a scanner for this shape does, and a whole XML library, with its
// document types, entities and namespaces, would only widen what a stranger's bytes can reach. It does not recurse, looks at
// each byte a few times at most, and keeps nothing but the values.
namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kMaxValue = 256;
constexpr std::size_t kLongestCharacter = 4;
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kNameEnd = " \t\r\n=/<>\"'";

enum class Kind { open, empty, close, text, literal, end, broken };

// A tag, by its name, or what stands between two.
struct Piece {
  Kind kind;
  std::string_view content = {};
};

// Cuts a document into its pieces; leaves out comments and processing instructions.
class Scanner {
 public:
  explicit Scanner(std::string_view document) : rest_(text::without_byte_order_mark(document)) {}

  Piece next();

 private:
  bool take(std::string_view prefix);
  std::optional<std::string_view> take_until(std::string_view mark);
  std::string_view take_name();
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }
  bool skip_attribute();
  Piece opening_tag();
  Piece closing_tag();

  std::string_view rest_;
};

bool Scanner::take(std::string_view prefix) {
  if (!rest_.starts_with(prefix)) return false;
  rest_.remove_prefix(prefix.size());
  return true;
}

// What stands before the mark, which goes with it.
std::optional<std::string_view> Scanner::take_until(std::string_view mark) {
  const std::size_t end = rest_.find(mark);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view before = rest_.substr(0, end);
  rest_.remove_prefix(end + mark.size());
  return before;
}

std::string_view Scanner::take_name() {
  const std::string_view name = rest_.substr(0, rest_.find_first_of(kNameEnd));
  rest_.remove_prefix(name.size());
  return name;
}

bool Scanner::skip_attribute() {
  if (take_name().empty()) return false;
  skip_blanks();
  if (!take("=")) return false;
  skip_blanks();
  if (take("\"")) return take_until("\"").has_value();
  return take("'") && take_until("'");
}

Piece Scanner::opening_tag() {
  const std::string_view name = take_name();
  if (name.empty()) return {Kind::broken};
  while (true) {
    skip_blanks();
    if (take(">")) return {Kind::open, name};
    if (take("/>")) return {Kind::empty, name};
    if (!skip_attribute()) return {Kind::broken};
  }
}

Piece Scanner::closing_tag() {
  const std::string_view name = take_name();
  skip_blanks();
  return take(">") ? Piece{Kind::close, name} : Piece{Kind::broken};
}

Piece Scanner::next() {
  while (!rest_.empty()) {
    if (rest_.front() != '<') {
      const std::string_view text = rest_.substr(0, rest_.find('<'));
      rest_.remove_prefix(text.size());
      return {Kind::text, text};
    }
    if (take("<!--")) {
      if (!take_until("-->")) return {Kind::broken};
    } else if (take("<?")) {
      if (!take_until("?>")) return {Kind::broken};
    } else if (take("<![CDATA[")) {
      const auto literal = take_until("]]>");
      return literal ? Piece{Kind::literal, *literal} : Piece{Kind::broken};
    } else if (take("<!")) {
      return {Kind::broken};
    } else if (take("</")) {
      return closing_tag();
    } else {
      rest_.remove_prefix(1);
      return opening_tag();
    }
  }
  return {Kind::end};
}

bool is_blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

// Only as much is kept as can be told, and a character more, so that none is cut in the middle.
void append(std::string& value, std::string_view text) {
  if (value.empty()) text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text, is_blank) - text.begin()));
  value += text.substr(0, kMaxValue + kLongestCharacter - std::min(value.size(), kMaxValue + kLongestCharacter));
}

std::string utf8(std::uint32_t code) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

// The character that "#60" or "#x3C" stands for.
std::optional<std::string> numbered_character(std::string_view number) {
  number.remove_prefix(1);
  const int base = number.starts_with('x') ? 16 : 10;
  if (base == 16) number.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), code, base);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (error != std::errc() || end != number.data() + number.size() || code == 0 || code > 0x10FFFF || surrogate) {
    return std::nullopt;
  }
  return utf8(code);
}

// What stands between "&" and ";". Without a document type there are five names (XML 1.0, section 4.6).
std::optional<std::string> referenced(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed = {
      {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
  if (name.starts_with('#')) return numbered_character(name);
  const auto* const found = std::ranges::find(kNamed, name, &std::pair<std::string_view, char>::first);
  return found == kNamed.end() ? std::nullopt : std::optional(std::string(1, found->second));
}

// False for a reference that stands for nothing.
bool append_resolved(std::string& value, std::string_view text) {
  while (true) {
    const std::size_t reference = text.find('&');
    append(value, text.substr(0, reference));
    if (reference == std::string_view::npos) return true;
    const std::size_t end = text.find(';', reference);
    if (end == std::string_view::npos) return false;
    const auto character = referenced(text.substr(reference + 1, end - reference - 1));
    if (!character) return false;
    append(value, *character);
    text.remove_prefix(end + 1);
  }
}

std::string told(std::string_view value) {
  std::string line = text::printable_line(value, kMaxValue);
  std::size_t end = std::min(line.size(), kMaxValue);
  while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return std::string(text::trim(std::string_view(line).substr(0, end)));
}

// Follows the pieces of a document by their depth: the root is opened at 0, its children at 1, their text stands at 2.
class Reading {
 public:
  explicit Reading(std::string_view document) : scanner_(document) {}

  std::optional<S3Error> run() {
    while (true) {
      const Piece piece = scanner_.next();
      if (piece.kind == Kind::end) break;
      if (!take(piece)) return std::nullopt;
    }
    if (depth_ != 0 || error_.code.empty()) return std::nullopt;
    return std::move(error_);
  }

 private:
  bool take(const Piece& piece) {
    switch (piece.kind) {
      case Kind::open: return open(piece.content);
      case Kind::empty: return open(piece.content) && close(piece.content);
      case Kind::close: return close(piece.content);
      case Kind::text:
        if (depth_ == 0) return text::trim(piece.content).empty();
        return depth_ != 2 || value_ == nullptr || append_resolved(*value_, piece.content);
      case Kind::literal:
        if (depth_ == 2 && value_ != nullptr) append(*value_, piece.content);
        return depth_ > 0;
      case Kind::end:
      case Kind::broken: return false;
    }
    return false;
  }

  bool open(std::string_view name) {
    if (depth_ == 0 && (std::exchange(root_seen_, true) || name != "Error")) return false;
    if (depth_ == 1) {
      child_ = name;
      value_ = value_of(name);
    }
    ++depth_;
    return true;
  }

  // Names are compared where they count; what lies deeper is left out by its depth alone.
  bool close(std::string_view name) {
    if (depth_ == 0 || (depth_ == 1 && name != "Error") || (depth_ == 2 && name != child_)) return false;
    if (depth_ == 2 && value_ != nullptr) *std::exchange(value_, nullptr) = told(*value_);
    --depth_;
    return true;
  }

  // Nothing for names that do not count, and for a value that is already there.
  std::string* value_of(std::string_view name) {
    const std::array<std::pair<std::string_view, std::string*>, 5> values = {{{"Code", &error_.code},
                                                                              {"Message", &error_.message},
                                                                              {"Endpoint", &error_.endpoint},
                                                                              {"Region", &error_.region},
                                                                              {"Bucket", &error_.bucket}}};
    const auto* const found = std::ranges::find(values, name, &std::pair<std::string_view, std::string*>::first);
    return found != values.end() && found->second->empty() ? found->second : nullptr;
  }

  Scanner scanner_;
  S3Error error_;
  bool root_seen_ = false;
  std::size_t depth_ = 0;
  std::string_view child_;
  std::string* value_ = nullptr;
};

}  // namespace

std::optional<S3Error> parse_s3_error(std::string_view body) {
  if (body.size() > kMaxBytes) return std::nullopt;
  return Reading(body).run();
}

}  // namespace mesh::buildpack
