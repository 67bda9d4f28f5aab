#include "index/graph/copies.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/checksum.hpp"
#include "index/codes/quantizer.hpp"

namespace mosaic::index {
namespace {

/// A digest in the place of a code: two codes with the same one would only cost a node its place.
struct CodeOfNode {
  std::uint64_t digest;
  Node node;
  friend auto operator<=>(const CodeOfNode&, const CodeOfNode&) = default;
};

std::uint64_t digest_of(const std::byte* code, std::size_t size) {
  return checksum({reinterpret_cast<const char*>(code), size});
}

std::vector<CodeOfNode> digests_of(const GraphContents& contents, const GraphFile* base) {
  const Quantizer quantizer(contents.parameters.codes);
  const auto size = quantizer.code_bytes();
  const Node base_nodes = base == nullptr ? 0 : base->nodes();
  const auto code = aligned_bytes(size);
  std::vector<CodeOfNode> digests(contents.sources.size());
  for (Node node = 0; node < digests.size(); ++node) {
    const std::byte* bytes = code.get();
    if (node < base_nodes) {
      bytes = base->codes().data() + node * size;
    } else {
      quantizer.encode(contents.sources[node].vector, code.get());
    }
    digests[node] = {digest_of(bytes, size), node};
  }
  return digests;
}

/// The place of the link that `node` misses least: a free one, or that to what is farthest.
Node& place_for_one_more(GraphContents& contents, const Quantizer& quantizer, Node node) {
  const auto distance = code_kernels().pair[static_cast<std::size_t>(quantizer.kind())];
  const auto places = 2 * contents.parameters.m;
  const auto links = std::span(contents.links).subspan(std::size_t{node} * places, places);
  const auto code_of = [&](Node of) { return contents.codes.get() + of * quantizer.code_bytes(); };
  Node* farthest = &links.front();
  float most = 0;
  for (Node& link : links) {
    if (link == kNoNode) return link;
    const float far = distance(code_of(node), code_of(link), quantizer.blocks());
    if (&link == &links.front() || far > most) {
      farthest = &link;
      most = far;
    }
  }
  return *farthest;
}

/// `copies`: all those of `original`.
void link_tree(GraphContents& contents, const Quantizer& quantizer, Node original,
               std::span<const Node> copies) {
  const std::size_t places = 2 * contents.parameters.m;
  const auto children = places - 1;
  place_for_one_more(contents, quantizer, original) = copies.front();
  for (std::size_t i = 0; i < copies.size(); ++i) {
    contents.links[copies[i] * places] = original;
    if (i == 0) continue;
    const auto parent = copies[(i - 1) / children];
    contents.links[parent * places + 1 + (i - 1) % children] = copies[i];
  }
}

}  // namespace

std::vector<Node> originals_of(const GraphContents& contents, const GraphFile* base) {
  auto digests = digests_of(contents, base);
  std::sort(digests.begin(), digests.end());
  std::vector<Node> originals(digests.size());
  Node original = 0;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (i == 0 || digests[i].digest != digests[i - 1].digest) original = digests[i].node;
    originals[digests[i].node] = original;
  }
  return originals;
}

void link_copies(GraphContents& contents, const std::vector<Node>& originals) {
  const Quantizer quantizer(contents.parameters.codes);
  std::vector<Node> copies;
  for (Node node = 0; node < originals.size(); ++node) {
    if (originals[node] != node) copies.push_back(node);
  }
  const auto original_of = [&](Node node) { return originals[node]; };
  std::ranges::stable_sort(copies, {}, original_of);
  for (auto begin = copies.begin(); begin != copies.end();) {
    const auto original = original_of(*begin);
    const auto end = std::ranges::upper_bound(begin, copies.end(), original, {}, original_of);
    link_tree(contents, quantizer, original, {begin, end});
    begin = end;
  }
}

}  // namespace mosaic::index
