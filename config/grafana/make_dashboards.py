#!/usr/bin/env python3
"""Writes the dashboards beside it, or only says whether they are up to date: make_dashboards.py [--check].

Each panel's description says what the number means and what to do. The metrics are explained in
docs/DEPLOYMENT_GUIDE.md.
"""

import json
import pathlib
import sys

from panels import GREEN, GREY, ORANGE, RED, bars, dashboard, lines, mean, quantile, quantiles, rate, stat

FOLDER = pathlib.Path(__file__).parent / "dashboards"
# What is wrong is at the bottom of a stack: there even a little of it is seen.
OUTCOMES = {"error": RED, "partial": ORANGE, "complete": GREEN}
WRITES = {"error": RED, "durable": ORANGE, "applied": GREEN}
LOOKUPS = {"error": RED, "miss": ORANGE, "hit": GREEN}
ENDPOINTS = {"error": RED, "ok": GREEN}
STATES = {"parked": RED, "down": ORANGE, "starting": "yellow", "up": GREEN}
REQUESTS = "mosaic_http_requests_total"
# A check that says "not ready" is an answer, not an error.
ASKED = 'route!~"/health|/ready|/metrics"'
SEARCHES = "mosaic_search_duration_seconds"


def share(part, whole):
    """Part of a whole; 0 while nothing happens."""
    return f"({part} or vector(0)) / ({whole} > 0) or vector(0)"


def stack(title, metric, label, colors, unit, about, labels=""):
    """A counter by the values of one label, from the bottom to the top."""
    also = f",{labels}" if labels else ""
    return lines(title, {value: rate(metric, labels=f'{label}="{value}"{also}') for value in colors}, unit, about,
                 stacked=True, colors=colors)


