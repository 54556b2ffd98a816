#include "tensor/tensor.hpp"

#include <cstring>

#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"

namespace tensor {

Arena& arena(Device device) { return backend(device).arena(); }

namespace {

using Complex = std::complex<double>;

void require_holds(Device device, DType dtype) {
    if (device.kind == DeviceKind::reference && is_real_number(dtype))
        fail("tensor",
             "{} on the reference device, expected c128 (Tensor::to makes complex numbers of real ones there)",
             name_of(dtype));
    if (device.kind != DeviceKind::reference && dtype == DType::c128)
        fail("tensor",
             "c128 on {}, expected f32 or f64 (complex numbers are at home on the reference device: "
             "Tensor::to(Device::reference()))",
             device.to_string());
}

template <typename To, typename From>
std::vector<To> converted(std::span<const From> values) {
    std::vector<To> result;
    result.reserve(values.size());
    for (const From& value : values) {
        if constexpr (std::is_same_v<From, Complex> && !std::is_same_v<To, Complex>)
            result.push_back(static_cast<To>(value.real()));
        else result.push_back(static_cast<To>(value));
    }
    return result;
}

}  // namespace

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
    require_holds(device, dtype);
    Tensor result;
    result.shape_ = shape;
    result.dtype_ = dtype;
    result.device_ = device;
    Arena& source = arena(device);
    const auto bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
    result.storage_ = std::shared_ptr<void>(source.allocate(bytes), [&source](void* address) { source.free(address); });
    return result;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) { return full(shape, 0.0, dtype, device); }

Tensor Tensor::full(const Shape& shape, double value, DType dtype, Device device) {
    OperationScope operation("fill");
    Tensor result = empty(shape, dtype, device);
    backend(device).fill(result, value);
    operation.ran({}, {&result}, 0);
    return result;
}

template <typename T>
Tensor Tensor::from(std::span<const T> values, const Shape& shape, Device device) {
    OperationScope operation("from_host");
    if (static_cast<std::int64_t>(values.size()) != shape.elements())
        fail("tensor", "{} values for shape {} of {} elements", values.size(), shape.to_string(), shape.elements());
    if (device.kind == DeviceKind::reference && is_real_number(dtype_of<T>()))
        return from(converted<Complex>(values), shape, device);
    Tensor result = empty(shape, dtype_of<T>(), device);
    backend(device).from_host(values.data(), result);
    operation.ran({}, {&result}, 0);
    return result;
}

template <typename T>
T* Tensor::data() {
    return const_cast<T*>(std::as_const(*this).data<T>());
}

template <typename T>
const T* Tensor::data() const {
    require_defined("tensor");
    if (dtype_ != dtype_of<T>()) fail("tensor", "data is {}, asked for as {}", name_of(dtype_), name_of(dtype_of<T>()));
    return static_cast<const T*>(storage_.get());
}

Tensor Tensor::reshape(const Shape& shape) const {
    require_defined("reshape");
    if (shape.elements() != elements())
        fail("reshape", "{} has {} elements, {} has {}", shape_.to_string(), elements(), shape.to_string(),
             shape.elements());
    Tensor result = *this;
    result.shape_ = shape;
    return result;
}

Tensor Tensor::rows(std::int64_t begin, std::int64_t end) const {
    require_defined("rows");
    if (shape_.rank() == 0 || begin < 0 || end < begin || end > shape_[0])
        fail("rows", "rows {} to {} of {}", begin, end, shape_.to_string());
    Tensor result = *this;
    result.shape_ = shape_.with(0, end - begin);
    const std::int64_t row_elements = shape_[0] ? elements() / shape_[0] : 0;
    const auto offset = static_cast<std::size_t>(begin * row_elements) * size_of(dtype_);
    result.storage_ = std::shared_ptr<void>(storage_, static_cast<std::byte*>(storage_.get()) + offset);
    return result;
}

Tensor Tensor::clone() const {
    OperationScope operation("clone");
    require_defined("clone");
    Tensor result = empty(shape_, dtype_, device_);
    backend(device_).convert(*this, result);
    operation.ran({this}, {&result}, 0);
    return result;
}

