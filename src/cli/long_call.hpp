// A request that the node answers only once a job of it has ended: shows how far the job is
// meanwhile, and cancels it at Ctrl-C.
#pragma once

#include <string>

#include "cli/api_client.hpp"
#include "cli/terminal.hpp"

namespace mosaic::cli {

struct LongCall {
  std::string path;
  std::string body;
  std::string job_kind;    ///< of the job that the request starts
  std::string collection;  ///< named in what the job says it is at; empty: any job of the kind
  std::string label;       ///< of the progress, like "backing up packages"
};

/// POSTs it. A successful answer; throws Failure for a problem.
ApiAnswer send_long_call(const Server& server, const LongCall& call, const Console& console);

}  // namespace mosaic::cli
