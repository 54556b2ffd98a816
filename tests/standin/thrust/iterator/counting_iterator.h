#pragma once

#include <compare>
#include <cstddef>
#include <iterator>

namespace thrust {

/// The numbers from `value` on, as if they lay in memory.
template <typename T>
class counting_iterator {
  public:
    using value_type = T;
    using reference = T;
    using pointer = const T*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::random_access_iterator_tag;

    constexpr counting_iterator() = default;
    constexpr explicit counting_iterator(T value) : value_(value) {}

    constexpr T operator*() const { return value_; }
    constexpr T operator[](difference_type i) const { return *(*this + i); }
    constexpr counting_iterator& operator++() { return ++value_, *this; }
    constexpr counting_iterator operator++(int) { return counting_iterator(value_++); }
    constexpr counting_iterator& operator--() { return --value_, *this; }
    constexpr counting_iterator operator--(int) { return counting_iterator(value_--); }
    constexpr counting_iterator& operator+=(difference_type i) { return value_ = value_ + static_cast<T>(i), *this; }
    constexpr counting_iterator& operator-=(difference_type i) { return value_ = value_ - static_cast<T>(i), *this; }
    constexpr friend counting_iterator operator+(counting_iterator a, difference_type i) { return a += i; }
    constexpr friend counting_iterator operator+(difference_type i, counting_iterator a) { return a += i; }
    constexpr friend counting_iterator operator-(counting_iterator a, difference_type i) { return a -= i; }
    constexpr friend difference_type operator-(counting_iterator a, counting_iterator b) {
        return static_cast<difference_type>(a.value_) - static_cast<difference_type>(b.value_);
    }
    constexpr auto operator<=>(const counting_iterator&) const = default;

  private:
    T value_{};
};

template <typename T>
constexpr counting_iterator<T> make_counting_iterator(T value) {
    return counting_iterator<T>(value);
}

}  // namespace thrust