def overview():
    now = [
        stat("Node", "min(up{@})", "none", "Whether Prometheus reaches the node. Down: look at its log and at the "
             "machine.", (RED, (1, GREEN)), words={0: "down", 1: "up"}),
        stat("Ready", "min(mosaic_ready{@})", "none", "Whether every shard serves. After a start it replays the log "
             "first; GET /ready says what is missing.", (ORANGE, (1, GREEN)), words={0: "not ready", 1: "ready"}),
        stat("Requests", rate(REQUESTS), "reqps", "All HTTP requests a second."),
        stat("Errors", share(rate(REQUESTS, labels=ASKED + ',status=~"5.."'), rate(REQUESTS, labels=ASKED)), "percentunit", "Share of answers that are 5xx, refusals for "
             "overload included. See the routes below, then the node's log.",
             (GREEN, (0.001, ORANGE), (0.02, RED)), 2),
        stat("Search p50", quantile(0.5, SEARCHES), "s", "Half of the searches are faster.",
             (GREEN, (0.1, ORANGE), (0.5, RED)), 1),
        stat("Search p99", quantile(0.99, SEARCHES), "s", "One search in a hundred is slower. High: the Search "
             "dashboard shows the stage.", (GREEN, (0.25, ORANGE), (0.5, RED)), 1),
        stat("Partial answers", share(rate("mosaic_searches_total", labels='outcome="partial"'),
                                      rate("mosaic_searches_total")),
             "percentunit", "Share of searches that miss a shard. The Shards dashboard shows which is down or late.",
             (GREEN, (0.0001, ORANGE), (0.01, RED)), 2),
        stat("Refused", f"{rate('mosaic_admission_refusals_total')} + {rate('mosaic_limit_refusals_total')}", "reqps",
             "Requests refused for overload or for a limit. Give the node less work or more cores.",
             (GREEN, (0.1, ORANGE), (1, RED)), 1),
        stat("Memory", "sum(process_resident_memory_bytes{@})", "bytes", "Resident memory of the process; vectors are "
             "the most of it. limits.memory refuses writes before it runs out."),
        stat("Disk free", "min(mosaic_disk_free_bytes{@} / mosaic_disk_size_bytes{@})", "percentunit", "Of the file "
             "system of the data folder. Below limits.disk_free writes are refused.",
             (RED, (0.1, ORANGE), (0.2, GREEN)), 0),
        stat("Documents", "sum(max by (collection, shard) (mosaic_shard_documents{@}))", "short", "Live documents in all "
             "collections, however many nodes have them."),
        stat("Alerts", 'count(ALERTS{alertstate="firing",alertname=~"Mosaic.*",instance=~"$instance"}) or vector(0)',
             "none", "Alerts that fire now; Prometheus lists them at /alerts, and the deployment guide says what to "
             "do.", (GREEN, (1, RED))),
    ]
    traffic = [
        lines("Requests by route", {"{{method}} {{route}}": rate(REQUESTS, "method, route") + " > 0"}, "reqps",
              "What the node is asked for.", stacked=True),
        lines("Answers that are errors", {"{{status}}": rate(REQUESTS, "status", 'status!~"2.."')}, "reqps",
              "4xx: the client's mistake. 503: refused or a shard is down. 500: read the log."),
        lines("Time of a request", quantiles("mosaic_http_request_duration_seconds"), "s",
              "From the first byte of the request to the last of the answer, writes included."),
        stack("Searches by outcome", "mosaic_searches_total", "outcome", OUTCOMES, "reqps",
              "Partial answers miss a shard; errors are timeouts and bad requests."),
        lines("Documents written", {"upserted": rate("mosaic_documents_upserted_total"),
                                    "deleted": rate("mosaic_documents_deleted_total")}, "wps",
              "Documents, not requests, a second.", colors={"deleted": GREY}),
        lines("Entries behind", {"behind": "max(mosaic_log_lag_entries{@})"}, "short", "How far the slowest shard "
              "is behind the log. It should come back to 0; if it grows, a shard is slow or down."),
    ]
    resources = [
        lines("Memory", {"resident": "sum(process_resident_memory_bytes{@})",
                         "vectors": "sum(mosaic_shard_memory_bytes{@})",
                         "limit": 'sum(mosaic_limit{@,limit="memory"}) > 0'}, "bytes",
              "Resident memory, the part of it that is vectors, and limits.memory if one is set.", limit="limit"),
        lines("Processor", {"cores used": "sum(rate(process_cpu_seconds_total{@}[$__rate_interval]))"}, "short",
              "Cores busy. At the machine's number of cores searches begin to wait and are refused in the end."),
        lines("Disk", {"data": "sum(mosaic_shard_bytes{@})", "log": "sum(mosaic_log_bytes{@})",
                       "free": "sum(mosaic_disk_free_bytes{@})"}, "bytes",
              "Shard files, the log, and what is free.", colors={"free": GREY}),
        lines("Connections", {"open": "sum(mosaic_http_connections{@})"}, "short",
              "HTTP connections; past http.connections_max one more closes the one that has been idle longest."),
        lines("Files", {"open": "sum(process_open_fds{@})"}, "short", "File descriptors in use; a shard needs some "
              "dozens. Raise LimitNOFILE before they run out."),
        lines("Parts restarted", {"{{part}}": "sum by (part) (increase(mosaic_part_restarts_total{@}[5m]))"}, "short",
              "Restarts in five minutes. One heals a failure; many mean that its cause is still there: read the log."),
    ]
    return dashboard("overview", "Overview", "Is it up, is it fast, is it right, will it last.",
                     [("Now", 4, now), ("Traffic", 8, traffic), ("Resources", 8, resources)])


