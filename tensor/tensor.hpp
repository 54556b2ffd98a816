// The tensor: a shape, a number type and shared storage on a device. Always contiguous, row-major, channels last.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tensor/device.hpp"
#include "tensor/dtype.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/shape.hpp"

namespace tensor {

class Arena;

/// The arena that serves `device`. Throws Error when the device is not there.
Arena& arena(Device device);

/// A value with shared storage: copying a Tensor copies a pointer, and no operator of the house changes its arguments.
/// The exceptions are named for it (adam, follow, clamp, accumulate, assign).
class Tensor {
  public:
    /// No value; defined() is false.
    Tensor() = default;

    /// Uninitialised. Throws Error when the arena has no memory left, and for a number type that the device does not
    /// hold: the reference device holds c128 and u8, every other one holds anything but c128.
    static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu());
    static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu());
    static Tensor full(const Shape& shape, double value, DType dtype = DType::f32, Device device = Device::cpu());
    /// From host values, shape.elements() of them. T is float, double, uint8_t or complex<double>. Real numbers become
    /// complex ones on the reference device.
    template <typename T>
    static Tensor from(std::span<const T> values, const Shape& shape, Device device = Device::cpu());
    template <typename T>
    static Tensor from(const std::vector<T>& values, const Shape& shape, Device device = Device::cpu()) {
        return from(std::span<const T>(values), shape, device);
    }

    bool defined() const { return storage_ != nullptr; }
    const Shape& shape() const { return shape_; }
    std::int64_t elements() const { return shape_.elements(); }
    std::int64_t bytes() const { return elements() * static_cast<std::int64_t>(size_of(dtype_)); }
    DType dtype() const { return dtype_; }
    Device device() const { return device_; }

    /// The first element, in the device's memory. Throws Error if T is not the dtype or there is no value.
    template <typename T>
    T* data();
    template <typename T>
    const T* data() const;
    void* raw() { return storage_.get(); }
    const void* raw() const { return storage_.get(); }

    /// The same storage under another shape with as many elements. Throws Error otherwise.
    Tensor reshape(const Shape& shape) const;
    /// Rows [begin, end) of the first axis as a tensor on the same storage, which it keeps alive. Throws Error for a
    /// scalar or rows that are not there.
    Tensor rows(std::int64_t begin, std::int64_t end) const;
    /// A copy with storage of its own.
    Tensor clone() const;
    /// This tensor if it is there already, else a copy on `device`: of real numbers x the complex x + 0 i on the
    /// reference device, and of complex numbers their real parts as f64 on any other.
    Tensor to(Device device) const;
    /// This tensor if it has that type already, else a converted copy.
    Tensor cast(DType dtype) const;

    /// Host copy of all elements, converted to T: of complex numbers the real parts, unless T is complex<double>. Waits
    /// for the device.
    template <typename T>
    std::vector<T> values() const;
    /// The only element, as double; of a complex one the real part. Throws Error unless there is exactly one. A dry
    /// tensor answers 0.
    double item() const;

    /// Throws Error("[where] no value ...") if undefined.
    void require_defined(const char* where) const;

  private:
    std::shared_ptr<void> storage_;
    Shape shape_;
    DType dtype_ = DType::f32;
    Device device_;
};

/// The values of x, converted and moved if need be, into y's own storage: how a checkpoint reaches live parameters.
/// Throws Error for shapes that differ.
void assign(const Tensor& x, Tensor& y);

/// Throws Error naming both devices, or both number types, unless all tensors agree in both.
void require_same_kind(const char* where, std::initializer_list<const Tensor*> tensors);
/// Throws Error for a tensor without a value or of u8, which only stores.
void require_real(const char* where, const Tensor& x);

}  // namespace tensor
