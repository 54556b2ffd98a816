#include "autograd/batch.hpp"

#include "autograd/rearrange.hpp"
#include "tensor/error.hpp"

namespace autograd {

Batch::Batch(const Tensor& whole, std::span<const Part> parts) : whole_(whole) {
    constexpr const char* where = "batch";
    whole.require_defined(where);
    std::int64_t begin = 0;
    for (const Part& part : parts) {
        const std::int64_t end = begin + part.rows;
        parts_.emplace_back(whole.rows(begin, end), part.requires_grad);
        begin = end;
    }
    if (parts_.empty() || begin != whole.shape()[0])
        tensor::fail(where, "{} parts of {} rows, expected all rows of {}", parts.size(), begin,
                     whole.shape().to_string());
}

Batch::operator Variable() const {
    if (parts_.size() != 1) tensor::fail("batch", "{} parts, expected one variable", parts_.size());
    return parts_.front();
}

Batch Batch::map(const Tensor& value, const std::function<Variable(const Variable&, const Rows&)>& record) const {
    Batch result;
    if (parts_.size() == 1) {
        result.parts_.push_back(record(parts_.front(), {value, value, 0}));
        return result;
    }
    result.whole_ = value;
    std::int64_t begin = 0;
    for (const Variable& part : parts_) {
        const std::int64_t end = begin + part.shape()[0];
        result.parts_.push_back(record(part, {value.rows(begin, end), value, begin}));
        begin = end;
    }
    return result;
}

Batch reshape_rows(const Batch& x, const Shape& row) {
    const auto shape_of = [&](const Tensor& rows) {
        std::vector<std::int64_t> extents{rows.shape()[0]};
        for (int i = 0; i < row.rank(); ++i) extents.push_back(row[i]);
        return Shape(extents);
    };
    return x.map(x.value().reshape(shape_of(x.value())),
                 [&](const Variable& part, const Batch::Rows& rows) { return reshape(part, rows.value.shape()); });
}

}  // namespace autograd