def cluster():
    now = [
        stat("Nodes up", 'max(mosaic_cluster_nodes{@,state="up"})', "none", "Nodes that answer and have everything, as "
             "the node that sees most of them says."),
        stat("Down", 'max(mosaic_cluster_nodes{@,state="down"})', "none", "Nodes that some node does not reach. Start "
             "them again; one that is lost for good is taken out with mosaic cluster remove.", (GREEN, (1, RED))),
        stat("Joining", 'max(mosaic_cluster_nodes{@,state="joining"})', "none", "Nodes that fetch what they lack, as "
             "after a start. It ends by itself.", (GREEN, (1, ORANGE))),
        stat("Leader", "min(mosaic_cluster_leader_known{@})", "none", "Whether every node knows a leader. Without one "
             "writes wait 3 s, then are refused; eventual and session searches go on.", (RED, (1, GREEN)),
             words={0: "none", 1: "known"}),
        stat("Votes", "max(mosaic_cluster_voters{@})", "none", "Nodes that vote. More than half of them must be up for "
             "a write: 3 stand the loss of one, 1 of none.", (ORANGE, (3, GREEN))),
        stat("Behind", "max(mosaic_cluster_lag_entries{@})", "short", "Entries of the log that the slowest node does "
             "not have yet.", (GREEN, (1000, ORANGE), (10000, RED))),
    ]
    nodes = [
        lines("Nodes by state", {"{{state}}": "max by (state) (mosaic_cluster_nodes{@})"}, "short", "As the node says "
              "that sees most in that state. Down on one node alone: the network between them.",
              colors={"down": RED, "joining": ORANGE, "up": GREEN, "leaving": GREY}),
        lines("Who leads", {"{{instance}}": "max by (instance) (mosaic_cluster_leader{@})"}, "short", "1 for the node "
              "that leads. A change is an election; many mean that nodes or the network are too slow.", top=1),
        lines("Term", {"term": "max(mosaic_cluster_term{@})"}, "locale", "Counts elections. It stands still while all "
              "is well."),
        lines("Behind", {"{{instance}}": "max by (instance) (mosaic_cluster_lag_entries{@})"}, "short", "Entries that "
              "some node has and this one does not. One alone that grows: its disk or its network."),
        lines("Newest entry", {"{{instance}}": "max by (instance) (mosaic_log_seq{@})"}, "locale", "The lines lie on "
              "each other while all nodes keep up."),
        lines("Ready", {"{{instance}}": "min by (instance) (mosaic_ready{@})"}, "short", "0 while a node starts, ends, "
              "or misses a shard.", top=1),
    ]
    share_of_work = [
        lines("Searches", {"{{instance}}": rate("mosaic_searches_total", "instance")}, "reqps", "Every node answers "
              "searches itself; nginx spreads them."),
        lines("Writes", {"{{instance}}": rate("mosaic_writes_total", "instance")}, "reqps", "Writes that came to this "
              "node; the leader puts all of them into the log."),
        lines("Search p99", {"{{instance}}": quantile(0.99, SEARCHES, "instance")}, "s", "One node alone that is slow: "
              "it may be fetching files, or its page cache is cold."),
        lines("Mean time of a commit", {"{{instance}}": mean("mosaic_write_stage_duration_seconds", "instance",
                                                              'stage="commit"')}, "s",
              "Until more than half of the votes have a write on disk: the network and the second fastest disk."),
    ]
    return dashboard("cluster", "Cluster", "Which nodes are there, who leads, who is behind.",
                     [("Now", 4, now), ("Nodes", 8, nodes), ("Share of the work", 8, share_of_work)])


def search():
    now = [
        stat("Searches", rate("mosaic_searches_total"), "reqps", "Searches a second, each of a batch counted."),
        stat("p50", quantile(0.5, SEARCHES), "s", "Half of the searches are faster.",
             (GREEN, (0.1, ORANGE), (0.5, RED)), 1),
        stat("p95", quantile(0.95, SEARCHES), "s", "One in twenty is slower.",
             (GREEN, (0.25, ORANGE), (0.5, RED)), 1),
        stat("p99", quantile(0.99, SEARCHES), "s", "One in a hundred is slower.",
             (GREEN, (0.25, ORANGE), (0.5, RED)), 1),
        stat("Slow queries", rate("mosaic_slow_queries_total"), "reqps", "Searches past log.slow_query_ms; the log has "
             "each with its explanation.", (GREEN, (0.1, ORANGE), (10, RED)), 1),
        stat("Refused", rate("mosaic_admission_refusals_total", labels='door="search"'), "reqps",
             "Searches refused for overload. What is let in stays fast; for more, give it cores.",
             (GREEN, (0.1, ORANGE), (1, RED)), 1),
    ]
    speed = [
        lines("Searches by mode", {"{{mode}}": rate("mosaic_searches_total", "mode")}, "reqps",
              "Vector, text or both at once.", stacked=True),
        lines("p50 by mode", {"{{mode}}": quantile(0.5, SEARCHES, "mode")}, "s", "Typical time by mode."),
        lines("p99 by mode", {"{{mode}}": quantile(0.99, SEARCHES, "mode")}, "s",
              "Vector searches scan the tails of shards (see the Shards dashboard): long ones cost time."),
        stack("Outcome", "mosaic_searches_total", "outcome", OUTCOMES, "reqps",
              "Partial: a shard was down or late. Error: nothing could be answered."),
        lines("Searches under way", {"under way": 'sum(mosaic_admission_in_flight{@,door="search"})',
                                     "limit": 'sum(mosaic_admission_limit{@,door="search"})'}, "short",
              "At the limit further searches are refused, and fewer are let in until it calms.", limit="limit"),
        lines("Started again", {"started again": rate("mosaic_search_retries_total")}, "reqps",
              "Searches whose state of the data had gone while they ran. Often: searches are too slow for the rate of "
              "writes."),
    ]
    where = [
        lines("Mean time of each stage", {"{{stage}}": mean("mosaic_search_stage_duration_seconds", "stage")}, "s",
              "Where a search spends its time. embed: an endpoint; candidates: shards; documents: reading the winners.",
              stacked=True),
        lines("p99 of each stage", {"{{stage}}": quantile(0.99, "mosaic_search_stage_duration_seconds", "stage")}, "s",
              "The stage that makes the slow ones slow."),
        lines("p99 within a searcher", {"{{question}}": quantile(0.99, "mosaic_searcher_duration_seconds", "question")},
              "s", "Time of a shard's work without waiting for it. Far below the stage: searches wait for a core."),
        lines("Slowest shards", {"{{collection}}/{{shard}}":
              f"topk(8, {mean('mosaic_shard_search_duration_seconds', 'collection, shard')})"}, "s",
              "Mean search time of the eight slowest shards. One alone: more documents, or a bad disk."),
    ]
    return dashboard("search", "Search", "How fast searches are, and which part takes the time.",
                     [("Now", 4, now), ("Speed", 8, speed), ("Where the time goes", 8, where)])


