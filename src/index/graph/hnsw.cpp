#include "index/graph/hnsw.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "base/failure.hpp"

// Its prefetches read up to 3 bytes past the links of a node: within what malloc rounds up to, but
// a sanitizer objects.
#if defined(__SANITIZE_ADDRESS__)
#define NO_MANUAL_VECTORIZATION
#endif
// hnswlib defines functions that are not inline: no other file of this library may include it.
#include <hnswlib/hnswlib.h>

namespace hnswlib {

/// Levels are chosen by the build; the library's own generator is shared by threads without a lock.
template <>
int HierarchicalNSW<float>::getRandomLevel(double) {
  return 0;
}

}  // namespace hnswlib

namespace mosaic::index {
namespace {

constexpr std::size_t kHugePage = 2 << 20;

using hnswlib::tableint;
constexpr tableint kNoElement = 0xffff'ffff;

std::size_t round_up(std::size_t size, std::size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

/// To be given back with free(), as hnswlib does.
char* huge_pages(std::size_t bytes) {
  const auto size = round_up(bytes, kHugePage);
  auto* memory = static_cast<char*>(std::aligned_alloc(kHugePage, size));
  if (memory == nullptr) throw std::bad_alloc();
  madvise(memory, size, MADV_HUGEPAGE);  // where there are none, small ones do
  return memory;
}

class CodeSpace : public hnswlib::SpaceInterface<float> {
 public:
  explicit CodeSpace(const Quantizer& quantizer)
      : distance_(code_kernels().pair[static_cast<std::size_t>(quantizer.kind())]),
        blocks_(quantizer.blocks()) {}

  std::size_t get_data_size() override { return blocks_ * kCodeBlock; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return measure; }
  void* get_dist_func_param() override { return this; }

 private:
  static float measure(const void* a, const void* b, const void* space) {
    const auto* self = static_cast<const CodeSpace*>(space);
    return self->distance_(static_cast<const std::byte*>(a), static_cast<const std::byte*>(b),
                           self->blocks_);
  }

  CodeDistance distance_;
  std::size_t blocks_;
};

[[noreturn]] void throw_corrupt(std::string_view what) {
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("the graph to be extended is damaged: {}", what));
}

}  // namespace

struct Hnsw::Library {
  Library(const GraphParameters& parameters, std::size_t size)
      : space(Quantizer(parameters.codes)),
        index(&space, size, parameters.m, parameters.ef_construction) {
    std::fill_n(index.linkLists_, index.max_elements_, nullptr);
    align_codes();
  }

  /// The kernels want codes on cache lines, and where every distance is a jump to another place in
  /// memory, huge pages save most of the waiting. So elements get another layout before the first
  /// one is there: links, label, code.
  void align_codes() {
    index.label_offset_ = round_up(index.size_links_level0_, sizeof(hnswlib::labeltype));
    index.offsetData_ = round_up(index.label_offset_ + sizeof(hnswlib::labeltype), kCodeBlock);
    index.size_data_per_element_ = index.offsetData_ + index.data_size_;
    auto* memory = huge_pages(index.max_elements_ * index.size_data_per_element_);
    std::free(index.data_level0_memory_);
    index.data_level0_memory_ = memory;
  }

  /// The links of an element in a level; those behind them are unused.
  std::span<const tableint> links(tableint element, int level) const {
    auto* list = index.get_linklist_at_level(element, level);
    return {list + 1, index.getListCount(list)};
  }

  void restore_level0(const GraphFile& base, Node node, const std::vector<tableint>& elements);
  void restore_upper(const GraphFile::Level& links, int level,
                     const std::vector<tableint>& elements);
  std::vector<tableint> elements_of(Node nodes) const;
  GraphLevel copy_level(int level, const std::vector<tableint>& elements,
                        const std::vector<Node>& nodes_below) const;

