#include "release/s3_error.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mesh {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024;
constexpr std::size_t kMaxValue = 256;

constexpr std::string_view kBlanks = " \t\r\n";

// A piece of the document: a tag, or the text between two tags.
struct Piece {
  enum class Kind { open, close, empty, text } kind;
  std::string_view content;  // a tag's name, or the text as it is written
};

class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  // Nothing at the end, or where the document is broken.
  std::optional<Piece> next() {
    while (!rest_.empty()) {
      if (skip("<!--", "-->") || skip("<?", "?>")) continue;
      if (rest_.starts_with("<![CDATA[")) return delimited(9, "]]>");
      if (rest_.starts_with("<!")) return std::nullopt;
      return rest_.front() == '<' ? tag() : characters();
    }
    return std::nullopt;
  }

  bool is_at_end() const { return rest_.find_first_not_of(kBlanks) == std::string_view::npos; }

 private:
  bool skip(std::string_view begin, std::string_view end) {
    if (!rest_.starts_with(begin)) return false;
    const std::size_t found = rest_.find(end, begin.size());
    if (found == std::string_view::npos) return false;
    rest_.remove_prefix(found + end.size());
    return true;
  }

  std::optional<Piece> delimited(std::size_t begin, std::string_view end) {
    const std::size_t found = rest_.find(end, begin);
    if (found == std::string_view::npos) return std::nullopt;
    const Piece piece{Piece::Kind::text, rest_.substr(begin, found - begin)};
    rest_.remove_prefix(found + end.size());
    return piece;
  }

  std::optional<Piece> tag() {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    Piece piece{Piece::Kind::open, {}};
    if (inside.starts_with('/')) {
      piece.kind = Piece::Kind::close;
      inside.remove_prefix(1);
    } else if (inside.ends_with('/')) {
      piece.kind = Piece::Kind::empty;
      inside.remove_suffix(1);
    }
    piece.content = inside.substr(0, inside.find_first_of(kBlanks));
    if (piece.content.empty()) return std::nullopt;
    return piece;
  }

  std::optional<Piece> characters() {
    const std::size_t end = rest_.find('<');
    const Piece piece{Piece::Kind::text, rest_.substr(0, end)};
    rest_.remove_prefix(piece.content.size());
    return piece;
  }

  std::string_view rest_;
};

// The predefined entities; others, numbers among them, do not occur in what is read here.
std::string decoded(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string result;
  while (!text.empty()) {
    std::size_t length = 1;
    char character = text.front();
    for (const auto& [entity, meaning] : kEntities) {
      if (!text.starts_with(entity)) continue;
      length = entity.size();
      character = meaning;
    }
    result += character;
    text.remove_prefix(length);
  }
  return result;
}

std::string* member_of(S3Error& error, std::string_view name) {
  if (name == "Code") return &error.code;
  if (name == "Message") return &error.message;
  if (name == "Endpoint") return &error.endpoint;
  if (name == "Region") return &error.region;
  return nullptr;
}

}  // namespace

std::optional<S3Error> parse_s3_error(std::string_view body) {
  if (body.size() > kMaxBody) return std::nullopt;
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  Scanner scanner(body.substr(std::min(body.find_first_not_of(kBlanks), body.size())));
  const auto root = scanner.next();
  if (!root || root->kind != Piece::Kind::open || root->content != "Error") return std::nullopt;

  S3Error error;
  std::string* value = nullptr;
  std::size_t depth = 1;  // of open elements
  while (depth > 0) {
    const auto piece = scanner.next();
    if (!piece) return std::nullopt;
    if (piece->kind == Piece::Kind::text && value != nullptr && depth == 2) *value += decoded(piece->content);
    if (piece->kind == Piece::Kind::open && ++depth == 2) value = member_of(error, piece->content);
    if (piece->kind == Piece::Kind::close) --depth;
  }
  if (!scanner.is_at_end()) return std::nullopt;
  for (std::string* text : {&error.code, &error.message, &error.endpoint, &error.region}) {
    *text = text::printable_line(text::trim(*text), kMaxValue);
  }
  return error;
}

}  // namespace mesh