def ingest():
    writes = 'route=~".*/documents.*",method="POST"'
    now = [
        stat("Documents", rate("mosaic_documents_upserted_total"), "wps", "Documents upserted a second."),
        stat("Write p99", quantile(0.99, "mosaic_http_request_duration_seconds", labels=writes), "s",
             "Of writing requests, until they are answered.", (GREEN, (1, ORANGE), (5, RED)), 1),
        stat("Entries behind", "max(mosaic_log_lag_entries{@})", "short", "Log entries that the slowest shard has yet to apply.",
             (GREEN, (100, ORANGE), (1000, RED))),
        stat("Refused", rate("mosaic_admission_refusals_total", labels='door="write"'), "reqps", "Writes refused "
             "because too many are under way: send fewer at a time.", (GREEN, (0.1, ORANGE), (1, RED)), 1),
        stat("Limits reached", "sum(mosaic_limit_reached{@})", "none", "Memory, disk or documents: writes are refused "
             "until there is room.", (GREEN, (1, RED))),
        stat("Newest entry", "max(mosaic_log_seq{@})", "locale", "Seq of the newest entry of the log."),
    ]
    flow = [
        lines("Documents", {"upserted": rate("mosaic_documents_upserted_total"),
                            "deleted": rate("mosaic_documents_deleted_total")}, "wps",
              "Documents a second.", colors={"deleted": GREY}),
        stack("Writing requests by outcome", "mosaic_writes_total", "outcome", WRITES, "reqps",
              "Applied: searches see it. Durable: it is safe, a shard is late. Error: nothing was stored."),
        lines("Time of a write", quantiles("mosaic_http_request_duration_seconds", writes), "s",
              "Until the answer; large batches take longer."),
        lines("Mean time of each stage", {"{{stage}}": mean("mosaic_write_stage_duration_seconds", "stage")}, "s",
              "commit waits for the disk's sync, apply for the slowest shard, embed for an endpoint.", stacked=True),
        lines("p99 of one group in one shard", {"p99": quantile(0.99, "mosaic_apply_duration_seconds")}, "s",
              "Applying a group of entries is one transaction of a shard."),
        lines("Bytes in", {"bodies": rate("mosaic_http_request_bytes_total")}, "Bps", "Bodies of all requests."),
    ]
    queues = [
        lines("Fullest write queue", {"waiting": "max(mosaic_apply_queue_bytes{@})",
                                      "limit": "max(mosaic_apply_queue_bytes_max{@})"}, "bytes",
              "Past the limit (write.queue_bytes_max) writes are refused.", limit="limit"),
        lines("Writers waiting", {"for {{for}}": "sum by (for) (mosaic_writers_waiting{@})"}, "short",
              "Requests that wait for the log's disk or for shards."),
        lines("Entries behind", {"behind": "max(mosaic_log_lag_entries{@})"}, "short",
              "Comes back to 0 when writes pause. If not, a shard is down."),
        lines("Log", {"on disk": "sum(mosaic_log_bytes{@})"}, "bytes", "The log's folder. It is cut behind the "
              "slowest shard; one that is down keeps it growing."),
        lines("Bodies in memory", {"held": "sum(mosaic_http_body_bytes{@})",
                                   "limit": "sum(mosaic_http_body_bytes_max{@})"}, "bytes",
              "Requests that are arriving or worked on; past http.bodies_bytes_max they are refused.", limit="limit"),
        lines("Refused for a limit", {"{{limit}}": rate("mosaic_limit_refusals_total", "limit")}, "reqps",
              "Writes refused because memory, disk or a collection is full."),
    ]
    return dashboard("ingest", "Ingest", "How fast writes are, and what they wait for.",
                     [("Now", 4, now), ("Flow", 8, flow), ("Queues", 8, queues)])


