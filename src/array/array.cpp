#include "mlxa/array.h"

#include <stdexcept>
#include <string>

#include "array/node.h"
#include "array/residency.h"

namespace mlxa {
namespace {

thread_local ComputeMode thread_mode;

size_t count_elements(const Shape& shape) {
  size_t count = 1;
  for (ShapeElem dim : shape) {
    if (dim < 0) throw std::invalid_argument("[array] negative dimension " + std::to_string(dim));
    if (__builtin_mul_overflow(count, static_cast<size_t>(dim), &count)) {
      throw std::invalid_argument("[array] shape with more elements than memory can hold");
    }
  }
  return count;
}

}  // namespace

ComputeMode current_mode() noexcept { return thread_mode; }

ComputeScope::ComputeScope(ComputeMode mode) noexcept : previous_(thread_mode) {
  thread_mode = mode;
}
ComputeScope::~ComputeScope() { thread_mode = previous_; }

Strides row_major_strides(const Shape& shape) {
  Strides strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

ArrayDesc::ArrayDesc(Shape shape_in, Dtype dtype)
    : shape(std::move(shape_in)),
      strides(row_major_strides(shape)),
      size(count_elements(shape)),
      dtype(dtype) {}

void ArrayDesc::set_row_contiguous(std::shared_ptr<Buffer> memory) {
  set_view(memory, 0, row_major_strides(shape), size);
}

void ArrayDesc::set_view(const std::shared_ptr<Buffer>& memory, int64_t bytes, Strides view_strides,
                         size_t covered) {
  buffer = memory;
  offset = bytes;
  strides = std::move(view_strides);
  data_size = covered;
  int64_t row = 1, col = 1;
  bool row_ok = true, col_ok = true;
  for (size_t i = shape.size(); i-- > 0;) {
    row_ok &= shape[i] == 1 || strides[i] == row;
    row *= shape[i];
  }
  for (size_t i = 0; i < shape.size(); i++) {
    col_ok &= shape[i] == 1 || strides[i] == col;
    col *= shape[i];
  }
  flags.row_contiguous = row_ok || size == 0;
  flags.col_contiguous = col_ok || size == 0;
  // Without gaps: the covered elements are exactly those that the non-broadcast axes reach.
  size_t reached = 1, span = 1;
  for (size_t i = 0; i < shape.size(); i++) {
    if (strides[i] == 0 || shape[i] <= 1) continue;
    reached *= static_cast<size_t>(shape[i]);
    span += static_cast<size_t>((shape[i] - 1) * std::abs(strides[i]));
  }
  flags.contiguous = size == 0 || (reached == span && reached == data_size);
}

void ArrayDesc::clear_data() {
  buffer.reset();
  offset = 0;
  data_size = 0;
  strides = row_major_strides(shape);
  flags = {true, true, true};
}

std::mutex& graph_mutex() {
  static auto* mutex = new std::mutex();  // leaked: arrays in static storage may die after it
  return *mutex;
}

Node::~Node() {
  // A chain of a million unevaluated ops must not recurse a million destructors deep.
  std::vector<std::shared_ptr<Node>> pending;
  auto collect = [&pending](Node& node) {
    if (!node.inputs.empty()) {
      const std::lock_guard lock(graph_mutex());
      for (array& input : node.inputs) {
        ArrayDesc& desc = input.desc();
        if (desc.node && input.desc_ptr().use_count() == 1 && desc.node.use_count() == 1) {
          pending.push_back(std::move(desc.node));
        }
      }
    }
    node.inputs.clear();  // may destroy nodes, and so take the mutex
  };
  collect(*this);
  while (!pending.empty()) {
    std::shared_ptr<Node> node = std::move(pending.back());
    pending.pop_back();
    collect(*node);
  }
}

array::array(void* data, const Shape& shape, Dtype dtype, const Deleter& deleter)
    : desc_(std::make_shared<ArrayDesc>(shape, dtype)) {
  desc_->set_row_contiguous(std::make_shared<Buffer>(data, nbytes(), deleter));
  desc_->publish();
}

array::array(const Shape& shape, Dtype dtype, std::shared_ptr<Primitive> primitive,
             std::vector<array> inputs)
    : desc_(std::make_shared<ArrayDesc>(shape, dtype)) {
  desc_->node = std::make_shared<Node>();
  desc_->node->primitive = std::move(primitive);
  desc_->node->inputs = std::move(inputs);
  desc_->node->outputs.push_back(desc_);
  desc_->node->output_types.emplace_back(shape, dtype);
}

std::vector<array> array::make_arrays(const std::vector<Shape>& shapes,
                                      const std::vector<Dtype>& dtypes,
                                      const std::shared_ptr<Primitive>& primitive,
                                      const std::vector<array>& inputs) {
  auto node = std::make_shared<Node>();
  node->primitive = primitive;
  node->inputs = inputs;
  std::vector<array> out;
  for (size_t i = 0; i < shapes.size(); i++) {
    out.push_back(array(std::make_shared<ArrayDesc>(shapes[i], dtypes.at(i))));
    out.back().desc_->node = node;
    out.back().desc_->output_index = static_cast<int>(i);
    node->outputs.push_back(out.back().desc_);
    node->output_types.emplace_back(shapes[i], dtypes[i]);
  }
  return out;
}

array array::uninitialized(const Shape& shape, Dtype dtype) {
  auto desc = std::make_shared<ArrayDesc>(shape, dtype);
  desc->set_row_contiguous(host_allocator().allocate(desc->size * dtype.size()));
  desc->publish();
  return array(std::move(desc));
}

array array::view_of(const std::shared_ptr<Buffer>& buffer, int64_t offset, const Shape& shape,
                     Dtype dtype) {
  auto desc = std::make_shared<ArrayDesc>(shape, dtype);
  desc->set_view(buffer, offset, row_major_strides(shape), desc->size);
  desc->publish();
  return array(std::move(desc));
}

void array::check_element_count(size_t count, const Shape& shape) {
  if (count != count_elements(shape)) {
    throw std::invalid_argument("[array] " + std::to_string(count) +
                                " elements given, the shape needs " +
                                std::to_string(count_elements(shape)));
  }
}

size_t array::size() const { return desc_->size; }
size_t array::nbytes() const { return desc_->size * desc_->dtype.size(); }
size_t array::itemsize() const { return desc_->dtype.size(); }
size_t array::ndim() const { return desc_->shape.size(); }
const Shape& array::shape() const { return desc_->shape; }
int array::shape(int dim) const {
  return desc_->shape.at(static_cast<size_t>(dim < 0 ? dim + static_cast<int>(ndim()) : dim));
}
const Strides& array::strides() const { return desc_->strides; }
int64_t array::strides(int dim) const {
  return desc_->strides.at(static_cast<size_t>(dim < 0 ? dim + static_cast<int>(ndim()) : dim));
}
Dtype array::dtype() const { return desc_->dtype; }

void* array::raw_data(bool writes) const {
  // Not is_available(): kernels fill memory that no other thread may see yet.
  if (!desc_->buffer) throw std::logic_error("[array] data() of an array that is not evaluated");
  if (desc_->completion) wait_for(*this);
  return static_cast<char*>(host_address(*desc_->buffer, writes ? Access::kWrite : Access::kRead)) +
         desc_->offset;
}

const void* array::item_pointer() const {
  if (size() != 1) {
    throw std::invalid_argument("[array] item() of an array of " + std::to_string(size()) +
                                " elements");
  }
  eval();
  return raw_data(false);
}

void array::eval() const {
  if (is_available()) {
    wait_for(*this);
  } else {
    mlxa::eval(std::vector<array>{*this});
  }
}
bool array::is_available() const { return desc_->evaluated(); }
std::uintptr_t array::id() const { return reinterpret_cast<std::uintptr_t>(desc_.get()); }

bool array::has_primitive() const { return desc_->node != nullptr; }
const Primitive& array::primitive() const {
  if (!desc_->node) throw std::logic_error("[array] primitive() of an array without one");
  return *desc_->node->primitive;
}
const std::vector<array>& array::inputs() const {
  static const std::vector<array> kNone;
  return desc_->node ? desc_->node->inputs : kNone;
}

std::vector<array> array::outputs() const {
  if (!desc_->node) return {*this};
  std::vector<array> out;
  for (const auto& weak : desc_->node->outputs) {
    auto desc = weak.lock();
    if (!desc) throw std::logic_error("[array] outputs() after one of them was dropped");
    out.push_back(array(std::move(desc)));
  }
  return out;
}

std::vector<array> array::siblings() const {
  std::vector<array> out;
  if (!desc_->node) return out;
  for (const auto& weak : desc_->node->outputs) {
    if (auto desc = weak.lock(); desc && desc != desc_) out.push_back(array(std::move(desc)));
  }
  return out;
}

const array::Flags& array::flags() const { return desc_->flags; }
size_t array::data_size() const { return desc_->data_size; }
int64_t array::offset() const { return desc_->offset; }
const std::shared_ptr<Buffer>& array::buffer() const { return desc_->buffer; }

}  // namespace mlxa
