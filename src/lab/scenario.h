// A scenario as its script declares it: what fault it makes and what must be found.
//
// The declaration is the script's first comment block, one `# key: value` a line; it ends at the
// first line that is something else. Keys may be repeated where the field is a list. Behind it
// stand shell functions: setup, traffic and, where the fault can be cured inside the lab, cure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lab {

// A remedy that must not be offered: its kind, and a piece of its command or target.
struct ForbiddenRemedy {
  std::string kind;
  std::string text;
  friend bool operator==(const ForbiddenRemedy&, const ForbiddenRemedy&) = default;
};

// What the first finding must name; empty or 0 = does not matter.
struct ExpectedObject {
  std::string comm;
  std::string port;
  std::string netns;  // the scenario's own name for it: "server"
  friend bool operator==(const ExpectedObject&, const ExpectedObject&) = default;
};

// A finding beside the first one.
struct ExpectedBeside {
  std::string cause;
  std::string packets;  // a sum, as expect.packets
  friend bool operator==(const ExpectedBeside&, const ExpectedBeside&) = default;
};

// A counter that must be named as an echo of the first finding's account.
struct ExpectedEcho {
  std::string counter;  // "link.tx_dropped"
  std::string netns;    // the scenario's own name for it
  friend bool operator==(const ExpectedEcho&, const ExpectedEcho&) = default;
};

struct Expectations {
  std::string cause;    // expect.cause: of the first finding; "" = no finding above notice
  std::string because;  // expect.because: its first root
  std::string verdict;  // expect.verdict
  // expect.packets: a sum of what the traffic counted ("sent - received", "late.sent", "0"), with
  // the tolerance in percent ("± 2 %").
  std::string packets = "0";
  double tolerance_percent = 0;
  ExpectedObject object;                     // expect.object: comm=… port=… netns=…
  std::vector<ExpectedBeside> beside;        // expect.also: CAUSE = SUM; CAUSE = SUM
  std::string hit;                           // expect.hit: a namespace that the loss hits
  std::vector<ExpectedEcho> echoes;          // expect.echo: COUNTER NETNS; COUNTER NETNS
  std::vector<std::string> not_accused;      // expect.not: causes and roots
  std::vector<ForbiddenRemedy> not_offered;  // expect.not-remedy: KIND TEXT; KIND TEXT
  std::vector<std::string> says;             // expect.says: words of the explanation
  std::optional<std::string> after_cure;     // expect.after-cure: packets lost after the cure
};

struct Scenario {
  std::string name;  // "udp.receive-buffer-full", "healthy.ping", "healthy.ping+twin"
  std::string title;
  std::string touches;             // "namespaces", "host-wide"
  std::vector<std::string> needs;  // programs beside ip and sh
  // Its own names of the namespaces that the diagnosis is asked about (-n); empty = all it makes.
  std::vector<std::string> select;
  std::string cure;       // id of the remedy that the cure function carries out; "" = none
  bool has_twin = false;  // twin: yes
  Expectations expect;
  std::string script;  // everything, prelude included; its first argument is the function to run
};

// "healthy/ping.sh" -> "healthy.ping"; a file that carries an id of the contract keeps it:
// "socket-rx/udp.receive-buffer-full.sh" -> "udp.receive-buffer-full".
[[nodiscard]] std::string name_of_path(std::string_view path);

// Error: "lab/PATH: …": an unknown key, a missing title, an expectation that says nothing.
[[nodiscard]] base::Result<Scenario> parse_scenario(std::string_view path, std::string_view text);

// All scenarios of the binary by name, twins included. Error: a script with a faulty declaration.
[[nodiscard]] base::Result<std::vector<Scenario>> all_scenarios();

}  // namespace lab