def shards():
    one = "{{collection}}/{{shard}}"
    shard = "collection, shard"
    applied = 'by (collection) (mosaic_shard_applied_seq{@,collection!="_other"})'
    behind = f"max {applied} - min {applied}"
    now = [
        stat("Up", 'sum(mosaic_shards{@,state="up"})', "none", "Shards that serve.", (GREEN,)),
        stat("Starting", 'sum(mosaic_shards{@,state="starting"})', "none", "Shards that open their file or catch up "
             "with the log.", (GREEN, (1, ORANGE))),
        stat("Down", 'sum(mosaic_shards{@,state="down"})', "none", "Shards that failed and will be started again. "
             "GET /health names them.", (GREEN, (1, RED))),
        stat("Parked", 'sum(mosaic_shards{@,state="parked"})', "none", "Shards that failed too often; tried every 30 "
             "seconds. Read the log: a damaged file or a full disk.", (GREEN, (1, RED))),
        stat("Collections", "sum(mosaic_collections{@})", "none", "Collections of the node."),
        stat("Restarts in an hour", "sum(increase(mosaic_shard_restarts_total{@}[1h])) or vector(0)", "none",
             "Of all shards.", (GREEN, (1, ORANGE), (10, RED)), 0),
    ]
    work = [
        lines("Slowest to search", {one: f"topk(8, {mean('mosaic_shard_search_duration_seconds', shard)})"},
              "s", "Mean time of the eight slowest. One alone: more documents than others, or a bad disk."),
        lines("Slowest to apply", {one: f"topk(8, {mean('mosaic_shard_apply_duration_seconds', shard)})"},
              "s", "Mean time of a group of writes. A write waits for the slowest shard of its collection."),
        lines("Busiest", {one: f"topk(8, {rate('mosaic_shard_search_duration_seconds_count', shard)})"},
              "reqps", "Searches a second that reach the shard."),
        lines("Restarts", {one: "topk(8, sum by (collection, shard) (increase(mosaic_shard_restarts_total{@}[5m])))"},
              "short", "In five minutes. The log says why."),
        lines("Behind the others", {"{{collection}}": behind}, "short",
              "Seqs between the first and the last shard of a collection: more than a moment means one is down."),
        lines("States", {state: f'sum(mosaic_shards{{@,state="{state}"}})' for state in STATES}, "short",
              "All should be up.", stacked=True, colors=STATES),
    ]
    index = [
        lines("Where vectors are", {"in graphs": "sum(mosaic_shard_index_vectors{@})",
                                    "in tails": "sum(mosaic_shard_index_tail_vectors{@})"}, "short",
              "Searches walk graphs and scan tails. Tails are folded into graphs in the background, from 5,000 vectors "
              "and a fifth of the graph on.", stacked=True),
        lines("Longest tails", {one: "topk(8, mosaic_shard_index_tail_vectors{@})"}, "short",
              "Vectors that every search of the shard compares with. Growing on and on: building is slower than writing; "
              "raise index.threads."),
        lines("Builds", {"{{outcome}}": "sum by (outcome) (increase(mosaic_shard_index_builds_total{@}[5m]))"}, "short",
              "Graphs built anew or extended, in five minutes. Failed: the log says why, searches scan meanwhile."),
        lines("Damaged index files", {"damaged": "sum(mosaic_shard_index_damages_total{@})"}, "short",
              "Found since the node started; each was made anew from the shard's file. Look after the disk."),
    ]
    size = [
        bars("Documents", "topk(12, mosaic_shard_documents{@} > 0)", one, "short",
             "The twelve fullest shards. Hash routing keeps those of a collection even."),
        bars("On disk", "topk(12, mosaic_shard_bytes{@} > 0)", one, "bytes", "Database and WAL."),
        bars("Vectors in memory", "topk(12, mosaic_shard_memory_bytes{@} > 0)", one, "bytes",
             "4 bytes for each dimension of each document, and what indexes need."),
    ]
    return dashboard("shards", "Shards", "Which shard is down, slow, late or large. Past 200 shards the others are "
                     "summed as _other.", [("Now", 4, now), ("Work", 8, work), ("Index", 8, index),
                                          ("Size", 9, size)])


