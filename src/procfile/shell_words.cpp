#include "procfile/shell_words.h"

#include <algorithm>
#include <array>

namespace mesh::procfile {
namespace {

constexpr std::string_view kEndsWord = " \t\r\n;&|()<>";

// Longer ones first.
constexpr std::array<std::string_view, 10> kRedirections = {"<<-", "<<<", "&>>", "<<", ">>", ">&", "<&", "&>", ">", "<"};
constexpr std::array<std::string_view, 10> kOperations = {"&&", "||", ";;", "|&", "\n", ";", "|", "&", "(", ")"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

std::size_t name_length(std::string_view text) {
  if (text.empty() || !starts_name(text.front())) return 0;
  return static_cast<std::size_t>(std::ranges::find_if_not(text, continues_name) - text.begin());
}

// How long a quoted piece at the start of the text is, with both quotes.
std::size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote != '\'') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

// How long a text is up to and with the bracket that closes its first character.
std::size_t bracketed_length(std::string_view text) {
  const char open = text.front();
  const char close = open == '(' ? ')' : '}';
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '\'' || c == '"' || c == '`') {
      i += quoted_length(text.substr(i)) - 1;
    } else if (c == open) {
      ++depth;
    } else if (c == close && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

// The inside of ${...}.
std::optional<Expansion> braced_expansion(std::string_view inside) {
  const std::size_t length = name_length(inside);
  if (length == 0) return std::nullopt;
  Expansion expansion{.name = std::string(inside.substr(0, length))};
  std::string_view rest = inside.substr(length);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  if (rest.starts_with('-') || rest.starts_with('=')) expansion.fallback = std::string(rest.substr(1));
  expansion.assigns = rest.starts_with('=');
  return expansion;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (tokens_.size() < kMaxTokens && skip_to_token()) read_token();
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return text_.substr(position_); }
  bool at_end() const { return position_ >= text_.size(); }
  void skip(std::size_t count) { position_ = std::min(position_ + count, text_.size()); }

  bool skip_to_token();
  void read_token();
  bool read_fixed(TokenKind, std::string_view fixed);
  void read_word();
  void read_single_quotes(Token&);
  void read_double_quotes(Token&);
  void read_expansion(Token&);
  void note_here_document();
  void skip_here_documents();

  // Takes bytes into the value as they are.
  void take(Token& token, std::size_t count) {
    count = std::min(count, text_.size() - position_);
    token.value += text_.substr(position_, count);
    position_ += count;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<Token> tokens_;
  std::vector<std::string> here_documents_;  // the delimiters of those that begin at the next line end
};

// False at the end of the text.
bool Lexer::skip_to_token() {
  while (!at_end()) {
    const char c = text_[position_];
    if (c == ' ' || c == '\t' || c == '\r') {
      skip(1);
    } else if (rest().starts_with("\\\n")) {
      skip(2);
    } else if (rest().starts_with("\\\r\n")) {
      skip(3);
    } else if (c == '#') {
      skip(std::min(rest().find('\n'), rest().size()));
    } else {
      return true;
    }
  }
  return false;
}

void Lexer::read_token() {
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(rest(), is_digit) - rest().begin());
  const char behind = digits < rest().size() ? rest()[digits] : ' ';
  if (behind == '<' || behind == '>') skip(digits);  // the file descriptor of a redirection
  for (const std::string_view redirection : kRedirections) {
    if (read_fixed(TokenKind::redirection, redirection)) return;
  }
  for (const std::string_view operation : kOperations) {
    if (read_fixed(TokenKind::operation, operation)) {
      if (operation == "\n") skip_here_documents();
      return;
    }
  }
  read_word();
}

bool Lexer::read_fixed(TokenKind kind, std::string_view fixed) {
  if (!rest().starts_with(fixed)) return false;
  tokens_.push_back({.kind = kind,
                     .raw = std::string(fixed),
                     .value = std::string(fixed),
                     .begin = position_,
                     .end = position_ + fixed.size()});
  skip(fixed.size());
  return true;
}

void Lexer::read_word() {
  Token token{.begin = position_};
  while (!at_end() && kEndsWord.find(text_[position_]) == std::string_view::npos) {
    const char c = text_[position_];
    if (c == '\\') {
      skip(1);
      token.closed = token.closed && !at_end();
      if (rest().starts_with('\n')) {
        skip(1);
      } else {
        take(token, 1);
      }
    } else if (c == '\'') {
      read_single_quotes(token);
    } else if (c == '"') {
      read_double_quotes(token);
    } else if (c == '`') {
      token.substitutes = true;
      take(token, quoted_length(rest()));
    } else if (c == '$') {
      read_expansion(token);
    } else {
      take(token, 1);
    }
  }
  token.end = position_;
  token.raw = std::string(text_.substr(token.begin, token.end - token.begin));
  tokens_.push_back(std::move(token));
  note_here_document();
}

void Lexer::read_single_quotes(Token& token) {
  const std::string_view quoted = rest().substr(0, quoted_length(rest()));
  const bool closed = quoted.size() > 1 && quoted.ends_with('\'');
  token.quoted = true;
  skip(1);
  take(token, quoted.size() - (closed ? 2 : 1));
  token.closed = token.closed && closed;
  if (closed) skip(1);
}

void Lexer::read_double_quotes(Token& token) {
  token.quoted = true;
  skip(1);
  while (!at_end() && text_[position_] != '"') {
    const std::string_view ahead = rest();
    if (ahead.front() == '\\' && ahead.size() > 1 && std::string_view("$`\"\\\n").find(ahead[1]) != std::string_view::npos) {
      skip(1);
      if (ahead[1] == '\n') {
        skip(1);
      } else {
        take(token, 1);
      }
    } else if (ahead.front() == '$') {
      read_expansion(token);
    } else if (ahead.front() == '`') {
      token.substitutes = true;
      take(token, quoted_length(ahead));
    } else {
      take(token, 1);
    }
  }
  token.closed = token.closed && !at_end();
  skip(1);
}

// At a dollar sign.
void Lexer::read_expansion(Token& token) {
  const std::size_t begin = position_;
  const std::string_view behind = rest().substr(1);
  std::size_t length = 1;
  std::optional<Expansion> expansion;
  if (behind.starts_with('{')) {
    const std::size_t inner = bracketed_length(behind);
    length += inner;
    token.closed = token.closed && behind[inner - 1] == '}';
    if (inner > 2) expansion = braced_expansion(behind.substr(1, inner - 2));
  } else if (behind.starts_with('(')) {
    token.substitutes = true;
    length += bracketed_length(behind);
  } else if (const std::size_t name = name_length(behind); name > 0) {
    length += name;
    expansion = Expansion{.name = std::string(behind.substr(0, name))};
  }
  take(token, length);
  if (!expansion) return;
  expansion->begin = begin - token.begin;
  expansion->end = position_ - token.begin;
  token.expansions.push_back(*std::move(expansion));
}

// The word behind << says where the document ends.
void Lexer::note_here_document() {
  if (tokens_.size() < 2) return;
  const Token& before = tokens_[tokens_.size() - 2];
  if (before.kind != TokenKind::redirection || (before.raw != "<<" && before.raw != "<<-")) return;
  here_documents_.push_back(tokens_.back().value);
}

void Lexer::skip_here_documents() {
  for (const std::string& delimiter : here_documents_) {
    bool open = true;
    while (open && !at_end()) {
      std::string_view line = rest().substr(0, rest().find('\n'));
      skip(line.size() + 1);
      while (line.starts_with('\t')) line.remove_prefix(1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      open = line != delimiter;
    }
  }
  here_documents_.clear();
}

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

Token plain_word(std::string text) {
  Token token{.raw = std::move(text)};
  token.value = token.raw;
  token.end = token.raw.size();
  return token;
}

bool is_variable_name(std::string_view text) { return !text.empty() && name_length(text) == text.size(); }

}  // namespace mesh::procfile