Tensor Tensor::to(Device device) const {
    OperationScope operation("to");
    require_defined("to");
    if (device == device_) return *this;
    if (dtype_ == DType::c128 || (device.kind == DeviceKind::reference && is_real_number(dtype_))) {
        Tensor result = from(values<double>(), shape_, device);
        operation.ran({this}, {&result}, 0);
        return result;
    }
    std::vector<std::byte> host(static_cast<std::size_t>(bytes()));
    backend(device_).to_host(*this, host.data());
    Tensor result = empty(shape_, dtype_, device);
    backend(device).from_host(host.data(), result);
    operation.ran({this}, {&result}, 0);
    return result;
}

Tensor Tensor::cast(DType dtype) const {
    OperationScope operation("cast");
    require_defined("cast");
    if (dtype == dtype_) return *this;
    Tensor result = empty(shape_, dtype, device_);
    backend(device_).convert(*this, result);
    operation.ran({this}, {&result}, 0);
    return result;
}

template <typename T>
std::vector<T> Tensor::values() const {
    OperationScope operation("values");
    const auto read = [&]<typename Stored>(const Tensor& x, Stored) {
        std::vector<Stored> host(static_cast<std::size_t>(x.elements()));
        backend(x.device()).to_host(x, host.data());
        operation.ran({&x}, {}, 0);
        return host;
    };
    if constexpr (std::is_same_v<T, Complex>) {
        if (dtype_ == DType::c128) return read(*this, T{});
        return converted<T>(std::span<const double>(values<double>()));
    } else {
        if (dtype_ == DType::c128) return converted<T>(std::span<const Complex>(read(*this, Complex{})));
        return read(cast(dtype_of<T>()), T{});
    }
}

double Tensor::item() const {
    require_defined("item");
    if (elements() != 1) fail("item", "shape {} has {} elements, expected 1", shape_.to_string(), elements());
    return values<double>()[0];
}

void Tensor::require_defined(const char* where) const {
    if (!defined()) fail(where, "a tensor without a value");
}

void assign(const Tensor& x, Tensor& y) {
    OperationScope operation("assign");
    x.require_defined("assign");
    y.require_defined("assign");
    if (!(x.shape() == y.shape()))
        fail("assign", "shape {}, expected {}", x.shape().to_string(), y.shape().to_string());
    const Tensor moved = x.to(y.device());
    backend(y.device()).convert(moved, y);
    operation.ran({&moved}, {&y}, 0);
}

void require_same_kind(const char* where, std::initializer_list<const Tensor*> tensors) {
    const Tensor* first = nullptr;
    for (const Tensor* t : tensors) {
        t->require_defined(where);
        if (!first) first = t;
        if (t->device() != first->device())
            fail(where, "arguments on {} and {}, expected one device (move one with Tensor::to)",
                 first->device().to_string(), t->device().to_string());
        if (t->dtype() != first->dtype())
            fail(where, "arguments of {} and {}, expected one number type (Tensor::cast)", name_of(first->dtype()),
                 name_of(t->dtype()));
    }
}

void require_real(const char* where, const Tensor& x) {
    x.require_defined(where);
    if (x.dtype() == DType::u8) fail(where, "number type u8, expected f32 or f64");
}

template Tensor Tensor::from<float>(std::span<const float>, const Shape&, Device);
template Tensor Tensor::from<double>(std::span<const double>, const Shape&, Device);
template Tensor Tensor::from<std::uint8_t>(std::span<const std::uint8_t>, const Shape&, Device);
template Tensor Tensor::from<Complex>(std::span<const Complex>, const Shape&, Device);
template float* Tensor::data<float>();
template double* Tensor::data<double>();
template std::uint8_t* Tensor::data<std::uint8_t>();
template Complex* Tensor::data<Complex>();
template const float* Tensor::data<float>() const;
template const double* Tensor::data<double>() const;
template const std::uint8_t* Tensor::data<std::uint8_t>() const;
template const Complex* Tensor::data<Complex>() const;
template std::vector<float> Tensor::values<float>() const;
template std::vector<double> Tensor::values<double>() const;
template std::vector<std::uint8_t> Tensor::values<std::uint8_t>() const;
template std::vector<Complex> Tensor::values<Complex>() const;

}  // namespace tensor