def cache():
    requests = "mosaic_cache_requests_total"

    def hits(name):
        one = f'cache="{name}"'
        found = rate(requests, labels=one + ',result="hit"')
        return f"{found} / ({rate(requests, labels=one)} > 0)"

    found = rate(requests, "cache", 'result="hit"')
    steps = (ORANGE, (0.5, GREEN))
    now = [
        stat("Filter hits", hits("filter"), "percentunit", "Filters whose rows were remembered. Low with varied "
             "filters is normal; with few it wants search.filter_cache_bytes.", steps, 1),
        stat("Result hits", hits("result"), "percentunit", "Searches that were answered from memory, because nothing "
             "was written since the same was asked. Low where searches differ or writes never rest.", decimals=1),
        stat("Embedding hits", hits("embedding"), "percentunit", "Texts whose vector this node remembered. Low: "
             "embedding.cache_bytes.", steps, 1),
        stat("Shared hits", hits("shared_embedding"), "percentunit", "Of texts asked of Redis, those it had: what "
             "another node, or this one before its restart, asked for. Only for collections with an endpoint.",
             decimals=1),
        stat("Cache errors", rate(requests, labels='result="error"'), "reqps", "Redis did not answer. The node goes "
             "on without it and asks the endpoint.", (GREEN, (0.01, ORANGE), (1, RED)), 1),
        stat("Endpoint p99", quantile(0.99, "mosaic_embedding_request_duration_seconds"), "s", "Of requests to "
             "embedding endpoints: searches wait for it.", (GREEN, (0.5, ORANGE), (2, RED)), 1),
        stat("Memory", "sum(mosaic_cache_bytes{@})", "bytes", "Of all caches of the process."),
    ]
    use = [
        stack("Filter cache", requests, "result", LOOKUPS, "reqps", "A miss reads the shard's rows once.",
              'cache="filter"'),
        stack("Result cache", requests, "result", LOOKUPS, "reqps", "A miss searches. Searches that explain or audit "
              "are not looked up.", 'cache="result"'),
        stack("Embedding cache", requests, "result", LOOKUPS, "reqps", "A miss asks Redis, then the endpoint.",
              'cache="embedding"'),
        stack("Shared embedding cache", requests, "result", LOOKUPS, "reqps",
              "Redis, shared by nodes and kept over their restarts.", 'cache="shared_embedding"'),
        lines("Bytes", {"{{cache}}": "sum by (cache) (mosaic_cache_bytes{@})"}, "bytes",
              "Each has a setting as its bound.", stacked=True),
        lines("Entries", {"{{cache}}": "sum by (cache) (mosaic_cache_entries{@})"}, "short", "Filters, answers and vectors."),
        lines("Hit ratio", {"{{cache}}": f"{found} / ({rate(requests, 'cache')} > 0)"}, "percentunit",
              "Share of requests that were remembered.", top=1),
    ]
    endpoints = [
        stack("Requests to endpoints", "mosaic_embedding_requests_total", "outcome", ENDPOINTS, "reqps",
              "Batches of texts; an error is one that failed embedding.attempts_max times."),
        lines("Time of an endpoint", quantiles("mosaic_embedding_request_duration_seconds"), "s",
              "It is the endpoint's, not the node's: larger batches take longer."),
    ]
    return dashboard("cache", "Cache", "What is remembered and what it saves.",
                     [("Now", 4, now), ("Use", 8, use), ("Embedding endpoints", 8, endpoints)])


def texts():
    """The files that should be there: name and content."""
    return {f"{make.__name__}.json": json.dumps(make(), indent=1, ensure_ascii=False) + "\n"
            for make in (overview, cluster, search, ingest, shards, cache)}


def main():
    if "--check" in sys.argv[1:]:
        old = [name for name, text in texts().items() if (FOLDER / name).read_text("utf-8") != text]
        print("\n".join(f"{name} is not what make_dashboards.py makes" for name in old) or "dashboards: up to date")
        return 1 if old else 0
    for name, text in texts().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
