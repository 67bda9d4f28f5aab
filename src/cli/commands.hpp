// The client commands. Each does what its arguments say against a running node, writes to the
// console and gives back the exit code; it throws Failure when the operation failed.
#pragma once

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"

namespace mosaic::cli {

int run_import(const ImportArguments& arguments, const Console& console);
int run_export(const ExportArguments& arguments, const Console& console);
int run_search(const SearchArguments& arguments, const Console& console);
int run_collections(const CollectionsArguments& arguments, const Console& console);
int run_reembed(const ReembedArguments& arguments, const Console& console);
int run_snapshot(const SnapshotArguments& arguments, const Console& console);
int run_backup(const BackupArguments& arguments, const Console& console);
int run_restore(const RestoreArguments& arguments, const Console& console);
int run_cluster(const ClusterArguments& arguments, const Console& console);
int run_bench(const BenchArguments& arguments, const Console& console);
int run_top(const TopArguments& arguments, const Console& console);

/// The body of PUT /api/v1/collections/{name}.
std::string collection_body(const CollectionOptions& options);

}  // namespace mosaic::cli
