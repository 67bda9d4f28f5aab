#include "index/graph/hnsw.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "base/failure.hpp"
#include "index/graph/huge_bytes.hpp"
#include "index/graph/inserter.hpp"

// hnswlib defines functions that are not inline: no other file of this library may include it.
#include <hnswlib/hnswlib.h>

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

/// Codes are kept apart from links, and only our own loops measure.
class NoSpace : public hnswlib::SpaceInterface<float> {
 public:
  std::size_t get_data_size() override { return 0; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return nullptr; }
  void* get_dist_func_param() override { return nullptr; }
};

[[noreturn]] void throw_corrupt(std::string_view what) {
  throw Failure(ErrorCode::kCorruptData,
                fmt::format("the graph to be extended is damaged: {}", what));
}

}  // namespace

struct Hnsw::Library {
  Library(const GraphParameters& parameters, std::size_t size)
      : quantizer(parameters.codes),
        index(&space, size, parameters.m, parameters.ef_construction),
        codes(size * quantizer.code_bytes()),
        inserter(growing(), quantizer.kind(), index.ef_construction_, index.link_list_locks_) {}

  /// Before the first element is there. Every link is a jump to another place in memory: huge pages
  /// save most of the waiting.
  GrowingGraph growing() {
    index.label_offset_ = round_up(index.size_links_level0_, sizeof(hnswlib::labeltype));
    index.size_data_per_element_ = index.label_offset_ + sizeof(hnswlib::labeltype);
    auto* memory = huge_pages(index.max_elements_ * index.size_data_per_element_);
    std::free(index.data_level0_memory_);
    index.data_level0_memory_ = memory;
    std::fill_n(index.linkLists_, index.max_elements_, nullptr);
    WalkGraph elements;
    elements.links = reinterpret_cast<const std::byte*>(memory);
    elements.link_stride = index.size_data_per_element_;
    elements.degree = index.maxM0_;
    elements.codes = codes.data();
    elements.code_bytes = quantizer.code_bytes();
    elements.nodes = static_cast<Node>(index.max_elements_);
    elements.m = index.maxM_;
    return {elements, index.linkLists_, index.size_links_per_element_};
  }

  tableint take(Node node, const std::byte* code) {
    const auto element =
        static_cast<tableint>(std::atomic_ref(index.cur_element_count).fetch_add(1));
    *index.get_linklist0(element) = 0;
    index.setExternalLabel(element, node);
    std::memcpy(codes.data() + element * quantizer.code_bytes(), code, quantizer.code_bytes());
    return element;
  }

  /// Lists up to `level`, without links.
  void raise(tableint element, int level) {
    index.element_levels_[element] = level;
    if (level == 0) return;
    const auto bytes = index.size_links_per_element_ * static_cast<std::size_t>(level);
    auto* lists = static_cast<char*>(std::calloc(bytes, 1));
    if (lists == nullptr) throw std::bad_alloc();
    index.linkLists_[element] = lists;
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

  NoSpace space;
  const Quantizer quantizer;
  hnswlib::HierarchicalNSW<float> index;
  const HugeBytes codes;
  Inserter inserter;
};

Hnsw::Hnsw(const GraphParameters& parameters, std::size_t size)
    : library_(std::make_unique<Library>(parameters, size)) {}

Hnsw::~Hnsw() = default;

int Hnsw::top_level() const {
  return library_->index.maxlevel_;
}

void Hnsw::add(Node node, int level, const std::byte* code) {
  auto& index = library_->index;
  const auto element = library_->take(node, code);
  library_->raise(element, level);
  if (index.maxlevel_ >= 0) {
    library_->inserter.insert(element, static_cast<std::size_t>(level), index.enterpoint_node_,
                              static_cast<std::size_t>(index.maxlevel_));
  }
  if (level <= index.maxlevel_) return;
  index.maxlevel_ = level;
  index.enterpoint_node_ = element;
}

void Hnsw::restore(const GraphFile& base, const std::vector<Node>& originals) {
  if (!base.links().verify(0, base.links().size())) throw_corrupt("links");
  auto& index = library_->index;
  std::vector<tableint> elements(base.nodes(), kNoElement);
  const auto code_bytes = library_->quantizer.code_bytes();
  for (Node node = 0; node < base.nodes(); ++node) {
    if (originals[node] == node)
      elements[node] = library_->take(node, base.codes().data() + node * code_bytes);
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

void Hnsw::Library::restore_level0(const GraphFile& base, Node node,
                                   const std::vector<tableint>& elements) {
  const auto element = elements[node];
  auto* list = index.get_linklist0(element);
  const auto* bytes = base.links().data() + node * base.link_stride();
  const std::span links(reinterpret_cast<const Node*>(bytes), index.maxM0_);
  tableint count = 0;
  for (const auto link : links) {
    if (link == kNoNode) continue;
    if (link >= base.nodes()) throw_corrupt(fmt::format("node {} links to {}", node, link));
    if (elements[link] != kNoElement) list[++count] = elements[link];
  }
  index.setListCount(list, static_cast<unsigned short>(count));
}

/// The highest level comes first: it says how much room an element needs.
void Hnsw::Library::restore_upper(const GraphFile::Level& links, int level,
                                  const std::vector<tableint>& elements) {
  for (std::size_t i = 0; i < links.nodes.size(); ++i) {
    const auto element = elements[links.nodes[i]];
    if (element == kNoElement) throw_corrupt(fmt::format("level {} holds a copy", level));
    if (index.linkLists_[element] == nullptr) raise(element, level);
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
