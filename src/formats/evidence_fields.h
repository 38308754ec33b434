// What a whydrop.evidence/1 document holds: every field of the evidence, named once, for the writer
// and for the reader.
//
// fields() gives the members of an object, elements() those of a short array. An archive (the
// writer, the reader, the tests' generator) is called with each:
//
//   archive("name", member)        a value
//   archive.exact("name", member)  a 64-bit integer as a decimal string: raw counters, inode
//                                  numbers and cookies pass 2^53, which many readers of JSON cannot
//   archive.rare("name", member)   a flag that is written only where it is true
//
// The types are matched with and without const: the writer only looks.
#pragma once

#include <concepts>
#include <type_traits>

#include "model/evidence.h"

namespace formats {

template <class Given, class Wanted>
concept Of = std::same_as<std::remove_const_t<Given>, Wanted>;

void fields(auto& archive, Of<model::Host> auto& host) {
  archive("id", host.id);
  archive("name", host.name);
  archive("arch", host.arch);
  archive("os", host.os);
  archive("kernel", host.kernel);
  archive("virt", host.virt);
  archive("boot_id", host.boot_id);
  archive("uptime_s", host.uptime_s);
  archive("cpus", host.cpus);
  archive.exact("memory_bytes", host.memory_bytes);
  archive("labels", host.labels);
}

void fields(auto& archive, Of<model::Netns> auto& netns) {
  archive("id", netns.id);
  archive("name", netns.name);
  archive("enter_path", netns.enter_path);
  archive("pid", netns.pid);
  archive("comm", netns.comm);
  archive("unit", netns.unit);
  archive("container", netns.container);
  archive("container_name", netns.container_name);
  archive("selected", netns.selected);
}

void fields(auto& archive, Of<model::DevicePeer> auto& peer) {
  archive("netns", peer.netns);
  archive("name", peer.name);
}

void fields(auto& archive, Of<model::Device> auto& device) {
  archive("netns", device.netns);
  archive("ifindex", device.ifindex);
  archive("name", device.name);
  archive("kind", device.kind);
  archive("driver", device.driver);
  archive("mtu", device.mtu);
  archive("txqueuelen", device.txqueuelen);
  archive("operstate", device.operstate);
  archive("master", device.master);
  archive("xdp_program", device.xdp_program);
  archive("peer_ifindex", device.peer_ifindex);
  archive("peer", device.peer);
  archive("addresses", device.addresses);
  archive.rare("vanished", device.vanished);
}

void fields(auto& archive, Of<model::Window::Gap> auto& gap) {
  archive("from_s", gap.from_s);
  archive("to_s", gap.to_s);
}

void fields(auto& archive, Of<model::Window> auto& window) {
  archive.exact("start_wall_ns", window.start_wall_ns);
  archive("duration_ns", window.duration_ns);
  archive("traced_ns", window.traced_ns);
  archive("skew_ns", window.skew_ns);
  archive("origin", window.origin);
  archive("kind", window.kind);
  archive("reference", window.reference);
  archive("interface", window.interface);
  archive("child_status", window.child_status);
  archive("interrupted", window.interrupted);
  archive("gaps", window.gaps);
}

void fields(auto& archive, Of<model::Thresholds> auto& thresholds) {
  archive("critical_loss_ratio", thresholds.critical_loss_ratio);
  archive("critical_loss_packets", thresholds.critical_loss_packets);
  archive("notable_refusal_packets", thresholds.notable_refusal_packets);
  archive("notable_refusal_ratio", thresholds.notable_refusal_ratio);
  archive("retransmission_ratio", thresholds.retransmission_ratio);
  archive("passing_loss_ratio", thresholds.passing_loss_ratio);
  archive("steady_slot_share", thresholds.steady_slot_share);
  archive("standing_queue_share", thresholds.standing_queue_share);
  archive("headroom", thresholds.headroom);
  archive("acceptable_queue_delay_s", thresholds.acceptable_queue_delay_s);
}

void elements(auto& archive, Of<model::Series::Step> auto& step) {
  archive("point", step.point);
  archive.exact("value", step.value);
}

void fields(auto& archive, Of<model::Series> auto& series) {
  archive("first_read", series.first_read);
  archive("last_read", series.last_read);
  archive.rare("born", series.born);
  archive("steps", series.steps);
}

void fields(auto& archive, Of<model::Timeline> auto& timeline) {
  archive("at_ns", timeline.at_ns);
  archive("counters", timeline.counters);
  archive("gauges", timeline.gauges);
}

void elements(auto& archive, Of<model::BurstSlot> auto& burst) {
  archive("slot", burst.slot);
  archive("packets", burst.packets);
  archive("bytes", burst.bytes);
  archive("truesize_bytes", burst.truesize_bytes);
}

void fields(auto& archive, Of<model::DropTally> auto& tally) {
  archive("symbol", tally.symbol);
  archive("offset", tally.offset);
  archive("module", tally.module);
  archive("reason", tally.reason);
  archive("netns", tally.netns);
  archive("ifindex", tally.ifindex);
  archive("protocol", tally.protocol);
  archive("port", tally.port);
  archive.rare("made_here", tally.made_here);
  archive.rare("opens_connection", tally.opens_connection);
  archive("events", tally.events);
  archive("packets", tally.packets);
  archive("bytes", tally.bytes);
  archive("truesize_bytes", tally.truesize_bytes);
  archive("series", tally.series);
  archive("by_cpu", tally.by_cpu);
  archive("bursts", tally.bursts);
  archive("bursts_complete", tally.bursts_complete);
}

void elements(auto& archive, Of<model::Flow> auto& flow) {
  archive("protocol", flow.protocol);
  archive("source", flow.source);
  archive("source_port", flow.source_port);
  archive("destination", flow.destination);
  archive("destination_port", flow.destination_port);
}

void fields(auto& archive, Of<model::DropSample> auto& sample) {
  archive("at_ns", sample.at_ns);
  archive("tally", sample.tally);
  archive("cpu", sample.cpu);
  archive("length_bytes", sample.length_bytes);
  archive("headers_hex", sample.headers_hex);
  archive("flow", sample.flow);
  archive("stack", sample.stack);
  archive.exact("socket_cookie", sample.socket_cookie);
  archive.exact("socket_inode", sample.socket_inode);
  archive("receive_queue_bytes", sample.receive_queue_bytes);
  archive("receive_buffer_bytes", sample.receive_buffer_bytes);
  archive.exact("cgroup", sample.cgroup);
  archive("comm", sample.comm);
}

void fields(auto& archive, Of<model::DropTrace> auto& trace) {
  archive("rung", trace.rung);
  archive("tallies", trace.tallies);
  archive("samples", trace.samples);
  archive("events_sampled", trace.events_sampled);
  archive("events_left_out", trace.events_left_out);
  archive("outside_table", trace.outside_table);
  archive("recursion_misses", trace.recursion_misses);
  archive("map_bytes", trace.map_bytes);
  archive("other_tracers", trace.other_tracers);
}

void fields(auto& archive, Of<model::Owner> auto& owner) {
  archive("pid", owner.pid);
  archive("comm", owner.comm);
  archive("cgroup", owner.cgroup);
  archive("unit", owner.unit);
  archive("container", owner.container);
}

void fields(auto& archive, Of<model::TcpInfo> auto& tcp) {
  archive("timer", tcp.timer);
  archive("timer_ms", tcp.timer_ms);
  archive("congestion", tcp.congestion);
  archive("congestion_state", tcp.congestion_state);
  archive("retransmitted", tcp.retransmitted);
  archive("lost", tcp.lost);
  archive("rtt_us", tcp.rtt_us);
  archive("rtt_variance_us", tcp.rtt_variance_us);
  archive("min_rtt_us", tcp.min_rtt_us);
  archive("receive_rtt_us", tcp.receive_rtt_us);
  archive("rto_us", tcp.rto_us);
  archive("ato_us", tcp.ato_us);
  archive("backoff", tcp.backoff);
  archive("cwnd", tcp.cwnd);
  archive("ssthresh", tcp.ssthresh);
  archive("send_mss", tcp.send_mss);
  archive("receive_mss", tcp.receive_mss);
  archive("advertised_mss", tcp.advertised_mss);
  archive("path_mtu", tcp.path_mtu);
  archive("send_window", tcp.send_window);
  archive("unacked", tcp.unacked);
  archive("sacked", tcp.sacked);
  archive("reordering", tcp.reordering);
  archive("reorderings_seen", tcp.reorderings_seen);
  archive("dsacks", tcp.dsacks);
  archive("out_of_order", tcp.out_of_order);
  archive("segments_sent", tcp.segments_sent);
  archive("segments_received", tcp.segments_received);
  archive("data_segments_sent", tcp.data_segments_sent);
  archive("data_segments_received", tcp.data_segments_received);
  archive("delivered", tcp.delivered);
  archive("delivered_ce", tcp.delivered_ce);
  archive("receive_space", tcp.receive_space);
  archive("receive_ssthresh", tcp.receive_ssthresh);
  archive("not_sent_bytes", tcp.not_sent_bytes);
  archive("last_data_sent_ms", tcp.last_data_sent_ms);
  archive("last_data_received_ms", tcp.last_data_received_ms);
  archive("last_ack_received_ms", tcp.last_ack_received_ms);
  archive.exact("bytes_sent", tcp.bytes_sent);
  archive.exact("bytes_retransmitted", tcp.bytes_retransmitted);
  archive.exact("bytes_acked", tcp.bytes_acked);
  archive.exact("bytes_received", tcp.bytes_received);
  archive.exact("pacing_bytes_per_s", tcp.pacing_bytes_per_s);
  archive.exact("delivery_bytes_per_s", tcp.delivery_bytes_per_s);
  archive.exact("busy_us", tcp.busy_us);
  archive.exact("limited_by_peer_us", tcp.limited_by_peer_us);
  archive.exact("limited_by_buffer_us", tcp.limited_by_buffer_us);
}

void fields(auto& archive, Of<model::Socket> auto& socket) {
  archive("netns", socket.netns);
  archive("protocol", socket.protocol);
  archive("family", socket.family);
  archive("state", socket.state);
  archive("local", socket.local);
  archive("local_port", socket.local_port);
  archive("remote", socket.remote);
  archive("remote_port", socket.remote_port);
  archive("ifindex", socket.ifindex);
  archive.exact("inode", socket.inode);
  archive.exact("cookie", socket.cookie);
  archive("uid", socket.uid);
  archive("receive_queue", socket.receive_queue);
  archive("send_queue", socket.send_queue);
  archive("receive_memory", socket.receive_memory);
  archive("receive_buffer", socket.receive_buffer);
  archive("send_memory", socket.send_memory);
  archive("send_buffer", socket.send_buffer);
  archive("drops", socket.drops);
  archive("drops_at_start", socket.drops_at_start);
  archive.rare("vanished", socket.vanished);
  archive("tcp", socket.tcp);
  archive("owner", socket.owner);
}

void fields(auto& archive, Of<model::SpecialRoute> auto& route) {
  archive("netns", route.netns);
  archive("type", route.type);
  archive("destination", route.destination);
  archive("table", route.table);
  archive("metric", route.metric);
}

void fields(auto& archive, Of<model::RouteLookup> auto& lookup) {
  archive("netns", lookup.netns);
  archive("source", lookup.source);
  archive("destination", lookup.destination);
  archive("from_ifindex", lookup.from_ifindex);
  archive("type", lookup.type);
  archive("error", lookup.error);
  archive("ifindex", lookup.ifindex);
  archive("gateway", lookup.gateway);
}

void fields(auto& archive, Of<model::Neighbour> auto& neighbour) {
  archive("netns", neighbour.netns);
  archive("ifindex", neighbour.ifindex);
  archive("address", neighbour.address);
  archive("state", neighbour.state);
  archive("link_layer", neighbour.link_layer);
}

void fields(auto& archive, Of<model::PathProgram> auto& program) {
  archive("netns", program.netns);
  archive("ifindex", program.ifindex);
  archive("hook", program.hook);
  archive("kind", program.kind);
  archive("id", program.id);
  archive("name", program.name);
  archive("tag", program.tag);
  archive("attachment", program.attachment);
}

void fields(auto& archive, Of<model::FirewallChain> auto& chain) {
  archive("netns", chain.netns);
  archive("backend", chain.backend);
  archive("family", chain.family);
  archive("table", chain.table);
  archive("name", chain.name);
  archive("hook", chain.hook);
  archive("device", chain.device);
  archive("priority", chain.priority);
  archive("policy", chain.policy);
  archive("drop_rules", chain.drop_rules);
  archive("leads_to", chain.leads_to);
}

void fields(auto& archive, Of<model::KernelMessage> auto& message) {
  archive("at_s", message.at_s);
  archive("kind", message.kind);
  archive("text", message.text);
}

void fields(auto& archive, Of<model::BlindSpot> auto& spot) {
  archive("what", spot.what);
  archive("why", spot.why);
  archive("enable", spot.enable);
  archive("stages", spot.stages);
}

void fields(auto& archive, Of<model::Grant> auto& grant) {
  archive("command", grant.command);
  archive("obstacle", grant.obstacle);
}

void fields(auto& archive, Of<model::Cost> auto& cost) {
  archive("cpu_ms", cost.cpu_ms);
  archive("max_rss_kib", cost.max_rss_kib);
}

void fields(auto& archive, Of<model::Evidence> auto& evidence) {
  archive("version", evidence.version);
  archive("host", evidence.host);
  archive("window", evidence.window);
  archive("thresholds", evidence.thresholds);
  archive("netns", evidence.netns);
  archive("devices", evidence.devices);
  archive("timeline", evidence.timeline);
  archive("drops", evidence.drops);
  archive("sockets", evidence.sockets);
  archive("special_routes", evidence.special_routes);
  archive("route_lookups", evidence.route_lookups);
  archive("neighbours", evidence.neighbours);
  archive("path_programs", evidence.path_programs);
  archive("firewall_chains", evidence.firewall_chains);
  archive("settings", evidence.settings);
  archive("kernel_messages", evidence.kernel_messages);
  archive("blind_spots", evidence.blind_spots);
  archive("grant", evidence.grant);
  archive("cost", evidence.cost);
}

// Which of the two shapes a type has.
struct AnyArchive {
  void operator()(const char* /*name*/, auto& /*member*/) {}
  void exact(const char* /*name*/, auto& /*member*/) {}
  void rare(const char* /*name*/, auto& /*member*/) {}
};

template <class T>
concept HasElements = requires(AnyArchive& archive, T& value) { elements(archive, value); };

}  // namespace formats
