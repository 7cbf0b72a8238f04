#include "buildpack/release/s3_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.h"

// The document is one flat element, so a scanner for this shape is enough. An XML library with document types, entities and
// namespaces would expose more code to untrusted input. The scanner does not recurse, reads each byte a few times at most,
// and stores only the values.
namespace mesh::buildpack {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;
constexpr std::size_t kMaxValue = 64;
constexpr std::string_view kWhitespace = " \t\r\n";
constexpr std::string_view kNameEnd = " \t\r\n=/<>\"'";

enum class Kind { open, empty, close, text, end, broken };

// A tag, identified by its name, or the text between two tags.
struct Piece {
  Kind kind;
  std::string_view content = {};
};

// Splits a document into its pieces. Skips comments and processing instructions.
class Scanner {
 public:
  explicit Scanner(std::string_view document) : rest_(text::without_byte_order_mark(document)) {}

  Piece next();

 private:
  bool take(std::string_view prefix);
  std::optional<std::string_view> take_until(std::string_view mark);
  std::string_view take_name();
  void skip_whitespace() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kWhitespace), rest_.size())); }
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

// Takes the text before the mark, and the mark. Returns the text; nullopt if the mark is missing.
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
  skip_whitespace();
  if (!take("=")) return false;
  skip_whitespace();
  if (take("\"")) return take_until("\"").has_value();
  return take("'") && take_until("'");
}

Piece Scanner::opening_tag() {
  const std::string_view name = take_name();
  if (name.empty()) return {Kind::broken};
  while (true) {
    skip_whitespace();
    if (take(">")) return {Kind::open, name};
    if (take("/>")) return {Kind::empty, name};
    if (!skip_attribute()) return {Kind::broken};
  }
}

Piece Scanner::closing_tag() {
  const std::string_view name = take_name();
  skip_whitespace();
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

// Follows the pieces of a document by their depth: the root is opened at 0, its children at 1, and their text is at 2.
class Reading {
 public:
  explicit Reading(std::string_view document) : scanner_(document) {}

  std::optional<S3Error> run() {
    for (Piece piece = scanner_.next(); piece.kind != Kind::end; piece = scanner_.next()) {
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
      case Kind::text: return take_text(piece.content);
      case Kind::end:
      case Kind::broken: return false;
    }
    return false;
  }

  bool open(std::string_view name) {
    if (depth_ == 0 && (std::exchange(root_seen_, true) || name != "Error")) return false;
    if (depth_ == 1) child_ = name;
    ++depth_;
    return true;
  }

  // Compares names only at depths 1 and 2. Deeper elements are skipped by their depth.
  bool close(std::string_view name) {
    if (depth_ == 0 || (depth_ == 1 && name != "Error") || (depth_ == 2 && name != child_)) return false;
    --depth_;
    return true;
  }

  // Uses the first of several values. Ignores values that S3 does not send, such as character references.
  bool take_text(std::string_view text) {
    const std::string_view value = text::trim(text);
    if (depth_ == 0) return value.empty();
    const bool is_known = depth_ == 2 && (child_ == "Code" || child_ == "Region");
    if (!is_known || value.size() > kMaxValue || !text::is_alphanumeric_or(".-", value)) return true;
    std::string& place = child_ == "Code" ? error_.code : error_.region;
    if (place.empty()) place = value;
    return true;
  }

  Scanner scanner_;
  S3Error error_;
  bool root_seen_ = false;
  std::size_t depth_ = 0;
  std::string_view child_;
};

}  // namespace

std::optional<S3Error> parse_s3_error(std::string_view body) {
  if (body.size() > kMaxBytes) return std::nullopt;
  return Reading(body).run();
}

}  // namespace mesh::buildpack