  CodeSpace space;
  hnswlib::HierarchicalNSW<float> index;
};

Hnsw::Hnsw(const GraphParameters& parameters, std::size_t size)
    : library_(std::make_unique<Library>(parameters, size)) {}

Hnsw::~Hnsw() = default;

int Hnsw::top_level() const {
  return library_->index.maxlevel_;
}

void Hnsw::add(Node node, int level, const std::byte* code) {
  library_->index.addPoint(code, node, level);
}

void Hnsw::restore(const GraphFile& base, const std::vector<Node>& originals) {
  if (!base.links().verify(0, base.links().size())) throw_corrupt("links");
  auto& index = library_->index;
  std::vector<tableint> elements(base.nodes(), kNoElement);
  for (Node node = 0; node < base.nodes(); ++node) {
    if (originals[node] == node) {
      elements[node] = static_cast<tableint>(index.cur_element_count++);
      index.element_levels_[elements[node]] = 0;
    }
  }
  for (Node node = 0; node < base.nodes(); ++node) {
    if (elements[node] != kNoElement) library_->restore_level0(base, node, elements);
  }
  const auto levels = base.levels();
  for (std::size_t i = levels.size(); i > 0; --i) {
    library_->restore_upper(levels[i - 1], static_cast<int>(i), elements);
  }
  index.maxlevel_ = static_cast<int>(levels.size());
  const auto entry = base.parameters().entry;
  index.enterpoint_node_ = elements[levels.empty() ? entry : levels.back().nodes[entry]];
}

/// label_lookup_ is left without the elements of the base: it serves to find those that are added
/// again.
void Hnsw::Library::restore_level0(const GraphFile& base, Node node,
                                   const std::vector<tableint>& elements) {
  const auto element = elements[node];
  auto* list = index.get_linklist0(element);
  std::memset(list, 0, index.offsetData_);
  const auto* bytes = base.links().data() + node * base.link_stride();
  const std::span links(reinterpret_cast<const Node*>(bytes), index.maxM0_);
  tableint count = 0;
  for (const auto link : links) {
    if (link == kNoNode) continue;
    if (link >= base.nodes()) throw_corrupt(fmt::format("node {} links to {}", node, link));
    if (elements[link] != kNoElement) list[++count] = elements[link];
  }
  index.setListCount(list, static_cast<unsigned short>(count));
  index.setExternalLabel(element, node);
  std::memcpy(index.getDataByInternalId(element), base.codes().data() + node * index.data_size_,
              index.data_size_);
}

/// The highest level comes first: it says how much room an element needs.
void Hnsw::Library::restore_upper(const GraphFile::Level& links, int level,
                                  const std::vector<tableint>& elements) {
  for (std::size_t i = 0; i < links.nodes.size(); ++i) {
    const auto element = elements[links.nodes[i]];
    if (element == kNoElement) throw_corrupt(fmt::format("level {} holds a copy", level));
    auto*& lists = index.linkLists_[element];
    if (lists == nullptr) {
      // One byte more, as hnswlib itself takes.
      const auto bytes = index.size_links_per_element_ * static_cast<std::size_t>(level) + 1;
      lists = static_cast<char*>(std::calloc(bytes, 1));
      if (lists == nullptr) throw std::bad_alloc();
      index.element_levels_[element] = level;
    }
    auto* list = index.get_linklist(element, level);
    tableint count = 0;
    for (const auto link : links.links.subspan(i * index.maxM_, index.maxM_)) {
      if (link != kNoNode) list[++count] = elements[links.nodes[link]];
    }
    index.setListCount(list, static_cast<unsigned short>(count));
  }
}

/// By node.
std::vector<tableint> Hnsw::Library::elements_of(Node nodes) const {
  std::vector<tableint> elements(nodes, kNoElement);
  for (tableint i = 0; i < index.cur_element_count; ++i) elements[index.getExternalLabel(i)] = i;
  return elements;
}

/// `nodes_below`: of the level below, in the numbering of level 0.
GraphLevel Hnsw::Library::copy_level(int level, const std::vector<tableint>& elements,
                                     const std::vector<Node>& nodes_below) const {
  GraphLevel copy;
  std::vector<Node> numbers(index.cur_element_count);  // in this level, by element
  for (Node below = 0; below < nodes_below.size(); ++below) {
    const auto element = elements[nodes_below[below]];
    if (element == kNoElement || index.element_levels_[element] < level) continue;
    numbers[element] = static_cast<Node>(copy.nodes.size());
    copy.nodes.push_back(nodes_below[below]);
    copy.below.push_back(below);
  }
  copy.links.assign(copy.nodes.size() * index.maxM_, kNoNode);
  for (std::size_t i = 0; i < copy.nodes.size(); ++i) {
    auto place = copy.links.begin() + static_cast<std::ptrdiff_t>(i * index.maxM_);
    for (const auto link : links(elements[copy.nodes[i]], level)) *place++ = numbers[link];
  }
  return copy;
}

void Hnsw::copy_links(GraphContents& contents) const {
  const auto& index = library_->index;
  const auto elements = library_->elements_of(contents.parameters.nodes);
  contents.links.assign(elements.size() * index.maxM0_, kNoNode);
  std::vector<Node> nodes(elements.size());
  for (Node node = 0; node < nodes.size(); ++node) {
    nodes[node] = node;
    if (elements[node] == kNoElement) continue;
    auto place = contents.links.begin() + static_cast<std::ptrdiff_t>(node * index.maxM0_);
    for (const auto link : library_->links(elements[node], 0)) {
      *place++ = static_cast<Node>(index.getExternalLabel(link));
    }
  }
  contents.levels.clear();
  for (int level = 1; level <= index.maxlevel_; ++level) {
    const auto& below = level == 1 ? nodes : contents.levels.back().nodes;
    contents.levels.push_back(library_->copy_level(level, elements, below));
  }
  const auto& highest = contents.levels.empty() ? nodes : contents.levels.back().nodes;
  const auto entry = static_cast<Node>(index.getExternalLabel(index.enterpoint_node_));
  contents.parameters.entry =
      static_cast<Node>(std::lower_bound(highest.begin(), highest.end(), entry) - highest.begin());
}

}  // namespace mosaic::index
