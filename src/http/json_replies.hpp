// Domain types as the JSON of the public contract. Pure; fields that are absent become null where
// the contract names them.
#pragma once

#include <string>
#include <vector>

#include "mosaic/engine.hpp"

namespace mosaic::http {

std::string collection_json(const CollectionInfo& info);
std::string collections_json(const std::vector<CollectionInfo>& infos);
std::string dropped_json(Seq seq);

std::string upsert_json(const UpsertReply& reply);
std::string delete_json(const DeleteReply& reply);

std::string document_json(const StoredDocument& stored, const Include& include);
std::string documents_json(const ListReply& page, const Include& include);
std::string ids_json(const ListReply& page);

/// One NDJSON line that an import takes back without loss: what is absent is left out.
void append_export_line(std::string& out, const Document& document);

std::string search_json(const SearchReply& reply, const Include& include);
/// `includes` has one entry for each reply.
std::string search_batch_json(const std::vector<SearchReply>& replies,
                              const std::vector<Include>& includes);

}  // namespace mosaic::http
