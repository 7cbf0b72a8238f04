#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <variant>

#include "common/error.h"

namespace mesh {
inline namespace common {

// A value or a failure: an Error, or a program's own failure type. Functions that can fail return a Result and do not throw.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(E failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)
  // Converts the error of a lower layer.
  template <std::same_as<Error> Lower>
  requires(!std::same_as<E, Error>) Result(Lower error)
      : Result(E(std::move(error))) {}  // NOLINT(google-explicit-constructor)
  template <std::same_as<Error> Lower>
  requires(!std::same_as<E, Error>) Result(Result<T, Lower> lower)  // NOLINT(google-explicit-constructor)
      : Result(lower ? Result(*std::move(lower)) : Result(E(std::move(lower).failure()))) {}

  explicit operator bool() const { return state_.index() == 0; }

  // Precondition: contains a value.
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  // Precondition: contains a failure.
  const E& failure() const& { return std::get<1>(state_); }
  E&& failure() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E failure) : failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)
  template <std::same_as<Error> Lower>
  requires(!std::same_as<E, Error>) Result(Lower error)
      : failure_(E(std::move(error))) {}  // NOLINT(google-explicit-constructor)
  template <std::same_as<Error> Lower>
  requires(!std::same_as<E, Error>) Result(Result<void, Lower> lower) {  // NOLINT(google-explicit-constructor)
    if (!lower) failure_ = E(std::move(lower).failure());
  }

  explicit operator bool() const { return !failure_; }

  // Precondition: contains a failure.
  const E& failure() const& { return *failure_; }
  E&& failure() && { return *std::move(failure_); }

 private:
  std::optional<E> failure_;
};

}  // namespace common
}  // namespace mesh

#define MESH_CONCATENATE_(a, b) a##b
#define MESH_CONCATENATE(a, b) MESH_CONCATENATE_(a, b)

// TRY(expression): returns a failure to the caller.
#define TRY(expression)                                                                      \
  do {                                                                                       \
    if (auto try_result = (expression); !try_result) return std::move(try_result).failure(); \
  } while (false)

// TRY_ASSIGN(declaration, expression): returns a failure to the caller, or declares a variable with the value.
#define TRY_ASSIGN(declaration, expression) TRY_ASSIGN_(MESH_CONCATENATE(try_result_, __LINE__), declaration, expression)
#define TRY_ASSIGN_(result, declaration, expression) \
  auto result = (expression);                        \
  if (!result) return std::move(result).failure();   \
  declaration = *std::move(result)
