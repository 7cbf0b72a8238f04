#include "buildpack/procfile/shell_words.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace mesh::buildpack::procfile {
namespace {

constexpr auto kEnd = std::string_view::npos;
constexpr std::string_view kEndsWord = " \t\r\n;&|()<>";
constexpr std::string_view kEscapedInQuotes = "$`\"\\\n";

// Longer ones first.
constexpr std::array<std::string_view, 20> kOperators = {"<<-", "<<<", "&>>", "<<", ">>", ">&", "<&", "&>", ">", "<",
                                                         "&&",  "||",  ";;",  "|&", "\n", ";",  "|",  "&",  "(", ")"};

std::size_t name_length(std::string_view text) {
  if (text.empty() || text::is_digit(text.front())) return 0;
  const auto is_in_name = [](char c) { return text::is_alphanumeric(c) || c == '_'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_in_name) - text.begin());
}

// The length of a quoted piece at the start of the text, with both quotes.
std::size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\' && quote != '\'') ++i;
  }
  return text.size();
}

// The length of a text up to and with the bracket that closes its first character.
std::size_t bracketed_length(std::string_view text) {
  const char open = text.front();
  const char close = open == '(' ? ')' : '}';
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') ++i;
    if (c == '\'' || c == '"' || c == '`') i += quoted_length(text.substr(i)) - 1;
    if (c == open) ++depth;
    if (c == close && --depth == 0) return i + 1;
  }
  return text.size();
}

bool escapes_in_quotes(std::string_view text) { return text.size() > 1 && kEscapedInQuotes.find(text[1]) != kEnd; }

// $NAME or ${...}; nullopt for any other parameter, and for a lone dollar sign.
std::optional<Expansion> parse_expansion(std::string_view text) {
  const bool is_braced = text.starts_with("${");
  std::string_view rest = is_braced ? text.substr(2, text.size() - (text.ends_with('}') ? 3 : 2)) : text.substr(1);
  const std::size_t length = name_length(rest);
  if (length == 0) return std::nullopt;
  Expansion expansion{.name = std::string(rest.substr(0, length)), .text = std::string(text)};
  rest.remove_prefix(length);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.starts_with('-') || rest.starts_with('=')) expansion.fallback = std::string(rest.substr(1));
  expansion.assigns = rest.starts_with('=');
  return expansion;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text), rest_(text) {}

  std::vector<Token> run() {
    while (tokens_.size() < kMaxTokens && skip_to_token()) {
      if (!read_operator()) read_word();
    }
    return std::move(tokens_);
  }

 private:
  std::size_t position() const { return text_.size() - rest_.size(); }
  void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
  // Takes bytes into the value as they are.
  void take(Token& token, std::size_t count) {
    token.value += rest_.substr(0, count);
    skip(count);
  }

  // False at the end of the text.
  bool skip_to_token() {
    while (!rest_.empty()) {
      std::size_t length = rest_.find_first_not_of(" \t\r");
      if (rest_.starts_with("\\\n")) length = 2;
      if (rest_.starts_with("\\\r\n")) length = 3;
      if (rest_.starts_with('#')) length = rest_.find('\n');
      if (length == 0) return true;
      skip(length);
    }
    return false;
  }

  bool read_operator() {
    std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const bool is_descriptor = digits < rest_.size() && (rest_[digits] == '<' || rest_[digits] == '>');
    if (!is_descriptor) digits = 0;
    const std::string_view text = rest_.substr(digits);
    const auto found = std::ranges::find_if(kOperators, [&](std::string_view each) { return text.starts_with(each); });
    if (found == kOperators.end()) return false;
    const std::size_t length = digits + found->size();
    tokens_.push_back({.kind = found->find_first_of("<>") == kEnd ? TokenKind::operation : TokenKind::redirection,
                       .raw = std::string(rest_.substr(0, length)),
                       .value = std::string(*found),
                       .begin = position(),
                       .end = position() + length});
    skip(length);
    if (*found == "\n") skip_here_documents();
    return true;
  }

  void read_word() {
    Token token{.begin = position()};
    char quote = '\0';  // the one that is open
    while (!rest_.empty() && (quote != '\0' || kEndsWord.find(rest_.front()) == kEnd)) {
      const char c = rest_.front();
      if (quote == '\0' ? c == '"' || c == '\'' : c == quote) {
        quote = quote == '\0' ? c : '\0';
        token.quoted = true;
        skip(1);
      } else if (c == '\\' && (quote == '\0' || (quote == '"' && escapes_in_quotes(rest_)))) {
        read_escape(token);
      } else if (quote == '\'') {
        take(token, 1);
      } else if (c == '`') {
        token.substitutes = true;
        take(token, quoted_length(rest_));
      } else if (c == '$') {
        read_expansion(token);
      } else {
        take(token, 1);
      }
    }
    token.closed = token.closed && quote == '\0';
    token.end = position();
    token.raw = std::string(text_.substr(token.begin, token.end - token.begin));
    const bool is_delimiter = !tokens_.empty() && (tokens_.back().value == "<<" || tokens_.back().value == "<<-") &&
                              tokens_.back().kind == TokenKind::redirection;
    if (is_delimiter) here_documents_.push_back(token.value);
    tokens_.push_back(std::move(token));
  }

  // At a backslash.
  void read_escape(Token& token) {
    skip(1);
    token.closed = token.closed && !rest_.empty();
    if (rest_.starts_with('\n')) return skip(1);
    take(token, 1);
  }

  // At a dollar sign.
  void read_expansion(Token& token) {
    const std::string_view behind = rest_.substr(1);
    const bool is_bracketed = behind.starts_with('{') || behind.starts_with('(');
    const std::size_t length = 1 + (is_bracketed ? bracketed_length(behind) : name_length(behind));
    if (behind.starts_with('(')) token.substitutes = true;
    if (behind.starts_with('{') && rest_[length - 1] != '}') token.closed = false;
    if (auto expansion = parse_expansion(rest_.substr(0, length))) token.expansions.push_back(*std::move(expansion));
    take(token, length);
  }

  void skip_here_documents() {
    for (const std::string& delimiter : here_documents_) {
      bool is_open = true;
      while (is_open && !rest_.empty()) {
        const std::string_view line = rest_.substr(0, rest_.find('\n'));
        skip(line.size() + 1);
        is_open = text::trim(line) != delimiter;
      }
    }
    here_documents_.clear();
  }

  std::string_view text_;
  std::string_view rest_;
  std::vector<Token> tokens_;
  std::vector<std::string> here_documents_;  // the delimiters of those that begin at the next newline
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) { return Lexer(text).run(); }

std::optional<std::string> assigned_name(const Token& token) {
  const std::size_t length = name_length(token.raw);
  if (length == 0 || length >= token.raw.size() || token.raw[length] != '=') return std::nullopt;
  return token.raw.substr(0, length);
}

std::string assigned_value(const Token& token) {
  const std::size_t equals = token.value.find('=');
  return equals == std::string::npos ? "" : token.value.substr(equals + 1);
}

Token plain_word(const std::string& text) { return {.raw = text, .value = text, .end = text.size()}; }

}  // namespace mesh::buildpack::procfile
